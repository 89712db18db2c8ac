/**
 * The outcome of a request's preconditions and Range (RFC 9110 §13, §14) in words, one by one.
 *
 * In:    the request's head; the selected representation.
 * Out:   a decision for each field that is there, in the order of RFC 9110 §13.2.2.
 * Keeps: asks the functions that decide (http/preconditions.ts, site/represent/range-selection.ts) once more, with the representation that
 *        the answer was made from.
 */
import { RangeOutcome } from "../../http/byte-range.ts";
import { Field } from "../../http/field.ts";
import { evaluateChanged, evaluateUnchanged, Precondition, statusOf } from "../../http/preconditions.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { FileReplies } from "../../site/represent/file-replies.ts";
import { RangeSelection } from "../../site/represent/range-selection.ts";
import type { Decision } from "./explanation.ts";

const TRUE = "true: continue";
const STALE = "false: 412";
const KNOWN = "false, the client has it: 304";

const PRECONDITION_TEXT: Readonly<Record<Precondition, string>> = {
  [Precondition.Absent]: "",
  [Precondition.Undated]: "ignored: there is no modification date to compare with (RFC 9110 §13.1.3, §13.1.4)",
  [Precondition.RepeatedDate]: "ignored: given more than once",
  [Precondition.InvalidDate]: "ignored: not a valid date",
  [Precondition.MatchHolds]: TRUE,
  [Precondition.UnmodifiedSinceHolds]: TRUE,
  [Precondition.NoneMatchHolds]: TRUE,
  [Precondition.ModifiedSinceHolds]: TRUE,
  [Precondition.NoneMatchMatched]: KNOWN,
  [Precondition.NotModifiedSince]: KNOWN,
  [Precondition.MatchFailed]: STALE,
  [Precondition.ModifiedMeanwhile]: STALE,
  [Precondition.NoneMatchForbids]: STALE,
};

type NamedField = readonly [name: string, field: Field];
const IF_MATCH: NamedField = ["If-Match", Field.IfMatch];
const IF_UNMODIFIED_SINCE: NamedField = ["If-Unmodified-Since", Field.IfUnmodifiedSince];
const IF_NONE_MATCH: NamedField = ["If-None-Match", Field.IfNoneMatch];
const IF_MODIFIED_SINCE: NamedField = ["If-Modified-Since", Field.IfModifiedSince];

export function explainPreconditions(head: RequestHead, replies: FileReplies): Decision[] {
  const { entityTag, lastModified, lastModifiedSeconds } = replies;
  const unchanged = evaluateUnchanged(head, entityTag, lastModifiedSeconds);
  const changed = evaluateChanged(head, entityTag, lastModifiedSeconds, lastModified);
  const isReached = statusOf(unchanged) === 0;
  return [
    ...pairOfFields(head, IF_MATCH, IF_UNMODIFIED_SINCE, PRECONDITION_TEXT[unchanged]),
    ...pairOfFields(head, IF_NONE_MATCH, IF_MODIFIED_SINCE, isReached ? PRECONDITION_TEXT[changed] : "not reached"),
  ];
}

/** Of the two, the date counts only without the tag. */
function pairOfFields(head: RequestHead, tag: NamedField, date: NamedField, outcome: string): Decision[] {
  const [first, second] = [tag, date].filter(([, field]) => head.has(field));
  if (first === undefined) return [];
  const decisions = [decision("precondition", subjectOf(head, first), outcome)];
  if (second !== undefined) {
    const ignored = `ignored because of ${tag[0]} (RFC 9110 §13.2.2)`;
    decisions.push(decision("precondition", subjectOf(head, second), ignored));
  }
  return decisions;
}

const RANGE_TEXT: Readonly<Record<RangeOutcome, string>> = {
  [RangeOutcome.Absent]: "",
  [RangeOutcome.Unsatisfiable]: "not satisfiable",
  [RangeOutcome.OtherMethod]: "ignored: only GET has ranges (RFC 9110 §14.2)",
  [RangeOutcome.Repeated]: "ignored: given more than once",
  [RangeOutcome.IfRangeStale]: "ignored because of If-Range",
  [RangeOutcome.CodingNotNamed]: "ignored: a slice of a coding is only for clients that name its entity tag",
  [RangeOutcome.PartsOfCoding]: "ignored: several slices of a coding can't be sent in parts",
  [RangeOutcome.OtherUnit]: "ignored: not a range of bytes",
  [RangeOutcome.EmptyContent]: "ignored: the content is empty",
  [RangeOutcome.Malformed]: "ignored: not valid byte ranges (RFC 9110 §14.1.1)",
  [RangeOutcome.TooMany]: "ignored: too many ranges",
  [RangeOutcome.Wasteful]: "ignored: the ranges overlap, are out of order, or take more octets than the whole",
};

export function explainRange(head: RequestHead, replies: FileReplies): Decision[] {
  if (!head.has(Field.Range)) return [];
  const ranges = new RangeSelection();
  const count = ranges.evaluate(replies, head);
  const range = decision(
    "range",
    subjectOf(head, ["Range", Field.Range]),
    rangesText(count, ranges.pairs, replies.size),
  );
  const isIfRangeRead = count !== RangeOutcome.OtherMethod && count !== RangeOutcome.Repeated;
  if (!head.has(Field.IfRange) || !isIfRangeRead) return [range];
  const subject = subjectOf(head, ["If-Range", Field.IfRange]);
  if (count !== RangeOutcome.IfRangeStale) {
    return [decision("range", subject, "is the current validator: the range applies"), range];
  }
  return [decision("range", subject, "is not the current validator: the whole file is sent")];
}

/** `count`: of ranges, or a RangeOutcome. */
function rangesText(count: number, pairs: Float64Array, octets: number): string {
  if (count === RangeOutcome.Unsatisfiable) return `not satisfiable, the length is ${octets}: 416`;
  if (count < 0) return RANGE_TEXT[count as RangeOutcome];
  const texts = Array.from({ length: count }, (_, index) => `${pairs[index * 2]}-${pairs[index * 2 + 1]}`);
  return `octets ${texts.join(", ")} of ${octets}`;
}

function subjectOf(head: RequestHead, [name, field]: NamedField): string {
  return `${name}: ${head.value(field)}`;
}

function decision(step: "precondition" | "range", subject: string, outcome: string): Decision {
  return { step, subject, outcome, setting: "", place: "" };
}

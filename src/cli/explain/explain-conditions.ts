/**
 * The outcome of a request's preconditions and Range (RFC 9110 §13, §14), one by one.
 *
 * In:    the request's head; the validators and length of the selected representation.
 * Out:   a decision for each field that is there, in the order of RFC 9110 §13.2.2.
 * Keeps: calls the functions that serve, for one field at a time: `present` says which fields a head has.
 */
import { evaluateIfRange, parseByteRanges } from "../../http/byte-range.ts";
import { Field } from "../../http/field.ts";
import { parseHttpDate } from "../../http/http-date.ts";
import { Method } from "../../http/method.ts";
import { evaluatePreconditions, Precondition } from "../../http/preconditions.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { RANGES_MAX } from "../../site/represent/conditional-replies.ts";
import { namesRepresentation } from "../../site/represent/range-selection.ts";
import type { Decision } from "./explanation.ts";

/** Validators and length of the selected representation. */
export interface Selected {
  readonly entityTag: string;
  readonly lastModified: string;
  readonly octets: number;
  /** Whether it was chosen by Accept-Encoding among others, and is coded. */
  readonly isNegotiatedCoding: boolean;
}

/** A field, and the one that makes it irrelevant. */
const PRECONDITIONS: readonly (readonly [name: string, field: Field, unless: readonly [string, Field] | null])[] = [
  ["If-Match", Field.IfMatch, null],
  ["If-Unmodified-Since", Field.IfUnmodifiedSince, ["If-Match", Field.IfMatch]],
  ["If-None-Match", Field.IfNoneMatch, null],
  ["If-Modified-Since", Field.IfModifiedSince, ["If-None-Match", Field.IfNoneMatch]],
];

const OUTCOMES: Readonly<Record<Precondition, string>> = {
  [Precondition.Proceed]: "true: continue",
  [Precondition.NotModified]: "false, the client has it: 304",
  [Precondition.Failed]: "false: 412",
};

const UNDATED = "ignored: there is no modification date to compare with (RFC 9110 §13.1.3, §13.1.4)";

export function explainPreconditions(head: RequestHead, selected: Selected): Decision[] {
  const decisions: Decision[] = [];
  let isDecided = false;
  for (const [name, field, unless] of PRECONDITIONS) {
    if (!head.has(field)) continue;
    const subject = `${name}: ${head.value(field)}`;
    if (isDecided) decisions.push(decision("precondition", subject, "not reached"));
    else if (unless !== null && head.has(unless[1])) {
      decisions.push(decision("precondition", subject, `ignored because of ${unless[0]} (RFC 9110 §13.2.2)`));
    } else {
      const outcome = evaluateAlone(head, field, selected);
      isDecided = outcome !== Precondition.Proceed;
      const isUndated = selected.lastModified === "" && name.endsWith("-Since");
      decisions.push(decision("precondition", subject, isUndated ? UNDATED : OUTCOMES[outcome]));
    }
  }
  return decisions;
}

export function explainRange(head: RequestHead, selected: Selected): Decision[] {
  if (!head.has(Field.Range)) return [];
  const subject = `Range: ${head.value(Field.Range)}`;
  if (head.method !== Method.Get) return [decision("range", subject, "ignored: only GET has ranges (RFC 9110 §14.2)")];
  if (head.isRepeated(Field.Range)) return [decision("range", subject, "ignored: given more than once")];
  const decisions: Decision[] = [];
  const { isNegotiatedCoding, octets } = selected;
  const entityTag = Buffer.from(selected.entityTag, "latin1");
  // A date doesn't tell codings apart (range-selection.ts).
  const lastModified = isNegotiatedCoding ? NaN : secondsOf(selected.lastModified);
  if (head.has(Field.IfRange)) {
    const holds = evaluateIfRange(head, entityTag, lastModified);
    const outcome = holds
      ? "is the current validator: the range applies"
      : "is not the current validator: the whole file is sent";
    decisions.push(decision("range", `If-Range: ${head.value(Field.IfRange)}`, outcome));
    if (!holds) return decisions;
  } else if (isNegotiatedCoding && !namesRepresentation(head, entityTag)) {
    return [decision("range", subject, "ignored: a slice of a coding is only for clients that name its entity tag")];
  }
  const ranges = new Float64Array(RANGES_MAX * 2);
  const count = parseByteRanges(head.bytes, head.valueStart(Field.Range), head.valueEnd(Field.Range), octets, ranges);
  return [...decisions, decision("range", subject, describeRanges(ranges, count, octets))];
}

function describeRanges(ranges: Float64Array, count: number, octets: number): string {
  if (count === -1) return `not satisfiable, the length is ${octets}: 416`;
  if (count === 0) return "ignored: no valid byte ranges, too many, or empty content";
  const pairs = Array.from({ length: count }, (_, index) => `${ranges[index * 2]}-${ranges[index * 2 + 1]}`);
  return `octets ${pairs.join(", ")} of ${octets}`;
}

/** With the other fields hidden. */
function evaluateAlone(head: RequestHead, field: Field, { entityTag, lastModified }: Selected): Precondition {
  const { present } = head;
  head.present = 1 << field;
  try {
    const sent = Buffer.from(lastModified, "latin1");
    return evaluatePreconditions(head, Buffer.from(entityTag, "latin1"), secondsOf(lastModified), sent);
  } finally {
    head.present = present;
  }
}

function secondsOf(date: string): number {
  const octets = Buffer.from(date, "latin1");
  return parseHttpDate(octets, 0, octets.length);
}

function decision(step: "precondition" | "range", subject: string, outcome: string): Decision {
  return { step, subject, outcome, setting: "", place: "" };
}

/**
 * The reply to a conditional request or one for a range, from the ready replies of the selected representation.
 *
 *   1 preconditions   304, 412, or continue (RFC 9110 §13.2.2)
 *   2 If-Range        whether Range applies (§13.1.5)
 *   3 Range           one range, several in parts, 416, or the whole representation where it is ignored (§14.2)
 *
 * In:    a head with any of the fields; the representation's validators and replies.
 * Keeps: a 304 and a range of a cached file are ready, or assembled in a reused buffer.
 */
import { evaluateIfRange, IGNORE_RANGES, parseByteRanges } from "../http/byte-range.ts";
import { Field } from "../http/field.ts";
import { Method } from "../http/method.ts";
import { coalesceRanges } from "../http/multipart-ranges.ts";
import { evaluatePreconditions, Precondition } from "../http/preconditions.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { FileReplies } from "./file-replies.ts";
import { NO_EDITS } from "./rules/field-edit.ts";

/** The fields of preconditions, as bits of `RequestHead.present`. */
export const CONDITIONAL_FIELDS =
  (1 << Field.IfMatch) | (1 << Field.IfNoneMatch) | (1 << Field.IfModifiedSince) | (1 << Field.IfUnmodifiedSince);

/** Most ranges that one request may ask for; one with more gets the whole representation (RFC 9110 §14.2). */
export const RANGES_MAX = 16;

export class ConditionalReplies {
  private readonly ranges = new Float64Array(RANGES_MAX * 2);

  constructor(private readonly errors: ErrorReplies) {}

  /** The reply to a GET or HEAD that has any of CONDITIONAL_FIELDS or Range. */
  of(replies: FileReplies, head: RequestHead): Reply {
    const headOnly = head.method === Method.Head;
    if ((head.present & CONDITIONAL_FIELDS) !== 0) {
      const { entityTag, lastModified, lastModifiedSeconds } = replies;
      switch (evaluatePreconditions(head, entityTag, lastModifiedSeconds, lastModified)) {
        case Precondition.NotModified:
          return replies.notModified;
        case Precondition.Failed:
          return this.errorsFor(replies).of(412, headOnly, head);
        case Precondition.Proceed:
          break;
      }
    }
    if (headOnly) return replies.headOnly; // Range is defined for GET only (RFC 9110 §14.2)
    return this.selectRange(replies, head) ?? replies.full;
  }

  /** What rules set for the path holds for its 412 and 416, too: a script of another origin may read them (CORS), for example. */
  private errorsFor(replies: FileReplies): ErrorReplies {
    return this.errors.with(replies.fields.edits ?? NO_EDITS);
  }

  private selectRange(replies: FileReplies, head: RequestHead): Reply | null {
    if (!head.has(Field.Range) || head.isRepeated(Field.Range)) return null;
    if (!evaluateIfRange(head, replies.entityTag, replies.lastModifiedSeconds)) return null;
    const { ranges } = this;
    const start = head.valueStart(Field.Range);
    const count = parseByteRanges(head.bytes, start, head.valueEnd(Field.Range), replies.size, ranges);
    if (count === -1) return this.errorsFor(replies).rangeNotSatisfiable(replies.size, head);
    return this.partsOf(replies, count);
  }

  /** The reply with the first `count` of `ranges`, or null for the whole. */
  private partsOf(replies: FileReplies, count: number): Reply | null {
    const { ranges } = this;
    // Beside a body of parts, Content-Encoding would be taken for the coding of that body; a server may ignore Range.
    if (count > 1 && replies.isCoded) return null;
    const joined = count > 1 ? coalesceRanges(ranges, count, replies.size) : count;
    if (joined > 1) return replies.parts(ranges, joined);
    return joined === IGNORE_RANGES ? null : replies.partial(ranges[0]!, ranges[1]!);
  }
}

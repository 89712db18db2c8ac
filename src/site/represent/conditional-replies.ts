/**
 * The reply to a conditional request or one for a range, from the ready replies of the selected representation.
 *
 *   1 preconditions   304, 412, or continue (RFC 9110 §13.2.2)
 *   2 If-Range        whether Range applies (§13.1.5)
 *   3 Range           one range, several in parts, 416, or the whole representation where it is ignored (§14.2)
 *
 * In:    a head with any of the fields; the representation's validators and replies.
 * Keeps: a 304 is ready, and a range of a cached file is but for its numbers. A coded representation is cut for
 *        clients that name it, and no others (range-selection.ts).
 */
import { evaluateIfRange, IGNORE_RANGES, parseByteRanges, UNSATISFIABLE_RANGES } from "../../http/byte-range.ts";
import { Coding } from "../../http/content-coding.ts";
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import { coalesceRanges } from "../../http/multipart-ranges.ts";
import { evaluatePreconditions, Precondition } from "../../http/preconditions.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { FileReplies } from "./file-replies.ts";
import { namesRepresentation } from "./range-selection.ts";
import { NO_EDITS } from "../rules/field-edit.ts";

/** The fields of preconditions, as bits of `RequestHead.present`. */
export const CONDITIONAL_FIELDS =
  (1 << Field.IfMatch) | (1 << Field.IfNoneMatch) | (1 << Field.IfModifiedSince) | (1 << Field.IfUnmodifiedSince);

/**
 * Most ranges that one request may ask for; one with more gets the whole representation (RFC 9110 §14.2). As many as programs send
 * that fetch what they lack of a file (zsync, zchunk); coalesceRanges sees to it that they don't cost more than the whole.
 */
export const RANGES_MAX = 256;

export class ConditionalReplies {
  private readonly ranges = new Float64Array(RANGES_MAX * 2);

  constructor(private readonly errors: ErrorReplies) {}

  /** Whether a GET asks for ranges of this representation that are worth heeding, satisfiable or not. */
  hasRanges(replies: FileReplies, head: RequestHead): boolean {
    return this.rangesOf(replies, head) !== IGNORE_RANGES;
  }

  /** The reply to a GET or HEAD that has any of CONDITIONAL_FIELDS or Range. */
  of(replies: FileReplies, head: RequestHead): Reply {
    return this.unlessMet(replies, head) ?? this.selectRange(replies, head) ?? whole(replies, head);
  }

  /** The same, where Range is to be ignored. */
  ofWhole(replies: FileReplies, head: RequestHead): Reply {
    return this.unlessMet(replies, head) ?? whole(replies, head);
  }

  /** The reply that preconditions make of the request; null for the usual one. */
  private unlessMet(replies: FileReplies, head: RequestHead): Reply | null {
    if ((head.present & CONDITIONAL_FIELDS) === 0) return null;
    const { entityTag, lastModified, lastModifiedSeconds } = replies;
    switch (evaluatePreconditions(head, entityTag, lastModifiedSeconds, lastModified)) {
      case Precondition.NotModified:
        return replies.notModified;
      case Precondition.Failed:
        return this.errorsFor(replies).of(412, head.method === Method.Head, head);
      case Precondition.Proceed:
        return null;
    }
  }

  /** What rules set for the path holds for its 412 and 416, too: a script of another origin may read them (CORS), for example. */
  private errorsFor(replies: FileReplies): ErrorReplies {
    return this.errors.with(replies.fields.edits ?? NO_EDITS);
  }

  private selectRange(replies: FileReplies, head: RequestHead): Reply | null {
    if (!head.has(Field.Range)) return null;
    if (replies.coding !== Coding.Identity && !namesRepresentation(head, replies.entityTag)) return null;
    if (!evaluateIfRange(head, replies.entityTag, replies.lastModifiedSeconds)) return null;
    const { ranges } = this;
    const count = this.rangesOf(replies, head);
    if (count === IGNORE_RANGES) return null;
    if (count === UNSATISFIABLE_RANGES) return this.errorsFor(replies).rangeNotSatisfiable(replies.size, head);
    return count > 1 ? replies.parts(ranges, count) : replies.partial(ranges[0]!, ranges[1]!);
  }

  /** How many of `ranges` are to be sent; IGNORE_RANGES for the whole, or UNSATISFIABLE_RANGES. */
  private rangesOf(replies: FileReplies, head: RequestHead): number {
    // Range is defined for GET only (RFC 9110 §14.2).
    if (head.method !== Method.Get || !head.has(Field.Range) || head.isRepeated(Field.Range)) return IGNORE_RANGES;
    const { ranges } = this;
    const start = head.valueStart(Field.Range);
    const count = parseByteRanges(head.bytes, start, head.valueEnd(Field.Range), replies.size, ranges);
    if (count <= 1) return count;
    // Beside a body of parts, Content-Encoding would be taken for the coding of that body; a server may ignore Range.
    return replies.isCoded ? IGNORE_RANGES : coalesceRanges(ranges, count, replies.size);
  }
}

function whole(replies: FileReplies, head: RequestHead): Reply {
  return head.method === Method.Head ? replies.headOnly : replies.full;
}

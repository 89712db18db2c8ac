/**
 * The reply to a conditional request or one for a range, from the ready replies of the selected representation.
 *
 *   1 preconditions   304, 412, or continue (RFC 9110 §13.2.2; http/preconditions.ts)
 *   2 range           one, several in parts, 416, or the whole representation where Range is ignored (§14.2; range-selection.ts)
 *
 * In:    a head with any of the fields; the representation's validators and replies.
 * Keeps: a 304 is ready, and a range of a cached file is but for its numbers. A coded representation is cut for
 *        clients that name it, and no others (range-selection.ts).
 */
import { RangeOutcome } from "../../http/byte-range.ts";
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import { evaluatePreconditions, statusOf } from "../../http/preconditions.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { FileReplies } from "./file-replies.ts";
import { RangeSelection } from "./range-selection.ts";
import { NO_EDITS } from "../rules/field-edit.ts";

/** The fields of preconditions, as bits of `RequestHead.present`. */
export const CONDITIONAL_FIELDS =
  (1 << Field.IfMatch) | (1 << Field.IfNoneMatch) | (1 << Field.IfModifiedSince) | (1 << Field.IfUnmodifiedSince);

export class ConditionalReplies {
  readonly ranges = new RangeSelection();

  constructor(private readonly errors: ErrorReplies) {}

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
    switch (statusOf(evaluatePreconditions(head, entityTag, lastModifiedSeconds, lastModified))) {
      case 304:
        return replies.notModified;
      case 412:
        return this.errorsFor(replies).of(412, head.method === Method.Head, head);
      case 0:
        return null;
    }
  }

  /** What rules set for the path holds for its 412 and 416, too: a script of another origin may read them (CORS), for example. */
  private errorsFor(replies: FileReplies): ErrorReplies {
    return this.errors.with(replies.fields.edits ?? NO_EDITS);
  }

  /** What Range makes of the reply; null for the whole. */
  private selectRange(replies: FileReplies, head: RequestHead): Reply | null {
    if (!head.has(Field.Range)) return null;
    const { pairs } = this.ranges;
    const count = this.ranges.evaluate(replies, head);
    if (count > 1) return replies.parts(pairs, count);
    if (count === 1) return replies.partial(pairs[0]!, pairs[1]!);
    return count === RangeOutcome.Unsatisfiable
      ? this.errorsFor(replies).rangeNotSatisfiable(replies.size, head)
      : null;
  }
}

function whole(replies: FileReplies, head: RequestHead): Reply {
  return head.method === Method.Head ? replies.headOnly : replies.full;
}

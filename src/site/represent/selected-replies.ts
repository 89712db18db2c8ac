/**
 * From what a path has to offer to one reply: the representation that the client prefers (RFC 9110 §12), then its preconditions
 * (§13), then Range (§14), then the whole.
 *
 * In:    the representations of a file or of a page; a GET or HEAD; why the cache had no answer, if it had none.
 * Out:   the reply; null where the preferred content coding has to be made first, or the file isn't any more what its tag says.
 * Keeps: leaves nothing behind. A hit allocates nothing.
 */
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { Forward } from "./cache-field.ts";
import type { Coder } from "../coding/coder.ts";
import type { Variants } from "../coding/variants.ts";
import { CONDITIONAL_FIELDS, ConditionalReplies } from "./conditional-replies.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { FileReplies } from "./file-replies.ts";

/** Fields that make a GET more than a plain one, as bits of `RequestHead.present`. */
const SPECIAL_FIELDS = CONDITIONAL_FIELDS | (1 << Field.Range);

/** What can be selected from. */
export interface Representations {
  readonly replies: FileReplies;
  /** The same in other content codings; null where there is nothing to choose from. */
  readonly variants: Variants | null;
}

export class SelectedReplies {
  private readonly conditional: ConditionalReplies;

  constructor(
    private readonly coder: Coder,
    errors: ErrorReplies,
  ) {
    this.conditional = new ConditionalReplies(errors);
  }

  /**
   * `nowMs`: the monotonic clock. `forward`: null for an answer from the cache; the files that such an answer is sent from are
   * asked whether they are still what they were.
   */
  of({ replies, variants }: Representations, head: RequestHead, nowMs: number, forward: Forward | null): Reply | null {
    if (variants === null) return this.from(replies, head, nowMs, forward);
    if (this.isForPlainRanges(variants, head)) return this.from(variants.identity, head, nowMs, forward);
    const { coder } = this;
    const selected = coder.select(variants, head);
    if ((head.present & CONDITIONAL_FIELDS) !== 0) {
      const notModified = coder.notModified(variants, selected, head);
      if (notModified !== null) return notModified;
    }
    if (selected === null) return null;
    const reply = this.from(selected, head, nowMs, forward);
    if (reply?.status === 200 && head.method === Method.Get) coder.count(variants, selected);
    return reply;
  }

  /** The reply with the uncoded content, where the representation that the client prefers isn't available. */
  uncoded({ replies }: Representations, head: RequestHead, forward: Forward): Reply {
    // Ranges of the uncoded content needed no other representation: those asked for here are of the one that isn't available.
    return this.conditional.ofWhole(replies.asMiss(forward), head);
  }

  /** Whether ranges are asked for that are cut from the file itself (range-selection.ts). */
  private isForPlainRanges({ identity }: Variants, head: RequestHead): boolean {
    if (!head.has(Field.Range)) return false;
    return this.conditional.ranges.areOfIdentity(identity, this.coder.acceptsIdentity(head), head);
  }

  private from(known: FileReplies, head: RequestHead, nowMs: number, forward: Forward | null): Reply | null {
    if (forward === null && known.file !== null && !known.file.isIntact(nowMs)) return null;
    const replies = forward === null ? known : known.asMiss(forward);
    if ((head.present & SPECIAL_FIELDS) !== 0) return this.conditional.of(replies, head);
    return head.method === Method.Head ? replies.headOnly : replies.full;
  }
}

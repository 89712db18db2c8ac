/**
 * From what a path has to offer to one reply: the representation that the client prefers (RFC 9110 §12; variant-selection.ts), then
 * its preconditions (§13), then Range (§14), then the whole.
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
import { VariantSelection } from "./variant-selection.ts";

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
  private readonly selection: VariantSelection;

  constructor(
    private readonly coder: Coder,
    errors: ErrorReplies,
  ) {
    this.conditional = new ConditionalReplies(errors);
    this.selection = new VariantSelection(coder, this.conditional.ranges);
  }

  /**
   * `nowMs`: the monotonic clock. `forward`: null for an answer from the cache; the files that such an answer is sent from are
   * asked whether they are still what they were.
   */
  of({ replies, variants }: Representations, head: RequestHead, nowMs: number, forward: Forward | null): Reply | null {
    if (variants === null) return this.from(replies, head, nowMs, forward);
    const { selection } = this;
    selection.make(variants, head);
    const { notModified, replies: selected } = selection;
    if (notModified !== null || selected === null) return notModified;
    const reply = this.from(selected, head, nowMs, forward);
    if (reply?.status === 200 && head.method === Method.Get) this.coder.count(variants, selected);
    return reply;
  }

  /** The reply with the uncoded content, where the representation that the client prefers isn't available. */
  uncoded({ replies }: Representations, head: RequestHead, forward: Forward): Reply {
    // Ranges of the uncoded content needed no other representation: those asked for here are of the one that isn't available.
    return this.conditional.ofWhole(replies.asMiss(forward), head);
  }

  private from(known: FileReplies, head: RequestHead, nowMs: number, forward: Forward | null): Reply | null {
    if (forward === null && known.file !== null && !known.file.isIntact(nowMs)) return null;
    const replies = forward === null ? known : known.asMiss(forward);
    if ((head.present & SPECIAL_FIELDS) !== 0) return this.conditional.of(replies, head);
    return head.method === Method.Head ? replies.headOnly : replies.full;
  }
}

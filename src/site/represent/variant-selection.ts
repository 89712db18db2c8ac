/**
 * Which of a file's or page's representations answers a request, where there are several (RFC 9110 §12).
 *
 *   1 ranges        are cut from the file as it is, unless the client names another representation (range-selection.ts)
 *   2 the coding    that the client prefers, if it can be had already
 *   3 304           for a client that holds other octets of that coding (coding/coded-entity-tag.ts)
 *
 * In:    the variants; a GET or HEAD.
 * Out:   in the object itself, until it is asked again: so whoever serves allocates nothing, and explain sees why.
 */
import { Field } from "../../http/field.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { Coder } from "../coding/coder.ts";
import type { Variants } from "../coding/variants.ts";
import type { FileReplies } from "./file-replies.ts";
import type { RangeSelection } from "./range-selection.ts";

export class VariantSelection {
  /** The replies to choose from; null: the representation that the client prefers has to be made first. */
  replies: FileReplies | null = null;
  /** Whether it is the file as it is because ranges are asked for. */
  isForRanges = false;
  /** The reply to a client that holds other octets of the same; null for all others. */
  notModified: Reply | null = null;

  constructor(
    private readonly coder: Coder,
    private readonly ranges: RangeSelection,
  ) {}

  make(variants: Variants, head: RequestHead): void {
    const { coder, ranges } = this;
    const { identity } = variants;
    this.notModified = null;
    this.isForRanges = head.has(Field.Range) && ranges.areOfIdentity(identity, coder.acceptsIdentity(head), head);
    this.replies = this.isForRanges ? identity : coder.select(variants, head);
    if (!this.isForRanges) this.notModified = coder.notModified(variants, this.replies, head);
  }
}

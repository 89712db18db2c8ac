/**
 * The representation that answers a request, and why it is that one: what preconditions and Range are about.
 *
 * In:    the file or page that the answer was made from; the request's head.
 * Keeps: asks what serves (site/represent/variant-selection.ts) once more, in the state in which they gave the answer: what could be
 *        made for it has been made.
 */
import type { Coding } from "../../http/content-coding.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { CodingOutcome } from "../../site/coding/coding-outcome.ts";
import type { Coder } from "../../site/coding/coder.ts";
import { EntryKind } from "../../site/entry/entry-kind.ts";
import type { FileEntry } from "../../site/entry/file-entry.ts";
import type { FileReplies } from "../../site/represent/file-replies.ts";
import type { ListingEntry } from "../../site/listing/listing-entry.ts";
import { RangeSelection } from "../../site/represent/range-selection.ts";
import { VariantSelection } from "../../site/represent/variant-selection.ts";

export interface SelectedRepresentation {
  readonly replies: FileReplies;
  /** Null where there was nothing to choose from. */
  readonly outcome: CodingOutcome | null;
  /** The coding that is yet to be made. */
  readonly pending: Coding;
  /** Whether the client has other octets of the same coding: 304 (site/coding/coded-entity-tag.ts). */
  readonly isKnownOtherwise: boolean;
}

export function selectedFrom(entry: FileEntry | ListingEntry, head: RequestHead, coder: Coder): SelectedRepresentation {
  const { replies, variants } = entry.kind === EntryKind.File ? entry : entry.pageFor(head);
  if (variants === null) return { replies, outcome: null, pending: replies.coding, isKnownOtherwise: false };
  const selection = new VariantSelection(coder, new RangeSelection());
  selection.make(variants, head);
  const { isForRanges, notModified } = selection;
  const sent = selection.replies ?? variants.identity;
  return {
    replies: sent,
    outcome: isForRanges ? CodingOutcome.IdentityForRanges : coder.outcomeOf(variants, sent.coding, head),
    pending: coder.pendingFor(variants, head),
    isKnownOtherwise: notModified !== null,
  };
}

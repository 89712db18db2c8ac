/**
 * Which content coding was selected, and why no other (RFC 9110 §12.5.3), in words.
 *
 * In:    a request's head; the file or page that answers; its representation that was selected (selected-representation.ts).
 * Out:   decisions: the coding, where there is a choice; neighbours that are there and aren't used; a file that is too large.
 */
import { CODING_NAME } from "../../http/content-coding.ts";
import { Field } from "../../http/field.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { type Coder, Reading } from "../../site/coding/coder.ts";
import { CodingOutcome, Making } from "../../site/coding/coding-outcome.ts";
import { FAULT_TEXT } from "../../site/coding/neighbour-fault.ts";
import { EntryKind } from "../../site/entry/entry-kind.ts";
import type { FileEntry } from "../../site/entry/file-entry.ts";
import type { ListingEntry } from "../../site/listing/listing-entry.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";
import type { SelectedRepresentation } from "./selected-representation.ts";

/** What follows the coding's name. */
const OUTCOME_TEXT: Readonly<Record<CodingOutcome, string>> = {
  [CodingOutcome.Identity]: "as it is",
  [CodingOutcome.IdentityForRanges]: "ranges are of the file as it is",
  [CodingOutcome.IdentityUntilMade]: "the file as it is, until",
  [CodingOutcome.Neighbour]: "a precompressed file",
  [CodingOutcome.Compressed]: "compressed on the fly",
  [CodingOutcome.Stored]: "the file as it is",
  [CodingOutcome.Decompressed]: "the file, decompressed",
};

export function explainCoding(
  head: RequestHead,
  entry: FileEntry | ListingEntry,
  selected: SelectedRepresentation,
  coder: Coder,
  places: Places,
): Decision[] {
  const file = entry.kind === EntryKind.File ? entry : null;
  const decisions: Decision[] = [];
  if (selected.outcome !== null) {
    const asked = head.value(Field.AcceptEncoding);
    const subject = asked === null ? "no Accept-Encoding" : `Accept-Encoding: ${asked}`;
    const outcome = outcomeText(selected, selected.outcome, file === null ? "page" : "file");
    decisions.push(decisionOf("coding", subject, outcome, "compression.codings", places.at("compression", "codings")));
  } else if (file !== null && isTooLarge(file, coder)) {
    const { size } = file.replies;
    const place = places.at("compression", "maximum_size_mb");
    const outcome = "too large to be compressed";
    decisions.push(decisionOf("coding", `${size} octets`, outcome, "compression.maximum_size_mb", place));
  }
  for (const { path, fault } of file?.unusedNeighbours ?? []) {
    decisions.push(decisionOf("coding", path, `not used: it ${FAULT_TEXT[fault]}`, "", ""));
  }
  return decisions;
}

/** Whether it is compressed for nobody, because of its size alone. */
function isTooLarge({ replies }: FileEntry, coder: Coder): boolean {
  if (replies.isCoded) return false;
  return coder.makingOf(replies.fields.contentType, replies.size, Reading.Unread) === Making.TooLarge;
}

function outcomeText({ replies, pending }: SelectedRepresentation, outcome: CodingOutcome, what: string): string {
  const text = `${CODING_NAME[replies.coding]}: ${outcome === CodingOutcome.Identity ? `the ${what} ` : ""}${OUTCOME_TEXT[outcome]}`;
  return outcome === CodingOutcome.IdentityUntilMade
    ? `${text} ${CODING_NAME[pending]} is made of it in the background`
    : text;
}

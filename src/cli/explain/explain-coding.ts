/**
 * Which content coding was selected, and why no other (RFC 9110 §12.5.3).
 *
 * In:    a request's head; the file or page that answers; the fields of the selected representation.
 * Out:   decisions: the coding, where there is a choice; neighbours that are there and aren't used; a file that is too large.
 */
import type { Settings } from "../../config/settings.ts";
import { AcceptEncodingReader, Coding, CODING_NAME } from "../../http/content-coding.ts";
import { Field } from "../../http/field.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { CompressibleTypes } from "../../site/coding/compressible-types.ts";
import { FAULT_TEXT } from "../../site/coding/neighbour-fault.ts";
import { isPackedName } from "../../site/coding/packed-file.ts";
import { EntryKind, type FileEntry, type PlainEntry } from "../../site/entry.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";
import { type SentField, valueOf } from "./reply-fields.ts";

const MIB = 1024 * 1024;

export interface Selection {
  readonly head: RequestHead;
  readonly entry: PlainEntry | null;
  /** Of the reply. */
  readonly status: number;
  /** The fields of a 200 with the selected representation. */
  readonly selected: readonly SentField[];
}

/** Whether another Accept-Encoding could have selected another representation. */
export function isNegotiated(selected: readonly SentField[]): boolean {
  return /accept-encoding/i.test(valueOf(selected, "Vary") ?? "");
}

export function explainCoding(selection: Selection, { compression }: Settings, places: Places): Decision[] {
  const { entry, head, selected } = selection;
  const file = entry?.kind === EntryKind.File ? entry : null;
  const decisions: Decision[] = [];
  if (isNegotiated(selected)) {
    const asked = head.value(Field.AcceptEncoding);
    const subject = asked === null ? "no Accept-Encoding" : `Accept-Encoding: ${asked}`;
    const place = places.at("compression", "codings");
    decisions.push(decisionOf("coding", subject, outcomeOf(selection, file), "compression.codings", place));
  } else if (file !== null && isTooLarge(file, compression)) {
    const { size } = file.replies.fields;
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
function isTooLarge({ replies }: FileEntry, { enabled, maximum_size_mb, types }: Settings["compression"]): boolean {
  const { contentType, size } = replies.fields;
  if (!enabled || replies.isCoded || size <= maximum_size_mb * MIB) return false;
  return new CompressibleTypes(types).has(contentType);
}

function outcomeOf({ head, selected, status }: Selection, file: FileEntry | null): string {
  const coding = valueOf(selected, "Content-Encoding");
  if (coding === null && (status === 206 || status === 416)) return "identity: ranges are of the file as it is";
  if (file !== null && isPackedName(file.path)) {
    return coding === null ? "identity: the file, decompressed" : `${coding}: the file as it is`;
  }
  if (coding !== null) {
    const isNeighbour = file?.variants?.hasNeighbour(CODING_NAME.indexOf(coding));
    return `${coding}: ${isNeighbour === true ? "a precompressed file" : "compressed on the fly"}`;
  }
  const pending = file?.variants?.pendingFor(new AcceptEncodingReader().preferenceOf(head)) ?? Coding.Identity;
  if (pending === Coding.Identity) return `identity: the ${file === null ? "page" : "file"} as it is`;
  return `identity: the file as it is, until ${CODING_NAME[pending]} is made of it in the background`;
}

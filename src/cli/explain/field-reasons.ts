/**
 * Why each field of a response is there.
 *
 * In:    a field line of the response; what it was made from: the edits of rules, the plan, the entry.
 * Out:   a reason in words, and the setting behind it.
 * Keeps: reports decisions and makes none: a rule's edit is the reason if its value is the one that is sent.
 */
import type { SentField } from "../../http/reply.ts";
import { EntryKind } from "../../site/entry/entry-kind.ts";
import type { PlainEntry } from "../../site/entry/plain-entry.ts";
import { type Because, becauseOf } from "../../site/rules/because.ts";
import type { FieldEdit, FieldEdits } from "../../site/rules/field-edit.ts";
import type { CorsRule } from "../../site/rules/cors-rule.ts";
import { hasExtension } from "../../site/media-type.ts";
import { TEXT_TYPE } from "../../site/load/text-content.ts";
import type { AuthRule } from "../../site/rules/guard.ts";

export interface FieldReason {
  readonly reason: string;
  readonly because: Because | null;
}

/** What a response was made from. */
export interface Making {
  readonly status: number;
  readonly entry: PlainEntry | null;
  /** The edits of all rules for the path, the later the stronger. */
  readonly edits: FieldEdits;
  /** What decided the status, if a rule did. */
  readonly because: Because | null;
  readonly guard: AuthRule | null;
  readonly cors: CorsRule | null;
  readonly errorPage: Because | null;
  /** Whether the entity tag is a hash of the content. */
  readonly isHashed: boolean;
}

type Table = Readonly<Record<string, (making: Making, value: string) => FieldReason>>;

const plain = (reason: string): FieldReason => ({ reason, because: null });
const setBy = (reason: string, ...path: string[]): FieldReason => ({ reason, because: becauseOf(...path) });

const REASONS: Table = {
  accept_ranges: () => plain("range requests are supported (RFC 9110 §14.3)"),
  allow: () => plain("methods allowed here (RFC 9110 §10.2.1)"),
  cache_control: ({ entry }) =>
    plain(entry?.kind === EntryKind.Listing ? "a listing must be revalidated before reuse" : "set by saker"),
  cache_status: () => setBy("explain has an empty cache; a server that has it cached says hit", "cache_field"),
  connection: () => plain("the last response on this connection (RFC 9112 §9.6)"),
  content_encoding: () => setBy("the selected content coding", "compression", "codings"),
  content_length: () => plain("length of the content"),
  content_range: ({ status }) =>
    plain(status === 416 ? "the complete length" : "the range that is sent (RFC 9110 §14.4)"),
  content_type: typeReason,
  date: () => plain("time of the response (RFC 9110 §6.6.1)"),
  etag: ({ entry, isHashed }) => {
    if (entry?.kind === EntryKind.Listing) return plain("a hash of the listing");
    return plain(
      isHashed ? "a hash of the content: the same on every replica" : "size, time and inode: too large to hash",
    );
  },
  last_modified: () => plain("modification time of the file"),
  location: ({ because }) => ({ reason: "target of the redirect", because }),
  retry_after: () => plain("the server is busy at the moment"),
  server: () => setBy("name of the server", "server_header"),
  vary: varyReason,
  www_authenticate: ({ guard }) => ({ reason: "asks for a name and a password", because: guard?.because ?? null }),
  x_cache: () => setBy("explain has an empty cache; a server that has it cached says HIT", "cache_field"),
  x_content_type_options: () => plain("browsers must not guess another type"),
  x_total_count: () => plain("number of entries in the folder"),
};

/** Why `field` is there. */
export function reasonOf([name, value]: SentField, making: Making): FieldReason {
  const edit = editsInForce(name, making.edits).find((candidate) => isDone(candidate, value));
  if (edit !== undefined) return { reason: "set by a rule", because: edit.because };
  if (name.startsWith("Access-Control-")) return { reason: "CORS", because: making.cors?.because ?? null };
  return REASONS[name.toLowerCase().replaceAll("-", "_")]?.(making, value) ?? plain("");
}

/** Whether the value sent is that of the edit. */
function isDone({ name, value, secondsLater }: FieldEdit, sent: string): boolean {
  if (value === null) return false;
  return secondsLater !== undefined || (name.toLowerCase() === "vary" ? sent.includes(value) : sent === value);
}

/** The edits that leave out a field, where it is left out. */
export function removals(fields: readonly SentField[], edits: FieldEdits): FieldEdit[] {
  const sent = new Set(fields.map(([name]) => name.toLowerCase()));
  const removing = edits.filter((edit) => edit.value === null && !sent.has(edit.name.toLowerCase()));
  return removing.filter((edit) => editsInForce(edit.name, edits).includes(edit));
}

/** The last edit of a field, and those that add further lines to it. */
function editsInForce(name: string, edits: FieldEdits): FieldEdits {
  const ofName = edits.filter((edit) => edit.name.toLowerCase() === name.toLowerCase());
  return ofName.slice(
    Math.max(
      0,
      ofName.findLastIndex(({ isFurther }) => isFurther !== true),
    ),
  );
}

function typeReason({ entry, status, errorPage }: Making, value: string): FieldReason {
  if (value.startsWith("multipart/byteranges")) return plain("several parts (RFC 9110 §14.6)");
  if (errorPage !== null) return { reason: "type of the custom error page", because: errorPage };
  const isOfEntry = status === 200 || status === 206;
  if (isOfEntry && entry?.kind === EntryKind.File) {
    if (hasExtension(entry.path)) return setBy("from the file name extension", "media_types");
    return setBy(value === TEXT_TYPE ? "no extension, and it begins as text" : "no extension", "detect_text");
  }
  if (isOfEntry && entry?.kind === EntryKind.Listing) return plain("HTML or JSON, chosen by Accept");
  return plain("form of the content, chosen by Accept");
}

function varyReason({ cors }: Making, value: string): FieldReason {
  if (/accept-encoding/i.test(value)) return setBy("the response depends on Accept-Encoding", "compression", "types");
  if (/origin/i.test(value)) return { reason: "the response depends on Origin", because: cors?.because ?? null };
  return plain(`the response depends on ${value}`);
}

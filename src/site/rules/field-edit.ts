/**
 * Edits of a response's field section: what rules set, and what they leave out.
 *
 * In:    field lines as saker makes them, and the edits that apply to a path, in order.
 * Out:   field lines with the edits done; the last edit of a name wins.
 * Keeps: names are compared without case (RFC 9110 §5.1). Vary names what the response depends on, so it grows and is
 *        never replaced. What describes a representation (and how long to keep it) stays with files: an error page with the
 *        file's Cache-Control would be kept as long as the file.
 */
import type { FieldLine } from "../../http/response-head.ts";
import type { Because } from "./because.ts";

export interface FieldEdit {
  readonly name: string;
  /** Null leaves the field out. */
  readonly value: string | null;
  /** In place of the value: a date that lies so many seconds behind the response's own. */
  readonly secondsLater?: number;
  readonly because: Because;
}

export type FieldEdits = readonly FieldEdit[];

export const NO_EDITS: FieldEdits = Object.freeze([]);

/** Fields that describe a file and not an error or redirect (RFC 9110 §8, RFC 9111 §5). */
const FILE_FIELDS = new Set([
  "accept-ranges",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "link",
]);

/** Fields of representation metadata that a 304 has no use for (RFC 9110 §15.4.5). */
const CONTENT_FIELD = /^content-(?!location$|security-policy)/;

/** The edits that apply to responses that aren't files. */
export function editsForOthers(edits: FieldEdits): FieldEdits {
  return edits.every(({ name }) => !FILE_FIELDS.has(name.toLowerCase()))
    ? edits
    : edits.filter(({ name }) => !FILE_FIELDS.has(name.toLowerCase()));
}

/** The edits that apply to a 304. */
export function editsForNotModified(edits: FieldEdits): FieldEdits {
  return edits.filter(({ name, value }) => value === null || !CONTENT_FIELD.test(name.toLowerCase()));
}

/** `lines` with the edits done. */
export function applyEdits(lines: readonly FieldLine[], edits: FieldEdits): FieldLine[] {
  const result = [...lines];
  for (const { name, value, secondsLater } of edits) {
    const key = name.toLowerCase();
    const before = result.findIndex((line) => line[0].toLowerCase() === key);
    if (key === "vary" && value !== null) {
      const line: FieldLine = [name, joinLists(before === -1 ? "" : result[before]![1]!, value)];
      result.splice(before === -1 ? result.length : before, before === -1 ? 0 : 1, line);
    } else if (value === null) {
      if (before !== -1) result.splice(before, 1);
    } else {
      const line: FieldLine = secondsLater === undefined ? [name, value] : [name, null, secondsLater];
      result.splice(before === -1 ? result.length : before, before === -1 ? 0 : 1, line);
    }
  }
  return result;
}

/** The members of two comma-separated lists, each once. */
function joinLists(first: string, second: string): string {
  const members = new Map<string, string>();
  for (const member of `${first},${second}`.split(",").map((text) => text.trim())) {
    const key = member.toLowerCase();
    if (member !== "" && !members.has(key)) members.set(key, member);
  }
  return members.has("*") ? "*" : [...members.values()].join(", ");
}

/**
 * Edits of a response's field section: what rules set, and what they leave out.
 *
 * In:    field lines as saker makes them, and the edits that apply to a path, in order.
 * Out:   field lines with the edits done; the last edit of a name wins.
 * Keeps: names are compared without case (RFC 9110 §5.1). Several values of one rule are one list (§5.3), except for
 *        Set-Cookie, whose value may hold commas: each is a field line of its own. Vary names what the response depends
 *        on, so it grows and is never replaced. What describes a representation stays with files; how long to keep it,
 *        with files and redirects: an error page with the file's Cache-Control would be kept as long as the file.
 */
import type { FieldLine } from "../../http/response-head.ts";
import type { Because } from "./because.ts";

export interface FieldEdit {
  readonly name: string;
  /** Null leaves the field out. */
  readonly value: string | null;
  /** A field line of its own beside the one before it, of the same rule and name. */
  readonly isFurther?: true;
  /** In place of the value: a date that lies so many seconds behind the response's own. */
  readonly secondsLater?: number;
  readonly because: Because;
}

export type FieldEdits = readonly FieldEdit[];

export const NO_EDITS: FieldEdits = Object.freeze([]);

/** The field that can't be joined into one line. */
const SET_COOKIE = "set-cookie";

/** The field that grows. */
const VARY = "vary";

/** The edits of a rule with one more value, which joins those that it has already. */
export function addValue(edits: FieldEdits, name: string, value: string, because: Because): FieldEdits {
  const key = name.toLowerCase();
  const at = edits.findLastIndex((edit) => edit.name.toLowerCase() === key);
  const before = edits[at]?.value ?? null;
  if (before === null) return [...edits, { name, value, because }];
  if (key === SET_COOKIE) return [...edits, { name, value, isFurther: true, because }];
  return edits.with(at, { name, value: `${before}, ${value}`, because });
}

/** Two lists of edits with the same key do the same. */
export function keyOfEdits(edits: FieldEdits): string {
  if (edits.length === 0) return "";
  return JSON.stringify(
    edits.map(({ name, value, secondsLater, isFurther }) => [name, value, secondsLater, isFurther]),
  );
}

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

/** Those of them that say how long to keep a response, whatever it is (RFC 9111 §5.2, §5.3). */
const LIFETIME_FIELDS = new Set(["cache-control", "expires"]);

/** The edits that apply to redirects. */
export function editsForRedirects(edits: FieldEdits): FieldEdits {
  return edits.filter(({ name }) => !FILE_FIELDS.has(name.toLowerCase()) || LIFETIME_FIELDS.has(name.toLowerCase()));
}

/** The edits that apply to errors, and other responses that are neither files nor redirects. */
export function editsForOthers(edits: FieldEdits): FieldEdits {
  return edits.every(({ name }) => !FILE_FIELDS.has(name.toLowerCase()))
    ? edits
    : edits.filter(({ name }) => !FILE_FIELDS.has(name.toLowerCase()));
}

/** The edits that apply to a 304. */
export function editsForNotModified(edits: FieldEdits): FieldEdits {
  return edits.filter(({ name, value }) => value === null || !CONTENT_FIELD.test(name.toLowerCase()));
}

/** `lines` with the edits done: those of one name beside each other. Takes time with the number of lines and edits. */
export function applyEdits(lines: readonly FieldLine[], edits: FieldEdits): FieldLine[] {
  if (edits.length === 0) return [...lines];
  /** By name, in the order of the first line of each. */
  const groups = new Map<string, FieldLine[]>();
  for (const line of lines) addLine(groups, line[0].toLowerCase(), line);
  for (const edit of edits) applyEdit(groups, edit);
  return [...groups].flatMap(([key, group]) => (key === VARY ? [joinLines(group)] : group));
}

function applyEdit(groups: Map<string, FieldLine[]>, { name, value, secondsLater, isFurther }: FieldEdit): void {
  const key = name.toLowerCase();
  const line: FieldLine = secondsLater === undefined ? [name, value] : [name, null, secondsLater];
  if (isFurther || (key === VARY && value !== null)) addLine(groups, key, line);
  else if (value === null) groups.delete(key);
  else groups.set(key, [line]);
}

function addLine(groups: Map<string, FieldLine[]>, key: string, line: FieldLine): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [line]);
  else group.push(line);
}

/** The members of several lines' comma-separated lists, each once. */
function joinLines(lines: readonly FieldLine[]): FieldLine {
  const members = new Map<string, string>();
  for (const member of lines.flatMap(([, value]) => (value ?? "").split(",")).map((text) => text.trim())) {
    const key = member.toLowerCase();
    if (member !== "" && !members.has(key)) members.set(key, member);
  }
  return [lines.at(-1)![0], members.has("*") ? "*" : [...members.values()].join(", ")];
}

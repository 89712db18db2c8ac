/**
 * Resources of an authority (RFC 8555 §7.1) as they come: JSON in which anything may be.
 *
 * In:    the content of a response. Out: its members, checked for what is needed of them.
 * Keeps: pure. Unknown members are ignored (RFC 8555 §7.1 leaves room for them), missing ones are said by name.
 * Fails: AcmeError of kind `garbled`.
 */
import { AcmeError } from "./acme-error.ts";
import { clean } from "./problem.ts";
import type { AcmeResponse } from "./transport.ts";

export type Members = Readonly<Record<string, unknown>>;

const SHOWN_CHARACTERS_MAX = 60;

/** `what`: `the directory`, `an order`, for messages. */
export function parseResource(what: string, { content }: AcmeResponse): Members {
  const value = parse(content);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Members;
  const shown = clean(content.slice(0, SHOWN_CHARACTERS_MAX));
  throw garbled(`${what} is no JSON object${shown === "" ? ", it is empty" : `: ${shown}`}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function textIn(what: string, members: Members, name: string): string {
  const value = members[name];
  if (typeof value === "string" && value !== "") return value;
  throw garbled(`${what} has no "${name}"`);
}

/** An address that can be asked: an authority that names others than https ones would have its answers forged. */
export function urlIn(what: string, members: Members, name: string): string {
  return httpsUrl(`"${name}" of ${what}`, textIn(what, members, name));
}

export function httpsUrl(what: string, text: string): string {
  if (/^https:\/\//i.test(text) && URL.canParse(text)) return text;
  throw garbled(`${what} is no https address: ${clean(text)}`);
}

export function urlsIn(what: string, members: Members, name: string): string[] {
  const value = members[name];
  if (!Array.isArray(value) || value.length === 0) throw garbled(`${what} has no "${name}"`);
  return value.map((url) => httpsUrl(`one of "${name}" of ${what}`, String(url)));
}

/** Objects in an array; nothing where there is none. */
export function objectsIn(members: Members, name: string): Members[] {
  const value = members[name];
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Members => typeof item === "object" && item !== null);
}

export function garbled(line: string): AcmeError {
  return new AcmeError("garbled", line);
}

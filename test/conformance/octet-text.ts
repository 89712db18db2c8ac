/**
 * Octets written as text: placeholders, and the way back for reports.
 *
 * In:    text whose UTF-16 units are octets (0..255), with placeholders; a `Lookup` for what a server has sent before.
 * Out:   text without placeholders; `toOctets` makes it bytes; `toVisible` makes bytes readable.
 * Placeholders:
 *   {host}                                the authority of the URL under test
 *   {scheme}                              its scheme
 *   {etag PATH [CODING]}                  the entity tag of a resource as sent when only CODING is accepted
 *   {weak-etag PATH [CODING]}             the same opaque-tag marked weak
 *   {last-modified PATH [±SECONDS] [FORMAT]}  FORMAT: imf (default), rfc850, asctime (RFC 9110 §5.6.7)
 *   {now [±SECONDS] [FORMAT]}             the client's clock
 *   {repeat TEXT COUNT}                   TEXT as often as COUNT says
 * Fails: `MissingValidator` when a server sends no such validator; the row is then not applicable.
 */

export interface Lookup {
  readonly host: string;
  /** "http" or "https". */
  readonly scheme: string;
  /** The client's clock, in milliseconds since 1970; absent: that of this machine. */
  readonly nowMs?: number;
  /** The entity tag with its quotes, or null when the server sends none. */
  entityTag(path: string, acceptEncoding?: string): Promise<string | null>;
  /** The Last-Modified date in milliseconds, or null when the server sends none. */
  lastModifiedMs(path: string): Promise<number | null>;
}

export class MissingValidator extends Error {}

const PLACEHOLDER = /\{(host|scheme|etag|weak-etag|last-modified|now|repeat)((?: [^{}\s]+)*)\}/g;

export async function expandPlaceholders(text: string, lookup: Lookup): Promise<string> {
  let expanded = "";
  let offset = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    expanded += text.slice(offset, match.index);
    expanded += await expandOne(match[1]!, match[2]!.trim().split(" ").filter(Boolean), lookup);
    offset = match.index + match[0].length;
  }
  return expanded + text.slice(offset);
}

async function expandOne(name: string, words: string[], lookup: Lookup): Promise<string> {
  switch (name) {
    case "host":
      return lookup.host;
    case "scheme":
      return lookup.scheme;
    case "repeat":
      return words[0]!.repeat(Number(words[1]));
    case "now":
      return dateText(lookup.nowMs ?? Date.now(), words);
    case "last-modified": {
      const lastModifiedMs = await lookup.lastModifiedMs(words[0]!);
      if (lastModifiedMs === null) throw new MissingValidator(`no Last-Modified for ${words[0]}`);
      return dateText(lastModifiedMs, words.slice(1));
    }
    default: {
      const entityTag = await lookup.entityTag(words[0]!, words[1]);
      if (entityTag === null) throw new MissingValidator(`no ETag for ${words[0]}`);
      return name === "weak-etag" && !entityTag.startsWith("W/") ? `W/${entityTag}` : entityTag;
    }
  }
}

function dateText(ms: number, words: string[]): string {
  let shifted = ms;
  let format = "imf";
  for (const word of words) {
    if (/^[+-]\d+$/.test(word)) shifted += Number(word) * 1000;
    else format = word;
  }
  return formatDate(shifted, format);
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The three HTTP-date formats of RFC 9110 §5.6.7, written here so that the suite doesn't lean on the code under test. */
export function formatDate(ms: number, format: string): string {
  const date = new Date(ms);
  const imf = date.toUTCString(); // IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`
  const [, day, month, year, time] = imf.split(" ") as [string, string, string, string, string];
  switch (format) {
    case "imf":
      return imf;
    case "rfc850":
      return `${DAYS[date.getUTCDay()]}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
    case "asctime":
      return `${imf.slice(0, 3)} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`;
    default:
      throw new Error(`unknown date format ${format}`);
  }
}

export function toOctets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Octets as one line of readable text, cut in the middle when longer than `most`. */
export function toVisible(octets: Uint8Array | string, most = 600): string {
  const text = typeof octets === "string" ? octets : Buffer.from(octets).toString("latin1");
  const cut =
    text.length <= most
      ? text
      : `${text.slice(0, most * 0.7)}…(${text.length - most} more)…${text.slice(text.length - most * 0.3)}`;
  return cut.replace(/[\x00-\x1f\x7f-\xff]/g, (c) => {
    if (c === "\r") return "\\r";
    if (c === "\n") return "\\n";
    if (c === "\t") return "\\t";
    return "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0");
  });
}

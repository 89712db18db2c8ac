/**
 * Named checks: what a response must satisfy beyond its status, fields and content.
 *
 * In:    a response, the one before it on the same connection, and the fixture file the row names.
 * Out:   null when it holds, otherwise a sentence that says what is wrong.
 */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { fixtureContent } from "./fixture-site.ts";
import { fieldLinesOf, fieldValue, type Received } from "./response-parser.ts";
import type { CheckName } from "./row.ts";

export interface Subject {
  readonly response: Received;
  readonly previous: Received | null;
  readonly file: string | null;
}

type Check = (subject: Subject) => string | null;

/** Differ from one response to the next without being wrong. */
const INCIDENTAL_FIELDS = ["date", "connection", "keep-alive", "transfer-encoding", "age", "x-cache", "content-length"];

/** RFC 9110 §15.3.7 and §15.4.5: sent with 206 and 304 if they would have been sent with 200. */
const KEPT_FIELDS = ["Date", "Cache-Control", "ETag", "Expires", "Content-Location", "Vary"];

const IMF_FIXDATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

const CLOCK_SKEW_MS = 120_000;

export const CHECKS: Readonly<Record<CheckName, Check>> = {
  "date-is-now": ({ response }) => {
    const dates = fieldLinesOf(response, "Date");
    if (dates.length !== 1) return `${dates.length} Date field lines`;
    if (!IMF_FIXDATE.test(dates[0]!)) return `Date is no IMF-fixdate: ${dates[0]}`;
    const skewMs = Math.abs(Date.parse(dates[0]!) - Date.now());
    return skewMs > CLOCK_SKEW_MS ? `Date is ${Math.round(skewMs / 1000)} s off` : null;
  },
  "status-line-has-both-spaces": ({ response }) =>
    /^HTTP\/1\.1 \d{3} /.test(response.statusLine) ? null : `status-line ${JSON.stringify(response.statusLine)}`,
  "last-modified-not-after-date": ({ response }) => {
    const lastModified = fieldValue(response, "Last-Modified");
    const date = fieldValue(response, "Date");
    if (lastModified === null) return null;
    if (date === null) return "no Date to compare with";
    return Date.parse(lastModified) > Date.parse(date) ? `Last-Modified ${lastModified} is after Date ${date}` : null;
  },
  "location-is-directory": ({ response }) => {
    const location = fieldValue(response, "Location");
    if (location === null) return "no Location";
    return /^(https?:\/\/[^/]+)?\/dir\/(\?|$)/.test(location) ? null : `Location is ${location}`;
  },
  "same-fields-as-previous": ({ response, previous }) => {
    if (!previous) return "no response before it";
    for (const [name] of previous.fieldLines) {
      if (INCIDENTAL_FIELDS.includes(name.toLowerCase())) continue;
      const [before, now] = [fieldValue(previous, name), fieldValue(response, name)];
      if (before !== now) return `${name} was ${JSON.stringify(before)}, is ${JSON.stringify(now)}`;
    }
    return null;
  },
  "same-content-length-as-previous": ({ response, previous }) => {
    const length = fieldValue(response, "Content-Length");
    if (length === null || !previous) return null;
    return Number(length) === previous.body.length
      ? null
      : `Content-Length ${length} for ${previous.body.length} octets`;
  },
  "etag-differs-from-previous": ({ response, previous }) => {
    const [before, now] = [previous && fieldValue(previous, "ETag"), fieldValue(response, "ETag")];
    if (before === null || now === null || before.startsWith("W/") || now.startsWith("W/")) return null;
    return before === now ? `both have the strong entity tag ${now}` : null;
  },
  "same-etag-as-previous": ({ response, previous }) => {
    const [before, now] = [previous && fieldValue(previous, "ETag"), fieldValue(response, "ETag")];
    return before === now ? null : `ETag was ${before}, is ${now}`;
  },
  "content-length-is-of-file": ({ response, file }) => {
    const length = fieldValue(response, "Content-Length");
    if (length === null) return null;
    const expected = fixtureContent(file!).length;
    return Number(length) === expected ? null : `Content-Length ${length}, the file has ${expected} octets`;
  },
  "self-delimited": ({ response }) => (response.framing === "close" ? "delimited by closing the connection" : null),
  "fields-as-if-200": ({ response, previous }) => {
    if (!previous) return "no response before it";
    for (const name of KEPT_FIELDS) {
      const [before, now] = [fieldValue(previous, name), fieldValue(response, name)];
      const timeDependent = name === "Date" || name === "Expires";
      if (before === null) continue;
      if (now === null) return `no ${name}`;
      if (!timeDependent && before !== now) return `${name} was ${before}, is ${now}`;
    }
    return null;
  },
  "vary-covers-accept-encoding": ({ response }) => {
    const members = (fieldValue(response, "Vary") ?? "").toLowerCase().split(/\s*,\s*/);
    return members.includes("accept-encoding") || members.includes("*") ? null : "Vary lacks Accept-Encoding";
  },
  "not-much-longer-than-file": ({ response, file }) => {
    const most = fixtureContent(file!).length * 1.25 + 4096;
    return response.body.length <= most ? null : `${response.body.length} octets of content`;
  },
  "has-content": ({ response }) => (response.body.length > 0 ? null : "no content"),
  "entity-tag-is-well-formed": ({ response }) => {
    const tag = fieldValue(response, "ETag");
    return tag === null || /^(W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag) ? null : `ETag is ${tag}`;
  },
  "allow-covers-get-and-head": ({ response }) => {
    const methods = (fieldValue(response, "Allow") ?? "").split(/[ \t]*,[ \t]*/);
    return methods.includes("GET") && methods.includes("HEAD") ? null : `Allow is ${methods.join(", ")}`;
  },
  "location-stays-on-host": ({ response }) => {
    const location = fieldValue(response, "Location");
    return location !== null && /^(\/\/|\/?\\|https?:\/\/(dir|evil))/i.test(location)
      ? `Location is ${location}`
      : null;
  },
};

/** The content without its content coding (RFC 9110 §8.4.1); throws when the coding is unknown or the data is broken. */
export function removeContentCoding(response: Received): Uint8Array {
  const coding = (fieldValue(response, "Content-Encoding") ?? "identity").toLowerCase();
  switch (coding) {
    case "identity":
      return response.body;
    case "gzip":
    case "x-gzip":
      return gunzipSync(response.body);
    case "deflate":
      return inflateSync(response.body);
    case "br":
      return brotliDecompressSync(response.body);
    case "zstd":
      return zstdDecompressSync(response.body);
    default:
      throw new Error(`unknown content coding ${coding}`);
  }
}

export interface BodyPart {
  readonly contentRange: string;
  readonly content: Uint8Array;
}

/** The parts of a multipart/byteranges body (RFC 9110 §14.6), or a sentence that says what is wrong with it. */
export function parseByteRangesBody(response: Received): BodyPart[] | string {
  const type = fieldValue(response, "Content-Type") ?? "";
  const boundary = /^multipart\/byteranges *; *boundary=(?:"([^"]+)"|([^\s;"]+))$/i.exec(type);
  if (!boundary) return `Content-Type is ${JSON.stringify(type)}`;
  const body = Buffer.from(response.body).toString("latin1");
  const delimiter = `--${boundary[1] ?? boundary[2]}`;
  const sections = `\r\n${body}`.split(`\r\n${delimiter}`);
  if (sections.length < 3) return "fewer than two boundary delimiters";
  if (!/^--[ \t]*(\r\n|$)/.test(sections.pop()!)) return "no close-delimiter at the end";
  sections.shift();
  const parts: BodyPart[] = [];
  for (const section of sections) {
    const match = /^[ \t]*\r\n((?:[^\r\n]+\r\n)*)\r\n([\s\S]*)$/.exec(section);
    if (!match) return "a part without header area";
    const contentRange = /^content-range:[ \t]*([^\r\n]*?)[ \t]*\r$/im.exec(match[1]!);
    if (!contentRange) return "a part without Content-Range";
    parts.push({ contentRange: contentRange[1]!, content: Buffer.from(match[2]!, "latin1") });
  }
  return parts;
}

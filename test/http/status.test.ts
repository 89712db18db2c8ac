import { expect, test } from "bun:test";
import { STATUS_CODES } from "node:http";
import { reasonPhrase, statusLine } from "../../src/http/status.ts";

/** Renamed by RFC 9110 §15, or absent there. */
const RENAMED: Record<number, string> = { 413: "Content Too Large", 422: "Unprocessable Content" };

/** Of WebDAV and other extensions, or jokes: nothing here answers with them. */
const UNUSED = new Set([102, 103, 207, 208, 226, 418, 423, 424, 425, 509, 506, 508, 510]);

const STANDARD = Object.keys(STATUS_CODES).map(Number);

test.each(STANDARD.filter((status) => !UNUSED.has(status)))("%d has the standard phrase", (status) => {
  const phrase = RENAMED[status] ?? STATUS_CODES[status]!;
  expect(reasonPhrase(status)).toBe(phrase);
  expect(statusLine(status)).toBe(`HTTP/1.1 ${status} ${phrase}\r\n`);
});

test.each([199, 299, 418, 499, 999])("%d has no phrase, but a status-line", (status) => {
  expect(reasonPhrase(status)).toBe("");
  expect(statusLine(status)).toBe(`HTTP/1.1 ${status} \r\n`);
});

test.each([0, 99, 1000, -200, 200.5, NaN])("%d is no status code", (status) => {
  expect(() => statusLine(status)).toThrow(RangeError);
});

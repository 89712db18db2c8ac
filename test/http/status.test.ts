import { expect, test } from "bun:test";
import { STATUS_CODES as NODE_STATUS_CODES } from "node:http";
import { reasonPhrase, STATUS_CODES, STATUS_LINE, statusLine } from "../../src/http/status.ts";
import { textOf } from "../../src/http/octets.ts";

/** Renamed by RFC 9110 §15, or absent there. */
const RENAMED: Record<number, string> = { 413: "Content Too Large", 422: "Unprocessable Content" };

test.each(STATUS_CODES)("%d has the phrase that everybody gives it", (status) => {
  const phrase = RENAMED[status] ?? NODE_STATUS_CODES[status]!;
  expect(reasonPhrase(status)).toBe(phrase);
  const octets = STATUS_LINE[status]!;
  expect(textOf(octets, 0, octets.length)).toBe(`HTTP/1.1 ${status} ${phrase}\r\n`);
});

test.each([199, 299, 418, 499, 999])("%d has no phrase, but a status-line", (status) => {
  expect(reasonPhrase(status)).toBe("");
  expect(STATUS_LINE[status]).toBeUndefined();
  expect(statusLine(status)).toBe(`HTTP/1.1 ${status} \r\n`);
});

test.each([0, 99, 1000, -200, 200.5, NaN])("%d is no status code", (status) => {
  expect(() => statusLine(status)).toThrow(RangeError);
});

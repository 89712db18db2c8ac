import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { beginsAsText, TEXT_OCTETS } from "../../../src/site/load/text-content.ts";

const long = Buffer.from("ä".repeat(TEXT_OCTETS));

test.each<[what: string, content: Uint8Array | string, isText: boolean]>([
  ["a README", "# saker\r\n\tserves files\n", true],
  ["nothing", "", true],
  ["other scripts than Latin", "сапсан 隼 🦅", true],
  ["a byte order mark", "\ufeffall: test", true],
  ["colours of a terminal", "\u001b[31mred\u001b[0m", true],
  ["what looks like HTML", "<!doctype html><script>alert(1)</script>", true],
  ["a NUL", "text\0text", false],
  ["a control character", "text\u0001", false],
  ["an executable", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), false],
  ["gzip", gzipSync("text"), false],
  ["ISO 8859-1", Buffer.from("Gr\xfc\xdfe", "latin1"), false],
  ["UTF-16", Buffer.from("\ufefftext", "utf16le"), false],
  ["a surrogate", Buffer.from([0xed, 0xa0, 0x80]), false],
  ["a character that ends too early", long.subarray(0, 3), false],
])("%s", (_, content, isText) => {
  expect(beginsAsText(Buffer.from(content), true)).toBe(isText);
});

test("a character may be cut where more follows", () => {
  const odd = Buffer.concat([Buffer.from("x"), long]).subarray(0, TEXT_OCTETS);
  expect(beginsAsText(odd, false)).toBe(true);
  expect(beginsAsText(odd, true)).toBe(false);
  expect(beginsAsText(Buffer.from([0x61, 0xff]), false)).toBe(false);
});

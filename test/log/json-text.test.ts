/** What becomes of a client's octets inside a JSON string. */
import { expect, test } from "bun:test";
import { isUtf8 } from "node:buffer";
import { JSON_OVERRUN, putJsonText } from "../../src/log/json-text.ts";

/** Puts octets, given as ISO 8859-1, from inside a buffer of poison into one. */
function put(octets: string, octetsMax = 1000): string {
  const from = Buffer.from(`\x80\x80${octets}\x80\x80`, "latin1");
  const into = Buffer.alloc(octetsMax + JSON_OVERRUN + 20, 0x50);
  const end = putJsonText(from, 2, from.length - 2, into, 10, 10 + octetsMax);
  expect(end - 10).toBeLessThanOrEqual(octetsMax + JSON_OVERRUN);
  expect(into.subarray(end).every((octet) => octet === 0x50)).toBe(true);
  expect(isUtf8(into.subarray(10, end))).toBe(true);
  return into.toString("utf8", 10, end);
}

const utf8 = (text: string): string => Buffer.from(text).toString("latin1");

test.each<[what: string, octets: string, written: string, read: string]>([
  ["plain text", "GET /a?b=c'~", "GET /a?b=c'~", "GET /a?b=c'~"],
  ["quote and backslash", 'a"\\', 'a\\"\\\\', 'a"\\'],
  ["controls and DEL", "\0\n\x1b\x7f", "\\u0000\\u000A\\u001B\\u007F", "\0\n\x1b\x7f"],
  ["two, three and four octets", utf8("é猫😀"), "é猫😀", "é猫😀"],
  [
    "the first and last character of each length",
    utf8("\u00a0߿ࠀ\uffff𐀀\u{10ffff}"),
    "\u00a0߿ࠀ\uffff𐀀\u{10ffff}",
    "\u00a0߿ࠀ\uffff𐀀\u{10ffff}",
  ],
  ["C1 controls", utf8("\u0080\u009b"), "\\u0080\\u009B", "\u0080\u009b"],
  ["separators and overrides", utf8("\u2028\u202e\u2066"), "\\u2028\\u202E\\u2066", "\u2028\u202e\u2066"],
  ["their neighbours", utf8("\u2027\u202f\u2065\u206a"), "\u2027\u202f\u2065\u206a", "\u2027\u202f\u2065\u206a"],
  ["ISO 8859-1", "caf\xe9", "caf\\\\xE9", "caf\\xE9"],
  ["continuations of nothing", "\x80\xbfa", "\\\\x80\\\\xBFa", "\\x80\\xBFa"],
  ["a character without its end", "\xe7\x8ca", "\\\\xE7\\\\x8Ca", "\\xE7\\x8Ca"],
  ["a character cut off by the end", "\xe7\x8c", "\\\\xE7\\\\x8C", "\\xE7\\x8C"],
  ["overlong forms", "\xc0\xaf\xe0\x80\xaf", "\\\\xC0\\\\xAF\\\\xE0\\\\x80\\\\xAF", "\\xC0\\xAF\\xE0\\x80\\xAF"],
  ["an overlong form of four octets", "\xf0\x80\x80\xaf", "\\\\xF0\\\\x80\\\\x80\\\\xAF", "\\xF0\\x80\\x80\\xAF"],
  ["a surrogate", "\xed\xa0\x80", "\\\\xED\\\\xA0\\\\x80", "\\xED\\xA0\\x80"],
  ["beyond U+10FFFF", "\xf4\x90\x80\x80\xf5", "\\\\xF4\\\\x90\\\\x80\\\\x80\\\\xF5", "\\xF4\\x90\\x80\\x80\\xF5"],
])("%s", (_, octets, written, read) => {
  expect(put(octets)).toBe(written);
  expect(JSON.parse(`"${put(octets)}"`)).toBe(read);
});

test("what is cut is cut between characters, and marked", () => {
  expect(put(utf8("ééé"), 3)).toBe("éé...");
  expect(put("abcdef", 5)).toBe("abcde...");
  expect(put("abcde", 5)).toBe("abcde");
  expect(put("\xff\xff", 4)).toBe("\\\\xFF...");
  expect(put(utf8("ab\u2028c"), 3)).toBe("ab\\u2028...");
});

test("any two, and many random, octets give valid JSON that agrees with the strict decoder", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8;
  for (let round = 0; round < 20_000; round++) {
    const octets = Buffer.from(Array.from({ length: 1 + (random() % 5) }, () => random() & 255));
    const read = JSON.parse(`"${put(octets.toString("latin1"))}"`) as string;
    if (isUtf8(octets)) expect(read).toBe(strict.decode(octets));
    else expect(read).toContain("\\x");
  }
});

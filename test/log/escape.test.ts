import { describe, expect, test } from "bun:test";
import { AS_WORD, escapeMessage, type Escapes, IN_QUOTES, IN_TARGET, putEscaped } from "../../src/log/escape.ts";

/** An escape, and the mark `...`. */
const OVERRUN = 7;

const decoder = new TextDecoder("latin1");

/** Escapes the octets of a latin-1 text inside a buffer of poison. */
function escaped(text: string, escapes: Escapes, octetsMax = 1000): string {
  const from = Buffer.from(`PP${text}PP`, "latin1");
  const into = new Uint8Array(octetsMax + OVERRUN + 20).fill(0x50);
  const end = putEscaped(from, 2, from.length - 2, into, 10, 10 + octetsMax, escapes);
  expect(end - 10).toBeLessThanOrEqual(octetsMax + OVERRUN);
  expect(into.subarray(end).every((octet) => octet === 0x50)).toBe(true);
  return decoder.decode(into.subarray(10, end));
}

describe("putEscaped", () => {
  test.each([
    ["plain text stays", "GET /a?b=c~!#$%&'()*+,-./:;<=>?@[]^_`{|}", "GET /a?b=c~!#$%&'()*+,-./:;<=>?@[]^_`{|}"],
    ["nothing stays nothing", "", ""],
    ["quote", 'a"b', "a\\x22b"],
    ["backslash", "a\\b", "a\\x5Cb"],
    ["line end", "a\r\nb", "a\\x0D\\x0Ab"],
    ["NUL and escape", "\0\x1b[2J", "\\x00\\x1B[2J"],
    ["DEL and above", "\x7f\x80\xff", "\\x7F\\x80\\xFF"],
    ["UTF-8, octet by octet", "\xc3\xa9", "\\xC3\\xA9"],
  ])("in quotes: %s", (_, text, result) => {
    expect(escaped(text, IN_QUOTES)).toBe(result);
  });

  test("as a word, nothing in it could separate words or look like the time", () => {
    expect(escaped('a b"[c]\\', AS_WORD)).toBe("a\\x20b\\x22\\x5Bc\\x5D\\x5C");
  });

  test.each([
    ["exactly at the limit", "abcde", 5, "abcde"],
    ["one over", "abcdef", 5, "abcde..."],
    ["a limit of nothing", "a", 0, "..."],
    ["an escape that begins before the limit", "abcd\n", 5, "abcd\\x0A"],
    ["an escape that ends after the limit, and more", "abcd\ne", 5, "abcd\\x0A..."],
  ])("cuts and marks: %s", (_, text, octetsMax, result) => {
    expect(escaped(text, IN_QUOTES, octetsMax)).toBe(result);
  });
});

test.each([
  ["letters of any script stay", 'café 猫 😀 \\ "', 'café 猫 😀 \\ "'],
  ["a forged line", "x\n[2026-01-01 00:00:00] INFO all is well", "x\\x0A[2026-01-01 00:00:00] INFO all is well"],
  ["a terminal sequence", "\x1b]0;owned\x07", "\\x1B]0;owned\\x07"],
  ["C1 controls", "\u009b31m", "\\x9B31m"],
  ["line separators", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["bidirectional override", "a\u202ecod.exe", "a\\u202Ecod.exe"],
  ["lone surrogates", "\ud83dx\ude00", "\\uD83Dx\\uDE00"],
])("escapeMessage: %s", (_, message, result) => {
  expect(escapeMessage(message)).toBe(result);
});

describe("putEscaped in a request-target", () => {
  const target = (text: string, octetsMax = 1000): string => {
    const into = new Uint8Array(octetsMax + OVERRUN + 20).fill(0x50);
    const end = putEscaped(
      Buffer.from(`PP${text}PP`, "latin1"),
      2,
      2 + text.length,
      into,
      10,
      10 + octetsMax,
      IN_TARGET,
    );
    expect(end - 10).toBeLessThanOrEqual(octetsMax + OVERRUN);
    expect(into.subarray(end).every((octet) => octet === 0x50)).toBe(true);
    return decoder.decode(into.subarray(10, end));
  };

  test.each([
    ["a URI stays", "/a-._~:/?[]@!$&'()*+,;=%41", "/a-._~:/?[]@!$&'()*+,;=%41"],
    ["what no URI holds is percent-encoded", '/"<>\\^`{|} \x7f\0\n', "/%22%3C%3E%5C%5E%60%7B%7C%7D%20%7F%00%0A"],
    ["octets beyond ASCII", "/caf\xc3\xa9?\xff", "/caf%C3%A9?%FF"],
  ])("%s", (_, text, result) => expect(target(text)).toBe(result));

  test("cuts and marks what is long", () => {
    expect(target("/abcdef", 4)).toBe("/abc...");
    expect(target("/ab|", 4)).toBe("/ab%7C");
    expect(target("/ab||", 4)).toBe("/ab%7C...");
  });
});

import { describe, expect, test } from "bun:test";
import { elementAfter, elementEnd, nextElement, skipOws, trimOws } from "../../src/http/list.ts";
import { octetsOf, textOf } from "../../src/http/octets.ts";
import { Random } from "./support/random.ts";

/** What RFC 9110 §5.6.1.2 says, in one line. */
const elementsOf = (text: string): string[] =>
  text
    .split(",")
    .map((element) => element.replace(/^[ \t]+|[ \t]+$/g, ""))
    .filter((element) => element !== "");

/** A list inside a buffer whose octets around it would be taken for more of it. */
function inPoison(text: string): { bytes: Uint8Array; start: number; end: number } {
  const before = "x ,\t";
  return { bytes: octetsOf(`${before}${text} ,x,`), start: before.length, end: before.length + text.length };
}

function walked(text: string): string[] {
  const { bytes, start, end } = inPoison(text);
  const found: string[] = [];
  let at = nextElement(bytes, start, end);
  while (at < end) {
    const stop = elementEnd(bytes, at, end);
    found.push(textOf(bytes, at, stop));
    at = nextElement(bytes, stop, end);
  }
  expect(at).toBe(end);
  return found;
}

/** Elements that are runs of letters; null where something else follows one. */
function parsed(text: string): string[] | null {
  const { bytes, start, end } = inPoison(text);
  const found: string[] = [];
  let at = nextElement(bytes, start, end);
  while (at < end) {
    let stop = at;
    while (stop < end && /[a-z]/.test(textOf(bytes, stop, stop + 1))) stop++;
    found.push(textOf(bytes, at, stop));
    at = elementAfter(bytes, stop, end);
    if (at < 0) return null;
  }
  return found;
}

describe("a list (RFC 9110 §5.6.1)", () => {
  test.each([
    ["", []],
    [",", []],
    [" , \t,", []],
    ["a", ["a"]],
    ["a,b", ["a", "b"]],
    [" a ,\tb\t, ", ["a", "b"]],
    [",,a,,b c,", ["a", "b c"]],
    ['"a,b"', ['"a', 'b"']],
  ])("%j is %j", (text, elements) => {
    expect(walked(text)).toEqual(elements);
  });

  test("any one is walked as the slow model reads it", () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      const random = new Random(seed);
      const text = Array.from({ length: random.below(12) }, () => "ab, \t;"[random.below(6)]).join("");
      const elements = elementsOf(text);
      expect([seed, text, walked(text)]).toEqual([seed, text, elements]);
      const areWords = elements.every((element) => /^[a-z]+$/.test(element));
      expect([seed, text, parsed(text)]).toEqual([seed, text, areWords ? elements : null]);
    }
  });
});

test.each([
  ["", 0, 0],
  [" \t", 2, 0],
  [" a b\t", 1, 4],
  ["a", 0, 1],
])("of %j white space is left out", (text, first, last) => {
  const { bytes, start, end } = inPoison(text);
  expect(skipOws(bytes, start, end) - start).toBe(first);
  expect(trimOws(bytes, start, end) - start).toBe(last);
});

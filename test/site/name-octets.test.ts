import { describe, expect, test } from "bun:test";
import {
  canonicalText,
  cPathOf,
  decodeName,
  encodeName,
  nodePathOf,
  octetsOfText,
  shownName,
  textOfOctets,
} from "../../src/site/name-octets.ts";
import { Random } from "../http/support/random.ts";

const NAMES: readonly (readonly [what: string, octets: number[], text: string, encoded: string])[] = [
  ["ASCII", [0x61, 0x62], "ab", "ab"],
  ["UTF-8", [0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80], "é😀", "%C3%A9%F0%9F%98%80"],
  ["ISO 8859-1", [0x63, 0xe9, 0x64], "c\udce9d", "c%E9d"],
  ["both", [0xc3, 0xa9, 0xe9, 0xc3, 0xa9], "é\udce9é", "%C3%A9%E9%C3%A9"],
  ["an octet after a character of two halves", [0xf0, 0x9f, 0x98, 0x80, 0xff], "😀\udcff", "%F0%9F%98%80%FF"],
  ["an overlong slash", [0xc0, 0xaf], "\udcc0\udcaf", "%C0%AF"],
  ["an overlong dot of three octets", [0xe0, 0x80, 0xae], "\udce0\udc80\udcae", "%E0%80%AE"],
  ["an encoded surrogate", [0xed, 0xb3, 0xa9], "\udced\udcb3\udca9", "%ED%B3%A9"],
  ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80", "%F4%90%80%80"],
  ["cut off", [0xe2, 0x82], "\udce2\udc82", "%E2%82"],
  ["cut off by a letter", [0xe2, 0x82, 0x61], "\udce2\udc82a", "%E2%82a"],
  ["a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "\ufeffa", "%EF%BB%BFa"],
];

describe.each(NAMES)("%s", (_, octets, text, encoded) => {
  test("has one text, and comes back", () => {
    expect(textOfOctets(Buffer.from(octets))).toBe(text);
    expect([...octetsOfText(text)]).toEqual(octets);
    expect([...cPathOf(text)]).toEqual([...octets, 0]);
    expect([...Buffer.from(nodePathOf(text))]).toEqual(octets);
    expect(canonicalText(text)).toBe(text);
  });

  test("is percent-encoded octet for octet, and decoded", () => {
    expect(encodeName(text)).toBe(encoded);
    expect(decodeName(encoded)).toBe(text);
  });

  test("can be shown", () => {
    expect(shownName(text).isWellFormed()).toBe(true);
  });
});

test("octets → text → octets is the identity, and no two names have one text", () => {
  const random = new Random(20_261_128);
  const seen = new Map<string, string>();
  for (let round = 0; round < 20_000; round++) {
    const octets = Buffer.from(Array.from({ length: random.below(6) }, () => OCTETS[random.below(OCTETS.length)]!));
    const text = textOfOctets(octets);
    expect(octetsOfText(text).equals(octets)).toBe(true);
    const hex = octets.toString("hex");
    expect(seen.get(text) ?? hex).toBe(hex);
    seen.set(text, hex);
  }
});

/** Those that begin, continue, or break off sequences. */
const OCTETS = [0x2e, 0x2f, 0x41, 0x80, 0xa9, 0xaf, 0xbf, 0xc0, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0xff];

test("pieces that complete a character when joined are the name of that character", () => {
  expect(canonicalText("caf\udcc3" + "\udca9")).toBe("café");
});

test("what is no percent-encoding has no text", () => {
  expect([decodeName("100%"), decodeName("%zz"), decodeName("%4")]).toEqual([null, null, null]);
  expect(decodeName("é%C3%A9+")).toBe("éé+");
});

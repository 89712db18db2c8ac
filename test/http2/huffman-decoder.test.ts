import { describe, expect, test } from "bun:test";
import { octetsOf, textOf } from "../../src/http/octets.ts";
import { FAULTS } from "../../src/http2/field-octets.ts";
import { decodedOctetsMax, HuffmanDecoder } from "../../src/http2/huffman-decoder.ts";
import { Random } from "../http/support/random.ts";
import { encodeHuffman } from "./support/coded-text.ts";
import { modelHuffman } from "./support/hpack-model.ts";

const decoder = new HuffmanDecoder();
const POISON = 0xaa;
const AT = 3;

/** Decodes inside a larger buffer; null where it is malformed. Nothing beyond the text may be written. */
function decode(coded: Uint8Array): string | null {
  const source = Buffer.concat([Buffer.from([POISON]), coded, Buffer.from([POISON])]);
  const target = new Uint8Array(AT + decodedOctetsMax(coded.length) + 1).fill(POISON);
  const end = decoder.decode(source, 1, 1 + coded.length, target, AT);
  expect(target.at(-1)).toBe(POISON);
  expect([...target.subarray(0, AT)]).toEqual([POISON, POISON, POISON]);
  expect(decoder.measure(source, 1, 1 + coded.length)).toBe(end < 0 ? -1 : end - AT);
  return end < 0 ? null : textOf(target, AT, end);
}

/** Octets of bits, which fill them. */
function octetsOfBits(bits: string): Uint8Array {
  expect(bits.length % 8).toBe(0);
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (octet) => parseInt(octet, 2));
}

const EOS = "1".repeat(30);

/** Bits with as many ones behind them as fill the last octet. */
const padded = (bits: string) => bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");

describe("the code", () => {
  test("of every octet comes back, alone and behind every other", () => {
    for (let first = 0; first < 256; first++) {
      expect(decode(encodeHuffman(Uint8Array.of(first)))).toBe(String.fromCharCode(first));
      for (let second = 0; second < 256; second++) {
        const text = String.fromCharCode(first, second, first);
        expect(decode(encodeHuffman(text))).toBe(text);
      }
    }
  });

  test("of random texts comes back, and takes as many octets as it says", () => {
    const random = new Random(7541);
    for (let round = 0; round < 2000; round++) {
      const octets = Uint8Array.from({ length: random.below(80) }, () =>
        random.chance(4) ? random.below(256) : 0x20 + random.below(0x5f),
      );
      const coded = encodeHuffman(octets);
      expect(octets.length).toBeLessThanOrEqual(decodedOctetsMax(coded.length));
      expect(decode(coded)).toBe(textOf(octets, 0, octets.length));
    }
  });

  test("nothing is nothing", () => {
    expect(encodeHuffman("").length).toBe(0);
    expect(decode(new Uint8Array(0))).toBe("");
  });
});

describe("padding", () => {
  test("of every length up to 7 bits is fine, and must be ones, every one of them", () => {
    // Codes of 5, 6, 7 and 8 bits, twice over, leave every remainder.
    const texts = ["a", "A", "B", "X", "aa", "aA", "aB", "AA", "aaa", "BB", "AB", "aX", "aAB", "aaaa", "aaaaa"];
    const lengths = new Set<number>();
    for (const text of texts) {
      const coded = encodeHuffman(text);
      const bits = [...text].reduce((sum, letter) => sum + encodeHuffman(letter.repeat(8)).length, 0);
      const paddingBits = coded.length * 8 - bits;
      lengths.add(paddingBits);
      expect(decode(coded)).toBe(text);
      for (let bit = 0; bit < paddingBits; bit++) {
        const changed = Uint8Array.from(coded);
        changed[changed.length - 1]! ^= 1 << bit;
        // With zeros in it, it may be another symbol; it is never the same text.
        expect(decode(changed)).toBe(modelHuffman(changed));
        expect(decode(changed)).not.toBe(text);
      }
    }
    expect([...lengths].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ["of 8 ones, a whole octet", "", "1".repeat(8)],
    ["of 8 ones behind a text", "00011", "1".repeat(11)],
    ["of 16 ones", "01010001", "1".repeat(16)],
    ["of 29 ones, all but EOS", "00011", "1".repeat(27)],
    ["of zeros", "00011", "000"],
    ["that begins with ones and ends with zero", "00011", "110"],
    ["that begins with zero", "00011", "011"],
  ])("%s is an error", (_what, bits, padding) => {
    expect(decode(octetsOfBits(bits + padding))).toBeNull();
  });

  test.each([
    ["alone", padded(EOS)],
    ["behind a text", padded(`00011${EOS}`)],
    ["before a text", padded(`${EOS}00011`)],
    ["twice", padded(EOS + EOS)],
    ["that ends with an octet", `01${EOS}`],
  ])("EOS %s is an error", (_where, bits) => {
    expect(decode(octetsOfBits(bits))).toBeNull();
  });
});

test("octets cut off or changed at random are judged as by walking the code bit by bit", () => {
  const random = new Random(52);
  for (let round = 0; round < 3000; round++) {
    const text = random.text("abcXYZ/%:\0\xff\x80~ ", random.below(30));
    const coded = Array.from(encodeHuffman(text));
    for (let change = random.below(3); change >= 0 && coded.length > 0; change--) {
      if (random.chance(2)) coded[random.below(coded.length)] = random.below(256);
      else coded.splice(random.below(coded.length), 1 + random.below(3));
    }
    expect(decode(Uint8Array.from(coded))).toBe(modelHuffman(coded));
  }
});

test("tells what the octets of a text are wrong in", () => {
  const random = new Random(9113);
  for (let round = 0; round < 2000; round++) {
    const text = random.text(random.pick(["abc-0", "abC:", "a b\t", "a\n", "\0b", "\x7f\x80"]), random.below(12));
    decode(encodeHuffman(text));
    expect(decoder.faults).toBe(octetsOf(text).reduce((faults, octet) => faults | FAULTS[octet]!, 0));
  }
});

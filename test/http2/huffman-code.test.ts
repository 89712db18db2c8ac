import { describe, expect, test } from "bun:test";
import { codedOctets, putHuffman } from "../../src/http2/huffman-code.ts";
import { encodeHuffman } from "./support/coded-text.ts";

/** Appendix B, here and there: the shortest and the longest, and those at the ends of the list. */
const CODES: readonly (readonly [octet: number, bits: string])[] = [
  [0, "1111111111000"],
  [1, "11111111111111111011000"],
  [9, "111111111111111111101010"],
  [10, "111111111111111111111111111100"],
  [13, "111111111111111111111111111101"],
  [22, "111111111111111111111111111110"],
  [0x20, "010100"],
  [0x25, "010101"],
  [0x2f, "011000"],
  [0x30, "00000"],
  [0x3a, "1011100"],
  [0x40, "1111111111010"],
  [0x41, "100001"],
  [0x5a, "11111101"],
  [0x5c, "1111111111111110000"],
  [0x61, "00011"],
  [0x74, "01001"],
  [0x7a, "1111011"],
  [0x7e, "1111111111101"],
  [0x7f, "1111111111111111111111111100"],
  [0x80, "11111111111111100110"],
  [0xc8, "11111111111111111111100010"],
  [0xf9, "1111111111111111111111111110"],
  [0xff, "11111111111111111111101110"],
];

/** Bits as text, eight for each octet. */
const bitsOf = (octets: Uint8Array) => Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");

describe("the code", () => {
  test.each(CODES)("of octet %d is %s (RFC 7541 Appendix B)", (octet, bits) => {
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
    expect(bitsOf(encodeHuffman(Uint8Array.of(octet)))).toBe(padded);
  });

  test("of every octet begins no other, and with EOS there is none that is left over", () => {
    // Eight times the same octet fill as many octets as its code has bits.
    const codes = Array.from({ length: 256 }, (_, octet) => {
      const coded = encodeHuffman(new Uint8Array(8).fill(octet));
      return bitsOf(coded).slice(0, coded.length);
    });
    codes.push("1".repeat(30));
    codes.sort();
    codes.slice(1).forEach((code, index) => expect(code.startsWith(codes[index]!)).toBe(false));
    expect(codes.reduce((sum, code) => sum + 2 ** -code.length, 0)).toBe(1);
  });

  test("of a text is those of its octets, and ones", () => {
    const text = CODES.map(([octet]) => String.fromCharCode(octet)).join("");
    const bits = CODES.map(([, code]) => code).join("");
    expect(bitsOf(encodeHuffman(text))).toBe(bits.padEnd(Math.ceil(bits.length / 8) * 8, "1"));
  });
});

test("nothing is written but the coded text", () => {
  const target = new Uint8Array(20).fill(0xaa);
  const text = "www.example.com";
  expect([codedOctets(text), putHuffman(text, target, 3)]).toEqual([12, 15]);
  expect([...target.subarray(0, 3), ...target.subarray(15)]).toEqual(new Array(8).fill(0xaa));
  expect(codedOctets("")).toBe(0);
});

import { describe, expect, test } from "bun:test";
import { octetsOf, textOf } from "../../src/http/octets.ts";
import { Fault } from "../../src/http2/field-octets.ts";
import { HpackReader, StringFailure } from "../../src/http2/hpack-reader.ts";
import { BlockBuilder } from "./support/block-builder.ts";

const PREFIXES = [0x0f, 0x1f, 0x3f, 0x7f];

/** The reader of octets that lie within others. */
function readerOf(octets: Iterable<number>): HpackReader {
  const reader = new HpackReader();
  const source = Uint8Array.from([0xff, ...octets, 0x01, 0x01]);
  reader.begin(source, 1, source.length - 2);
  return reader;
}

describe("integers", () => {
  const VALUES = [0, 1, 14, 15, 16, 30, 31, 62, 63, 126, 127, 128, 254, 255, 1337, 16383, 16511, 2 ** 21, 2 ** 28 - 1];

  test.each(PREFIXES)("with a prefix of %d come back, whatever the bits before it", (prefix) => {
    for (const value of VALUES) {
      for (const flags of [0, 0xff & ~prefix]) {
        const octets = new BlockBuilder().integer(value, prefix, flags).block;
        const reader = readerOf(octets);
        expect(reader.integer(prefix)).toBe(value);
        expect(reader.position).toBe(1 + octets.length);
      }
    }
  });

  test.each(PREFIXES)("with a prefix of %d that are cut short are malformed", (prefix) => {
    for (const value of [prefix, prefix + 127, prefix + 128, 2 ** 28 - 1]) {
      const { block } = new BlockBuilder().integer(value, prefix, 0);
      for (let octets = 1; octets < block.length; octets++) {
        expect(readerOf(block.subarray(0, octets)).integer(prefix)).toBe(-1);
      }
    }
  });

  test("may have zeros at their end, within four octets behind the prefix", () => {
    expect(readerOf([0x1f, 0x80, 0x80, 0x80, 0x00]).integer(0x1f)).toBe(31);
    expect(readerOf([0x1f, 0x80, 0x80, 0x80, 0x80, 0x00]).integer(0x1f)).toBe(-1);
  });

  test("of more octets are malformed, however small or large", () => {
    expect(readerOf([0x7f, 0xff, 0xff, 0xff, 0x7f]).integer(0x7f)).toBe(2 ** 28 - 1 + 0x7f);
    expect(readerOf([0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f]).integer(0x7f)).toBe(-1);
    expect(readerOf([0x7f, ...new Array<number>(100).fill(0xff)]).integer(0x7f)).toBe(-1);
  });
});

describe.each([false, true])("strings, Huffman-coded: %p", (isHuffman) => {
  const stringOf = (text: string) => new BlockBuilder().string(text, isHuffman).block;

  test.each(["", "a", "www.example.com", "x".repeat(126), "0".repeat(127), "e".repeat(5000), "\0\n\xff"])(
    "%p comes back where there is just enough room",
    (text) => {
      const octets = stringOf(text);
      const reader = readerOf(octets);
      const target = new Uint8Array(text.length + 10).fill(0xaa);
      expect(reader.string(target, 4, 4 + text.length)).toBe(4 + text.length);
      expect(textOf(target, 4, 4 + text.length)).toBe(text);
      expect([target[3]!, target[4 + text.length]!]).toEqual([0xaa, 0xaa]);
      expect([reader.position, reader.textOctets]).toEqual([1 + octets.length, text.length]);
    },
  );

  test("for which there is no room are read, measured and not kept", () => {
    const octets = stringOf("www.example.com");
    const reader = readerOf(octets);
    const target = new Uint8Array(20).fill(0xaa);
    expect(reader.string(target, 4, 4 + 14)).toBe(StringFailure.NoRoom);
    expect([...new Set(target)]).toEqual([0xaa]);
    expect([reader.position, reader.textOctets]).toEqual([1 + octets.length, 15]);
  });

  test("that are cut short are malformed", () => {
    const octets = stringOf("www.example.com".repeat(20));
    for (let length = 0; length < octets.length; length++) {
      expect(readerOf(octets.subarray(0, length)).string(new Uint8Array(500), 0, 500)).toBe(StringFailure.Malformed);
    }
  });

  test.each([
    ["a-0", Fault.None],
    ["A", Fault.InName],
    ["a b", Fault.InName],
    ["a\n", Fault.InName | Fault.InValue],
  ])("%p has faults %d", (text, faults) => {
    const reader = readerOf(stringOf(text));
    reader.string(new Uint8Array(10), 0, 10);
    expect(reader.faults).toBe(faults);
  });
});

test("a malformed code is malformed where there is no room for it, too", () => {
  const eos = [0x80 | 5, 0x1f, 0xff, 0xff, 0xff, 0xff];
  expect(readerOf(eos).string(new Uint8Array(10), 0, 10)).toBe(StringFailure.Malformed);
  expect(readerOf(eos).string(new Uint8Array(10), 0, 0)).toBe(StringFailure.Malformed);
});

test("a string that announces more octets than there can be is malformed", () => {
  const target = octetsOf("");
  expect(readerOf([0x7f, 0xff, 0xff, 0xff, 0x7f, 0x61]).string(target, 0, 0)).toBe(StringFailure.Malformed);
  expect(readerOf([0x7f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x61]).string(target, 0, 0)).toBe(StringFailure.Malformed);
});

/** Values in DER, written and read. */
import { describe, expect, test } from "bun:test";
import {
  bitString,
  boolean,
  context,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  time,
} from "../../../src/tls/x509/der.ts";
import { derValues, timeOf } from "../../../src/tls/x509/der-reader.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

describe("writes", () => {
  test.each<[string, Uint8Array, string]>([
    ["true", boolean(true), "0101ff"],
    ["0", integer(Buffer.of(0)), "020100"],
    ["127", integer(Buffer.of(127)), "02017f"],
    ["128, which isn't negative", integer(Buffer.of(128)), "02020080"],
    ["no zeros in front", integer(Buffer.of(0, 0, 1, 0)), "02020100"],
    ["bits", bitString(Buffer.of(0x06), 1), "03020106"],
    ["octets", octetString(Buffer.of(1, 2)), "04020102"],
    ["an identifier", objectIdentifier("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
    ["an implicit tag", context(2, Buffer.from("a")), "820161"],
    ["an explicit tag", explicit(0, integer(Buffer.of(2))), "a003020102"],
    ["a sequence", sequence(boolean(false), boolean(true)), "300601010001" + "01ff"],
    ["nothing", sequence(), "3000"],
  ])("%s", (_, octets, text) => expect(hex(octets)).toBe(text));

  test.each([
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_536, "0483010000"],
  ])("a length of %d", (length, head) => {
    const octets = octetString(Buffer.alloc(length));
    expect(hex(octets.subarray(0, octets.length - length))).toBe(head);
    expect(derValues(octets)[0]!.content.length).toBe(length);
  });
});

test.each([
  ["1999-12-31T23:59:59Z", 0x17, "991231235959Z"],
  ["2049-12-31T23:59:59Z", 0x17, "491231235959Z"],
  ["2050-01-01T00:00:00Z", 0x18, "20500101000000Z"],
])("the time %s", (text, tag, written) => {
  const [value] = derValues(time(Date.parse(text)));
  expect({ tag: value!.tag, text: Buffer.from(value!.content).toString() }).toEqual({ tag, text: written });
  expect(timeOf(value!)).toBe(Date.parse(text));
});

test("values in a row", () => {
  const both = Buffer.concat([boolean(true), integer(Buffer.of(5))]);
  expect(derValues(both).map(({ tag, whole }) => [tag, hex(whole)])).toEqual([
    [1, "0101ff"],
    [2, "020105"],
  ]);
});

test.each([
  ["cut off", "3003010"],
  ["longer than what holds it", "300501"],
  ["an indefinite length", "30800000"],
  ["a length of five octets", "30850000000001"],
  ["a length that is cut off", "3082"],
  ["no length", "30"],
])("refuses %s", (_, text) => expect(() => derValues(Buffer.from(text, "hex"))).toThrow(RangeError));

/** DER as others have written it: what is cut off or says too much of itself is refused. */
import { describe, expect, test } from "bun:test";
import { integer, octetString, sequence, time } from "../../../src/tls/x509/der.ts";
import { derValues, timeOf } from "../../../src/tls/x509/der-reader.ts";

describe("derValues", () => {
  test.each([0, 1, 127, 128, 255, 256, 65_536])("reads back %i octets of content", (octets) => {
    const whole = octetString(Buffer.alloc(octets, 7));
    const [value, ...rest] = derValues(whole);
    expect([value!.tag, value!.content.length, value!.whole.length, rest.length]).toEqual([4, octets, whole.length, 0]);
  });

  test("values one after the other, and one level at a time", () => {
    const [outer, second] = derValues(
      Buffer.concat([sequence(integer(Buffer.of(5)), octetString(Buffer.of())), integer(Buffer.of(6))]),
    );
    expect(derValues(outer!.content).map(({ tag }) => tag)).toEqual([0x02, 0x04]);
    expect([...second!.content]).toEqual([6]);
  });

  test.each([
    ["a tag alone", [0x30]],
    ["a length beyond the end", [0x04, 0x02, 0x00]],
    ["a long length that is cut off", [0x04, 0x82, 0x01]],
    ["a length in five octets", [0x04, 0x85, 0, 0, 0, 0, 0]],
    ["an indefinite length", [0x30, 0x80, 0x00, 0x00]],
  ])("refuses %s", (_, octets) => {
    expect(() => derValues(Buffer.from(octets))).toThrow(RangeError);
  });

  test("every beginning of a certificate-like value is refused, or is nothing", () => {
    const whole = sequence(sequence(integer(Buffer.of(1)), octetString(Buffer.alloc(200))), octetString(Buffer.of(0)));
    for (let end = 1; end < whole.length; end++) expect(() => derValues(whole.subarray(0, end))).toThrow(RangeError);
    expect(derValues(whole.subarray(0, 0))).toEqual([]);
  });
});

describe("timeOf", () => {
  test.each(["1970-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])(
    "%s",
    (text) => {
      expect(timeOf(derValues(time(Date.parse(text)))[0]!)).toBe(Date.parse(text));
    },
  );

  test("another form than RFC 5280's is no time", () => {
    for (const text of ["2601010000Z", "260101000000+0100", "", "20260101000000.5Z"]) {
      const [value] = derValues(octetString(Buffer.from(text)));
      expect(timeOf(value!)).toBeNaN();
    }
  });
});

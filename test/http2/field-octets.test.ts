import { expect, test } from "bun:test";
import { Fault, FAULTS } from "../../src/http2/field-octets.ts";

const octetsWithout = (fault: Fault) =>
  String.fromCharCode(...Array.from(FAULTS.keys()).filter((octet) => (FAULTS[octet]! & fault) === 0));

test("names are made of tokens without upper case (RFC 9113 §8.2.1)", () => {
  expect(octetsWithout(Fault.InName)).toBe("!#$%&'*+-.0123456789^_`abcdefghijklmnopqrstuvwxyz|~");
});

test("values hold HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5)", () => {
  const visible = Array.from({ length: 0x5f }, (_, index) => 0x20 + index);
  const obsText = Array.from({ length: 0x80 }, (_, index) => 0x80 + index);
  expect(octetsWithout(Fault.InValue)).toBe(String.fromCharCode(0x09, ...visible, ...obsText));
});

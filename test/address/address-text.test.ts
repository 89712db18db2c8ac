/**
 * Addresses as text: the canonical form that logs and lists share (RFC 5952 §4).
 */
import { expect, test } from "bun:test";
import { Address, parseAddress } from "../../src/address/address.ts";
import { canonicalAddress, formatAddress } from "../../src/address/address-text.ts";

test.each([
  ["10.1.2.3", "10.1.2.3"],
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["::FFFF:a01:203", "10.1.2.3"],
  ["::1", "::1"],
  ["::", "::"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["fe80::1%eth0", "fe80::1"],
  ["not an address", "not an address"],
  ["", ""],
])("canonicalAddress(%j) is %j", (text, expected) => {
  expect(canonicalAddress(text)).toBe(expected);
});

test("what is canonical already stays as it is", () => {
  for (const text of ["192.0.2.1", "2001:db8::1", "::1:2"]) expect(canonicalAddress(text)).toBe(text);
});

test("an address without a family is a dash", () => {
  const address = new Address();
  expect(parseAddress("nonsense", address)).toBe(false);
  expect(formatAddress(address)).toBe("-");
});

import { describe, expect, test } from "bun:test";
import {
  ALPHA,
  DIGIT,
  FIELD_VALUE,
  HEX,
  HEX_NONE,
  OWS,
  REG_NAME,
  TARGET_PATH,
  TARGET_QUERY,
  TCHAR,
  URI_PATH,
  URI_QUERY,
  equalsExactly,
  equalsIgnoringCase,
  octetsOf,
  textOf,
} from "../../src/http/octets.ts";

describe("octet classes", () => {
  // Each class a second time, as a regular expression over one ISO 8859-1 character.
  test.each([
    ["TCHAR", TCHAR, /[!#$%&'*+\-.^_`|~0-9A-Za-z]/],
    ["FIELD_VALUE", FIELD_VALUE, /[\t\x20-\x7e\x80-\xff]/],
    ["OWS", OWS, /[\t ]/],
    ["DIGIT", DIGIT, /[0-9]/],
    ["ALPHA", ALPHA, /[A-Za-z]/],
    ["TARGET_PATH", TARGET_PATH, /[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e\x80-\xff]/],
    ["TARGET_QUERY", TARGET_QUERY, /[\x21\x22\x24-\x7e\x80-\xff]/],
    ["URI_PATH", URI_PATH, /[A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/],
    ["URI_QUERY", URI_QUERY, /[\x21\x22\x24-\x7e]/],
    ["REG_NAME", REG_NAME, /[A-Za-z0-9\-._~!$&'()*+,;=]/],
  ])("%s holds what its grammar says and nothing else", (_name, octetClass, grammar) => {
    for (let octet = 0; octet < 256; octet++) {
      expect([octet, octetClass[octet] === 1]).toEqual([octet, grammar.test(String.fromCharCode(octet))]);
    }
  });

  test("no class holds CR, LF or NUL: every scan ends with its line", () => {
    for (const octetClass of [
      TCHAR,
      FIELD_VALUE,
      OWS,
      DIGIT,
      ALPHA,
      TARGET_PATH,
      TARGET_QUERY,
      URI_PATH,
      URI_QUERY,
      REG_NAME,
    ]) {
      expect([octetClass[0x0d], octetClass[0x0a], octetClass[0]]).toEqual([0, 0, 0]);
    }
  });

  test("HEX gives the value of a HEXDIG in either case, and nothing for the rest", () => {
    for (let octet = 0; octet < 256; octet++) {
      const character = String.fromCharCode(octet);
      expect(HEX[octet]).toBe(/[0-9A-Fa-f]/.test(character) ? parseInt(character, 16) : HEX_NONE);
    }
  });
});

describe("comparison", () => {
  test.each([
    ["close", "close", true],
    ["CLOSE", "close", true],
    ["cLoSe", "close", true],
    ["close ", "close", false],
    ["clos", "close", false],
    ["", "close", false],
    ["keep-alive", "keep-alive", true],
    ["keep_alive", "keep-alive", false],
    ["100-CONTINUE", "100-continue", true],
    ["HTTP://", "http://", true],
    ["http:/?", "http://", false],
  ])("%j is %j whatever the case: %j", (text, lowerCase, equal) => {
    const bytes = octetsOf(`x${text}x`);
    expect(equalsIgnoringCase(bytes, 1, 1 + text.length, octetsOf(lowerCase))).toBe(equal);
  });

  test.each([
    ["a", "a", true],
    ["a", "A", false],
    ["", "", true],
    ["ab", "a", false],
    ["a", "ab", false],
  ])("%j is exactly %j: %j", (text, other, equal) => {
    const bytes = octetsOf(`x${text}x`);
    expect(equalsExactly(bytes, 1, 1 + text.length, octetsOf(other))).toBe(equal);
  });
});

describe("text", () => {
  test("goes to octets and back", () => {
    const text = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
    expect(textOf(octetsOf(text), 0, 256)).toBe(text);
    expect(textOf(octetsOf(text), 65, 68)).toBe("ABC");
  });

  test("beyond ISO 8859-1 has no octets", () => {
    expect(() => octetsOf("\u0100")).toThrow(RangeError);
  });
});

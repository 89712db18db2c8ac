import { describe, expect, test } from "bun:test";
import { Field, FIELD_NAME } from "../../src/http/field.ts";
import { Method } from "../../src/http/method.ts";
import { octetsOf } from "../../src/http/octets.ts";
import { Scheme } from "../../src/http/request-head.ts";
import { FAULTS } from "../../src/http2/field-octets.ts";
import {
  ABOUT_CONNECTION,
  ANY_FAULT,
  FIELD_MASK,
  kindOfName,
  kindWithValue,
  meaningOfKind,
  Pseudo,
  PSEUDO,
} from "../../src/http2/field-kind.ts";

const faultsOf = (text: string) => octetsOf(text).reduce((faults, octet) => faults | FAULTS[octet]!, 0);

/** The kind of a name that lies within other octets. */
function kindOf(name: string): number {
  return kindOfName(octetsOf(`a${name}b`), 1, 1 + name.length, faultsOf(name));
}

function kindOfField(name: string, value: string): number {
  return kindWithValue(kindOf(name), octetsOf(` ${value} `), 1, 1 + value.length, faultsOf(value));
}

test.each(FIELD_NAME.map((name, field) => [name, field] as const))("%s is recognised", (name, field) => {
  expect(kindOf(name) & FIELD_MASK).toBe(field);
  expect(kindOf(`${name}x`) & FIELD_MASK).toBe(Field.count);
  expect(kindOf(name.slice(0, -1)) & FIELD_MASK).toBe(name === "te" ? Field.count : kindOf(name.slice(0, -1)));
});

test("fields about a connection are flagged, and no others", () => {
  const names = [...FIELD_NAME, "proxy-connection", "x-a"].filter((name) => (kindOf(name) & ABOUT_CONNECTION) !== 0);
  expect(names).toEqual(["connection", "transfer-encoding", "upgrade", "keep-alive", "proxy-connection"]);
  const faults = [...FIELD_NAME, "x-a"].filter((name) => (kindOf(name) & ANY_FAULT & ~ABOUT_CONNECTION) !== 0);
  expect(faults).toEqual([]);
});

test.each([
  [":method", Pseudo.Method],
  [":scheme", Pseudo.Scheme],
  [":authority", Pseudo.Authority],
  [":path", Pseudo.Path],
])("%s is a pseudo-field", (name, pseudo) => {
  expect(kindOf(name)).toBe(PSEUDO | pseudo);
});

describe("what a value means", () => {
  test.each<[string, string, number]>([
    [":method", "GET", Method.Get],
    [":method", "CONNECT", Method.Connect],
    [":method", "get", Method.Unknown],
    [":method", "", Method.Unknown],
    [":scheme", "http", Scheme.Http],
    [":scheme", "https", Scheme.Https],
    [":scheme", "httpS", Scheme.Https],
    [":scheme", "ftp", Scheme.None],
    [":authority", "a.example", 9],
    [":authority", "a.example:8080", 9],
    [":authority", "[::1]:8080", 5],
    [":authority", "user@a.example", 0],
    [":authority", ":8080", 0],
    [":authority", "", 0],
    [":path", "GET", 0],
    ["accept", "GET", 0],
  ])("%s: %s", (name, value, meaning) => {
    expect(meaningOfKind(kindOfField(name, value))).toBe(meaning);
    expect(kindOfField(name, value) & ANY_FAULT).toBe(0);
  });

  test("is a host no longer than a kind can say", () => {
    const octetsOfHost = (count: number) => meaningOfKind(kindOfField(":authority", "a".repeat(count)));
    expect([0x7ffff, 0x80000].map(octetsOfHost)).toEqual([0x7ffff, 0]);
  });

  test("doesn't go over to another value", () => {
    const get = kindOfField(":method", "GET");
    expect(kindWithValue(get, octetsOf("x"), 0, 1, 0)).toBe(kindOf(":method"));
    const bad = kindOfField("accept", "a\n");
    expect(bad & ANY_FAULT).not.toBe(0);
    expect(kindWithValue(bad, octetsOf("x"), 0, 1, 0)).toBe(Field.Accept);
  });
});

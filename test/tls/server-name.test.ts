/** Names of servers, and which certificates are for them. */
import { expect, test } from "bun:test";
import { canonicalName, covers, namesInAltName, wildcardFor } from "../../src/tls/server-name.ts";

test.each([
  ["Example.COM", "example.com"],
  ["example.com.", "example.com"],
  ["[::1]", "::1"],
  ["[2001:DB8:0:0:0:0:0:1]", "2001:db8::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["127.0.0.1", "127.0.0.1"],
  ["*.Example.com", "*.example.com"],
  ["[x]", "x"],
])("%s is %s", (name, canonical) => expect(canonicalName(name)).toBe(canonical));

test.each([
  ["a.example.com", "*.example.com"],
  ["example", null],
  [".example", null],
  ["10.0.0.1", null],
  ["::1", null],
])("the wildcard for %s is %p", (name, wildcard) => expect(wildcardFor(name)).toBe(wildcard));

test.each([
  ["a.example", true],
  ["x.b.example", true],
  ["b.example", false],
  ["y.x.b.example", false],
  ["127.0.0.1", true],
  ["0.0.1", false],
  ["c.example", false],
])("whether %s is covered: %p", (name, isCovered) => {
  expect(covers(["a.example", "*.b.example", "127.0.0.1", "*.0.0.1"], name)).toBe(isCovered);
});

test("a wildcard covers no address", () => expect(covers(["*.0.0.1"], "127.0.0.1")).toBe(false));

test.each<[string, string[]]>([
  ["", []],
  ["DNS:A.example, DNS:*.b.example", ["a.example", "*.b.example"]],
  ["IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1", ["127.0.0.1", "::1"]],
  ["email:x@y, URI:http://a/b, DNS:c", ["c"]],
  // A name that contains a comma could pass for two.
  ['DNS:"a, DNS:evil.example", DNS:b', ["b"]],
  ['URI:"http://a/, DNS:evil.example", DNS:b', ["b"]],
])("the names in %j", (text, names) => expect(namesInAltName(text)).toEqual(names));

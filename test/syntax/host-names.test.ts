/** Names and wildcards of hosts. */
import { expect, test } from "bun:test";
import { canonicalHost, HostNames } from "../../src/syntax/host-names.ts";

const names = new HostNames([
  ["Example.com", 1],
  ["*.example.com", 2],
  ["*.b.example.com", 3],
] as const);

test.each([
  ["example.com", "Example.com", 1],
  ["EXAMPLE.com.", "Example.com", 1],
  ["a.example.com", "*.example.com", 2],
  ["a.b.example.com", "*.b.example.com", 3],
])("%s leads by %s to %d", (name, by, host) =>
  expect(names.match(name)).toEqual({ name: by as never, host: host as never }),
);

test.each(["other", ".example.com", ""])("%p leads nowhere", (name) => expect(names.match(name)).toBeNull());

test("everybody else", () => expect(new HostNames([["*", 9]]).match("")).toEqual({ name: "*", host: 9 }));

test("one spelling", () => expect(canonicalHost("A.B.")).toBe("a.b"));

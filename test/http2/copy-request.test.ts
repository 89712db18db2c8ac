import { expect, test } from "bun:test";
import { Field } from "../../src/http/field.ts";
import { textOf } from "../../src/http/octets.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { copyRequest } from "../../src/http2/copy-request.ts";
import type { TextField } from "./support/decoding.ts";
import { GET, LIMITS, taken } from "./support/taken-request.ts";

/** Everything that a head says, its offsets as text. */
function contentsOf(head: RequestHead) {
  const at = (start: number, end: number) => (start < 0 ? null : textOf(head.bytes, start, end));
  const { bytes, start, end, position, searched, fields, fieldOfLine, known, ...rest } = head;
  const lines: TextField[] = [];
  head.eachField((name, value) => lines.push([name, value]));
  const values = Array.from({ length: Field.count }, (_, field) => head.value(field));
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !/(Start|End)$/.test(name))),
    lines,
    values,
    method: at(head.methodStart, head.methodEnd),
    target: at(head.targetStart, head.targetEnd),
    path: at(head.pathStart, head.pathEnd),
    query: at(head.queryStart, head.queryEnd),
    authority: at(head.authorityStart, head.authorityEnd),
    host: at(head.authorityStart, head.hostEnd),
  };
}

function copyOf(head: RequestHead): RequestHead {
  const copy = new RequestHead(LIMITS.fieldCountMax);
  copyRequest(head, copy);
  return copy;
}

const [METHOD, SCHEME, AUTHORITY, PATH] = GET as [TextField, TextField, TextField, TextField];

test.each<[string, readonly TextField[]]>([
  ["the shortest request", GET],
  ["a query", [METHOD, SCHEME, AUTHORITY, [":path", "/a?b"]]],
  ["an empty query", [METHOD, SCHEME, AUTHORITY, [":path", "/a?"]]],
  ["Host alone", [METHOD, SCHEME, PATH, ["host", "b.example:1"]]],
  ["OPTIONS *", [[":method", "OPTIONS"], SCHEME, AUTHORITY, [":path", "*"]]],
  [
    "CONNECT",
    [
      [":method", "CONNECT"],
      [":authority", "b:443"],
    ],
  ],
  ["fields, some repeated", [...GET, ["accept", "a"], ["x-a", ""], ["accept", "b"], ["te", "trailers"]]],
  ["one Cookie", [...GET, ["cookie", "a=b; c=d"], ["accept", "a"]]],
])("a copy of %s says the same", (_what, fields) => {
  const head = taken(fields, false);
  head.isAuthenticated = true;
  expect(contentsOf(copyOf(head))).toEqual(contentsOf(head));
});

test("content is copied as it was announced", () => {
  const head = taken([...GET, ["content-length", "5"], ["expect", "100-continue"]], false);
  expect(contentsOf(copyOf(head))).toEqual(contentsOf(head));
});

test("a copy has octets of its own, and no more than it needs", () => {
  const head = taken([...GET, ["accept", "a"]]);
  const before = contentsOf(head);
  const copy = copyOf(head);
  (head.bytes as Buffer).fill(0x2a);
  expect(contentsOf(copy)).toEqual(before);
  expect(copy.bytes.length).toBeLessThan(64);
});

test("crumbs of Cookie become one line, in the place of the first (RFC 9113 §8.2.3)", () => {
  const crumbs = Array.from({ length: 40 }, (_, index): TextField => ["cookie", `c${index}=${index}`]);
  const head = taken([...GET, ["accept", "a"], ...crumbs, ["x-a", "b"], ["cookie", "last=1"]]);
  const copy = copyOf(head);
  const joined = [...crumbs.map(([, value]) => value), "last=1"].join("; ");
  expect(copy.value(Field.Cookie)).toBe(joined);
  expect([copy.isRepeated(Field.Cookie), copy.fieldCount, head.fieldCount]).toEqual([false, 3, 43]);
  expect(contentsOf(copy).lines).toEqual([
    ["accept", "a"],
    ["cookie", joined],
    ["x-a", "b"],
  ]);
});

test("a copied head can be copied again, and used again", () => {
  const copy = copyOf(taken([...GET, ["cookie", "a"], ["cookie", "b"]]));
  const again = copyOf(copy);
  expect(contentsOf(again)).toEqual(contentsOf(copy));
  copyRequest(taken(GET), again);
  expect(contentsOf(again)).toEqual(contentsOf(taken(GET)));
});

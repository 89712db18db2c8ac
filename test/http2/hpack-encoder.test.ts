import { describe, expect, test } from "bun:test";
import { PartialHeads } from "../../src/http/partial-head.ts";
import { MoreLines } from "../../src/http/reply.ts";
import { buildResponseHead, type EncodedHead, type FieldLine } from "../../src/http/response-head.ts";
import { encodeFields, encodeHead, fieldBlockOf, moreLinesBlockOf } from "../../src/http2/hpack-encoder.ts";
import { Random } from "../http/support/random.ts";
import { Decoding, type TextField } from "./support/decoding.ts";

const EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT";
const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";

/** What any decoder makes of a block: one without a table, and one with a full one. */
function decoded(block: Uint8Array): TextField[] | string {
  const fields = new Decoding().fields(block);
  const decoding = new Decoding();
  decoding.outcome(Uint8Array.from([0x40, 0x01, 0x61, 0x01, 0x62]));
  expect(decoding.fields(block)).toEqual(fields);
  expect(decoding.table).toEqual([["a", "b"]]);
  return fields;
}

describe("a head", () => {
  test("is its status and its fields, in order, names in lower case", () => {
    const fields: FieldLine[] = [
      ["Server", "saker"],
      ["Content-Type", "text/html; charset=utf-8"],
      ["X-Cache", "HIT"],
      ["X-Empty", ""],
    ];
    expect(decoded(encodeHead(200, fields).octets)).toEqual([
      [":status", "200"],
      ["server", "saker"],
      ["content-type", "text/html; charset=utf-8"],
      ["x-cache", "HIT"],
      ["x-empty", ""],
    ]);
  });

  test.each([100, 103, 200, 204, 206, 301, 304, 400, 404, 421, 500, 503])("has status %d", (status) => {
    expect(decoded(encodeHead(status, []).octets)).toEqual([[":status", String(status)]]);
  });

  test("is an octet per field where the static table has it", () => {
    const { octets } = encodeHead(404, [["Accept-Encoding", "gzip, deflate"]]);
    expect([...octets]).toEqual([0x80 | 13, 0x80 | 16]);
  });

  test("leaves out what is about a connection (RFC 9113 §8.2.2)", () => {
    const fields: FieldLine[] = ["Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "Proxy-Connection"].map(
      (name) => [name, "x"],
    );
    expect(decoded(encodeHead(426, [...fields, ["X", "y"]]).octets)).toEqual([
      [":status", "426"],
      ["x", "y"],
    ]);
  });

  test("has no white space around values (RFC 9113 §8.2.1)", () => {
    expect(decoded(encodeFields([["X", " \ta b\t "]]))).toEqual([["x", "a b"]]);
  });

  test("has its dates as they are written, where it says", () => {
    const head = encodeHead(200, [
      ["Expires", null, 60],
      ["Date", null],
      ["X", "y"],
    ]);
    expect(decoded(head.octets)).toEqual([
      [":status", "200"],
      ["expires", EPOCH],
      ["date", EPOCH],
      ["x", "y"],
    ]);
    head.octets.write(DATE, head.dateOffset, "latin1");
    expect(decoded(head.octets)).toEqual([
      [":status", "200"],
      ["expires", EPOCH],
      ["date", DATE],
      ["x", "y"],
    ]);
    expect(head.octets.toString("latin1", head.expiresOffset, head.expiresOffset + 29)).toBe(EPOCH);
    expect([head.expiresSeconds, head.end, head.fieldsEnd]).toEqual([60, head.octets.length, head.octets.length]);
    expect(head.dateSecond).toBeNaN();
  });

  test("without dates says so", () => {
    const { dateOffset, expiresOffset, expiresSeconds } = encodeHead(200, [["X", "y"]]);
    expect([dateOffset, expiresOffset, expiresSeconds]).toEqual([-1, -1, 0]);
  });

  test("is made once", () => {
    const head = buildResponseHead(200, [["Date", null]]);
    expect(head.h2).toBeNull();
    const block = fieldBlockOf(head);
    expect(decoded(block.octets)).toEqual([
      [":status", "200"],
      ["date", EPOCH],
    ]);
    expect(fieldBlockOf(head)).toBe(block);
  });
});

test("more lines go behind any head, and are made once", () => {
  const lines = new MoreLines([
    ["Access-Control-Allow-Origin", "https://b.example"],
    ["Vary", "Origin"],
  ]);
  const block = moreLinesBlockOf(lines);
  expect(decoded(Buffer.concat([encodeHead(304, []).octets, block]))).toEqual([
    [":status", "304"],
    ["access-control-allow-origin", "https://b.example"],
    ["vary", "Origin"],
  ]);
  expect(moreLinesBlockOf(lines)).toBe(block);
});

test("heads of ranges share what they begin with", () => {
  const heads = new PartialHeads(
    [
      ["Date", null],
      ["ETag", '"a"'],
      ["Expires", null, 5],
    ],
    1000,
  );
  const [one, other] = [heads.of(0, 9), heads.of(10, 999)];
  const blocks = [fieldBlockOf(one), fieldBlockOf(other)] as const;
  const fieldsOf = ({ end, octets }: EncodedHead) => decoded(octets.subarray(0, end));
  blocks[0].octets.write(DATE, blocks[0].dateOffset, "latin1");
  expect(fieldsOf(blocks[0])).toEqual([
    [":status", "206"],
    ["date", DATE],
    ["etag", '"a"'],
    ["expires", EPOCH],
    ["content-range", "bytes 0-9/1000"],
    ["content-length", "10"],
  ]);
  expect(fieldsOf(blocks[1])).toEqual([
    [":status", "206"],
    ["date", EPOCH],
    ["etag", '"a"'],
    ["expires", EPOCH],
    ["content-range", "bytes 10-999/1000"],
    ["content-length", "990"],
  ]);
  expect(fieldsOf(blocks[1])).toEqual(fieldsOf(encodeHead(206, other.fields)));
  expect([blocks[1].dateOffset, blocks[1].expiresOffset, blocks[1].expiresSeconds]).toEqual([
    blocks[0].dateOffset,
    blocks[0].expiresOffset,
    5,
  ]);
  expect(fieldBlockOf(one)).toBe(blocks[0]);
});

test("whatever the fields, they come back", () => {
  const random = new Random(77);
  for (let round = 0; round < 500; round++) {
    const fields = Array.from({ length: random.below(10) }, (): TextField => {
      const name = random.pick(["server", "x-a", "content-type", "set-cookie", "etag", "x-" + random.text("abc", 9)]);
      return [name, random.text('abcXYZ019 "/;=\xe9~<', random.below(300)).trim()];
    });
    const expected: TextField[] = [[":status", "200"], ...fields];
    const size = expected.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    if (size <= 4096) expect(decoded(encodeHead(200, fields).octets)).toEqual(expected);
  }
});

test("the numbers of a range may be the largest", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const { end, octets } = fieldBlockOf(new PartialHeads([], most).of(0, most - 1));
  expect(decoded(octets.subarray(0, end))).toEqual([
    [":status", "206"],
    ["content-range", `bytes 0-${most - 1}/${most}`],
    ["content-length", String(most)],
  ]);
});

test.each<[string, FieldLine]>([
  ["a value that would begin another field line", ["X", "a\r\nb: c"]],
  ["NUL in a value", ["X", "a\0"]],
  ["what ISO 8859-1 lacks", ["X", "\u20ac"]],
  ["a colon in a name", ["X:", "a"]],
  ["no name", ["", "a"]],
])("refuses %s", (_what, line) => {
  expect(() => encodeFields([line])).toThrow(TypeError);
  expect(() => encodeHead(103, [line])).toThrow(TypeError);
});

test("a string is never longer for being coded", () => {
  for (const text of ["a", "\xff", "{}", '"<>"', "text/html", 'W/"5d8c72a5edda8"', "\x80".repeat(200)]) {
    expect(encodeFields([["x", text]]).length).toBeLessThanOrEqual(3 + 2 + text.length);
  }
});

/** A 206's head is what would be built for its field lines, whatever the range. */
import { describe, expect, test } from "bun:test";
import { PartialHeads } from "../../src/http/partial-head.ts";
import { buildResponseHead, type FieldLine, type ResponseHead } from "../../src/http/response-head.ts";
import { Random } from "./support/random.ts";

const FIELDS: readonly FieldLine[] = [
  ["Server", "saker"],
  ["Date", null],
  ["Content-Type", "video/mp4"],
  ["Expires", null, 60],
];

const textOf = ({ h1 }: ResponseHead) => h1.octets.toString("latin1", 0, h1.end);

function expectAsBuilt(head: ResponseHead): void {
  const built = buildResponseHead(206, head.fields);
  expect(textOf(head)).toBe(textOf(built));
  const { dateOffset, expiresOffset, expiresSeconds, fieldsEnd } = head.h1;
  expect([dateOffset, expiresOffset, expiresSeconds, fieldsEnd]).toEqual([
    built.h1.dateOffset,
    built.h1.expiresOffset,
    built.h1.expiresSeconds,
    built.h1.fieldsEnd,
  ]);
  expectPutAs(head, built);
}

/** What it writes elsewhere is the same, dates as they stand in what all have in common. */
function expectPutAs(head: ResponseHead, built: ResponseHead): void {
  const target = Buffer.alloc(head.fieldsOctetsMax);
  const end = head.put(target);
  expect(target.toString("latin1", 0, end) + "\r\n").toBe(textOf(built));
  expect([head.dated.dateOffset, head.dated.expiresOffset]).toEqual([built.h1.dateOffset, built.h1.expiresOffset]);
  expect([built.isShared, head.isShared]).toEqual([true, false]);
}

test("says which octets follow, of how many", () => {
  const head = new PartialHeads([["Server", "saker"]], 1000).of(10, 19);
  expect(head.status).toBe(206);
  expect(textOf(head)).toBe(
    "HTTP/1.1 206 Partial Content\r\nServer: saker\r\nContent-Range: bytes 10-19/1000\r\nContent-Length: 10\r\n\r\n",
  );
  expect(head.fields).toEqual([
    ["Server", "saker"],
    ["Content-Range", "bytes 10-19/1000"],
    ["Content-Length", "10"],
  ]);
});

describe("is what would be built of its field lines", () => {
  const most = Number.MAX_SAFE_INTEGER;

  test.each([
    ["one octet", 0, 0, 1],
    ["more than 2^32 octets", 2 ** 33, 2 ** 40, 2 ** 41],
    ["the longest numbers", most - 2, most - 1, most],
    ["everything of the largest", 0, most - 1, most],
  ])("%s", (_, first, last, size) => expectAsBuilt(new PartialHeads(FIELDS, size).of(first, last)));

  test("any", () => {
    const random = new Random(0x206);
    for (let round = 0; round < 2000; round++) {
      const size = 1 + random.below(10 ** (1 + random.below(9)));
      const first = random.below(size);
      expectAsBuilt(new PartialHeads(FIELDS, size).of(first, first + random.below(size - first)));
    }
  });

  test("behind fields of any length", () => {
    expectAsBuilt(new PartialHeads([...FIELDS, ["X", "x".repeat(10_000)]], 10).of(3, 4));
    expectAsBuilt(new PartialHeads([], 10).of(3, 4));
  });
});

test("one head is nobody else's: another range and its date leave it alone", () => {
  const heads = new PartialHeads(FIELDS, 1000);
  const first = heads.of(0, 99);
  const before = textOf(first);
  const second = heads.of(900, 999);
  second.h1.octets.fill(0x2a);
  second.h1.dateSecond = 5;
  expect(textOf(first)).toBe(before);
  expect(first.h1.dateSecond).toBeNaN();
  expect(heads.of(0, 99).h1.dateSecond).toBeNaN();
  expect(textOf(heads.of(0, 99))).toBe(before);
});

test("is written with the dates of what all have in common", () => {
  const heads = new PartialHeads(FIELDS, 1000);
  const { dated } = heads.of(0, 99);
  const date = "Thu, 01 Jan 1998 00:00:00 GMT";
  dated.octets.write(date, dated.dateOffset, "latin1");
  const target = Buffer.alloc(heads.of(5, 6).fieldsOctetsMax);
  const end = heads.of(5, 6).put(target);
  expect(target.toString("latin1", 0, end)).toContain(`\r\nDate: ${date}\r\n`);
});

import { describe, expect, test } from "bun:test";
import { RangeOutcome } from "../../../src/http/byte-range.ts";
import { Coding } from "../../../src/http/content-coding.ts";
import { parseHttpDate } from "../../../src/http/http-date.ts";
import { namesRepresentation, RangeSelection } from "../../../src/site/represent/range-selection.ts";
import { headOf } from "../../http/support/head-result.ts";

const DATE = "Mon, 03 Jun 2024 12:34:56 GMT";
const DATED = { lastModifiedSeconds: parseHttpDate(Buffer.from(DATE), 0, DATE.length), size: 1000 };
const PLAIN = Buffer.from('"a-1"');
const CODED = Buffer.from('"a-1.br-2"');
const IDENTITY = { ...DATED, coding: Coding.Identity, isCoded: false, entityTag: PLAIN };
const BROTLI = { ...DATED, coding: Coding.Br, isCoded: true, entityTag: CODED };
const headWith = (...lines: string[]) =>
  headOf(`GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=5-\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);

describe("which representation a request for ranges names", () => {
  test.each<[lines: string[], plain: boolean, coded: boolean, other: boolean]>([
    [[], false, false, false],
    [['If-Range: "a-1"'], true, false, false],
    [['If-Range: "a-1.br-2"'], false, true, true],
    [['If-Range: W/"a-1"'], false, false, true],
    [['If-Range: "else"'], false, false, true],
    [[`If-Range: ${DATE}`], false, false, true],
    [['If-Range: "a-1"', 'If-Range: "a-1"'], false, false, true],
    [['If-Match: "a-1"'], true, false, false],
    [['If-Match: "x", "a-1.br-2"'], false, true, true],
    [['If-Match: "x"', 'If-Match: "a-1"'], true, false, false],
    [["If-Match: *"], false, false, false],
    [['If-Match: "a-1.br-2"', 'If-Range: "a-1"'], true, false, false],
    [['If-None-Match: "a-1.br-2"'], false, false, false],
  ])("%p", (lines, plain, coded, other) => {
    const head = headWith(...lines);
    expect(namesRepresentation(head, PLAIN)).toBe(plain);
    expect(namesRepresentation(head, CODED)).toBe(coded);
    const ranges = new RangeSelection();
    expect(ranges.areOfIdentity(IDENTITY, true, head)).toBe(!other);
    expect(ranges.areOfIdentity(IDENTITY, false, head)).toBe(false);
  });
});

/** A request with a Range, unless it has one of its own. */
function outcomeOf(representation: typeof IDENTITY, lines: readonly string[], method = "GET"): number {
  const text = `${method} / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  return new RangeSelection().evaluate(representation, headOf(text));
}

describe("how many ranges are sent, or why none is", () => {
  const RANGE = "Range: bytes=5-";
  const many = "-1,".repeat(257);
  test.each<[lines: string[], plain: number, coded: number]>([
    [[], RangeOutcome.Absent, RangeOutcome.Absent],
    [[RANGE, RANGE], RangeOutcome.Repeated, RangeOutcome.Repeated],
    [[RANGE], 1, RangeOutcome.CodingNotNamed],
    [[RANGE, 'If-Range: "x"'], RangeOutcome.IfRangeStale, RangeOutcome.IfRangeStale],
    [[RANGE, `If-Range: ${DATE}`], 1, RangeOutcome.IfRangeStale],
    [[RANGE, 'If-Range: "a-1"'], 1, RangeOutcome.IfRangeStale],
    [[RANGE, 'If-Match: "a-1.br-2"'], 1, 1],
    [["Range: bytes=0-1,5-6", 'If-Match: "a-1.br-2"'], 2, RangeOutcome.PartsOfCoding],
    [["Range: bytes=0-1,2-3"], 1, RangeOutcome.CodingNotNamed],
    [["Range: bytes=1000-", 'If-Match: "a-1.br-2"'], RangeOutcome.Unsatisfiable, RangeOutcome.Unsatisfiable],
    [["Range: lines=1-2"], RangeOutcome.OtherUnit, RangeOutcome.CodingNotNamed],
    [["Range: bytes=x"], RangeOutcome.Malformed, RangeOutcome.CodingNotNamed],
    [[`Range: bytes=${many}`], RangeOutcome.TooMany, RangeOutcome.CodingNotNamed],
    [["Range: bytes=9-,8-,7-,6-"], RangeOutcome.Wasteful, RangeOutcome.CodingNotNamed],
  ])("%j", (lines, plain, coded) => {
    expect([outcomeOf(IDENTITY, lines), outcomeOf(BROTLI, lines)]).toEqual([plain, coded]);
  });

  test("of nothing, and to HEAD", () => {
    expect(outcomeOf({ ...IDENTITY, size: 0 }, [RANGE])).toBe(RangeOutcome.EmptyContent);
    expect(outcomeOf(IDENTITY, [RANGE], "HEAD")).toBe(RangeOutcome.OtherMethod);
  });
});

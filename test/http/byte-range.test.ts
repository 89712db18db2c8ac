import { describe, expect, test } from "bun:test";
import { evaluateIfRange, parseByteRanges, RangeOutcome } from "../../src/http/byte-range.ts";
import { headOf } from "./support/head-result.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

const RANGES_MAX = 4;

/** Pairs of first and last octet; "ignore"; or "unsatisfiable". The value lies between other octets. */
function parse(value: string, representationOctets: number) {
  const out = new Float64Array(2 * RANGES_MAX).fill(-7);
  const count = parseByteRanges(octets(`1${value}1`), 1, 1 + value.length, representationOctets, out);
  if (count === RangeOutcome.Unsatisfiable) return "unsatisfiable";
  if (count < 1) return "ignore";
  return [...out.subarray(0, 2 * count)];
}

/** Why there are no ranges. */
test.each<[value: string, representationOctets: number, outcome: RangeOutcome]>([
  ["bytes=1000-", 1000, RangeOutcome.Unsatisfiable],
  ["lines=1-2", 1000, RangeOutcome.OtherUnit],
  ["bytes", 1000, RangeOutcome.OtherUnit],
  ["bytes=0-", 0, RangeOutcome.EmptyContent],
  ["bytes=2-1", 1000, RangeOutcome.Malformed],
  ["bytes=,", 1000, RangeOutcome.Malformed],
  ["bytes=0-1,3-4,6-7,9-10,12-13", 1000, RangeOutcome.TooMany],
])("%s of %d octets has an outcome with a name", (value, representationOctets, outcome) => {
  const out = new Float64Array(2 * RANGES_MAX);
  expect(parseByteRanges(octets(value), 0, value.length, representationOctets, out)).toBe(outcome);
});

describe("byte ranges of 1000 octets", () => {
  test.each([
    ["bytes=0-499", [0, 499]],
    ["bytes=500-999", [500, 999]],
    ["bytes=999-999", [999, 999]],
    ["bytes=0-0", [0, 0]],
    ["bytes=0-", [0, 999]],
    ["bytes=999-", [999, 999]],
    ["bytes=500-5000", [500, 999]],
    ["bytes=0-99999999999999999999999", [0, 999]],
    ["bytes=0000000000000000000000000000007-8", [7, 8]],
    ["bytes=-1", [999, 999]],
    ["bytes=-500", [500, 999]],
    ["bytes=-1000", [0, 999]],
    ["bytes=-1001", [0, 999]],
    ["bytes=-99999999999999999999999", [0, 999]],
    ["BYTES=0-1", [0, 1]],
    ["Bytes=0-1", [0, 1]],
    ["bytes=0-1,2-3", [0, 1, 2, 3]],
    ["bytes=0-1, 4-5 ,\t-1", [0, 1, 4, 5, 999, 999]],
    ["bytes= 0-1", [0, 1]],
    ["bytes=0-1 ", [0, 1]],
    ["bytes=,,0-1,,", [0, 1]],
    ["bytes=2-3,0-9,0-9", [2, 3, 0, 9, 0, 9]],
    ["bytes=2000-,0-1", [0, 1]],
    ["bytes=0-1,-0,2000-3000", [0, 1]],
    ["bytes=0-0,1-1,2-2,3-3", [0, 0, 1, 1, 2, 2, 3, 3]],
  ])("%s", (value, pairs) => expect(parse(value, 1000)).toEqual(pairs));

  test.each([
    "bytes=1000-",
    "bytes=1000-1000",
    "bytes=99999999999999999999999-",
    "bytes=-0",
    "bytes=-000",
    "bytes=1000-,-0",
  ])("%s is not satisfiable", (value) => expect(parse(value, 1000)).toBe("unsatisfiable"));

  test.each([
    "",
    "bytes",
    "bytes=",
    "bytes= ",
    "bytes=,",
    "bytes=-",
    "bytes=--1",
    "bytes=0",
    "bytes=a-b",
    "bytes=0-a",
    "bytes=a-",
    "bytes=0x0-1",
    "bytes=+0-1",
    "bytes=0--1",
    "bytes=0-1-2",
    "bytes=0 -1",
    "bytes=0- 1",
    "bytes=- 1",
    "bytes=1-0",
    "bytes=500-499",
    "bytes=2000-1999",
    "bytes=0-1;2-3",
    "bytes=0-1 2-3",
    "bytes=0-1,x",
    "bytes=0-1,1-0",
    "bytes=2000-,x",
    "bytes =0-1",
    " bytes=0-1",
    "bytes:0-1",
    "bytes 0-1",
    "byte=0-1",
    "bytess=0-1",
    "octets=0-1",
    "none",
    "items=0-1",
    "=0-1",
    "0-1",
    "*",
    "bytes=*",
    "bytes=0-1/1000",
    "bytes=0-0,1-1,2-2,3-3,4-4",
    "bytes=2000-,2000-,2000-,2000-,0-1",
  ])("%j is ignored", (value) => expect(parse(value, 1000)).toBe("ignore"));
});

test("nothing is to be had of an empty representation, so no range of it is refused", () => {
  for (const value of ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"]) expect(parse(value, 0)).toBe("ignore");
});

test("offsets are exact beyond 2^32", () => {
  const size = 2 ** 52 + 1;
  expect(parse(`bytes=${2 ** 52}-`, size)).toEqual([2 ** 52, 2 ** 52]);
  expect(parse(`bytes=-${2 ** 52}`, size)).toEqual([1, 2 ** 52]);
});

describe("a slow and obvious model", () => {
  test("finds the same ranges in generated sets", () => {
    for (let seed = 1; seed <= 20_000; seed++) {
      const random = new Random(seed);
      const size = 1 + random.below(12);
      const value = generateValue(random);
      expect([seed, value, size, parse(value, size)]).toEqual([seed, value, size, model(value, size)]);
    }
  });

  function generateValue(random: Random): string {
    const spec = () => {
      if (random.chance(20)) return random.pick(["", "x", "-", "3", "1-2-3"]);
      const first = random.chance(3) ? "" : String(random.below(16));
      return `${first}-${first !== "" && random.chance(3) ? "" : random.below(16)}`;
    };
    const specs = Array.from({ length: 1 + random.below(5) }, spec);
    return `${random.chance(20) ? "items" : "bytes"}=${specs.join(random.pick([",", ", ", " ,\t"]))}`;
  }

  /** Octet by octet: which of them does each range-spec name? */
  function model(value: string, size: number) {
    const [, set] = /^bytes=(.*)$/i.exec(value) ?? [];
    const specs =
      set
        ?.split(",")
        .map((spec) => spec.replace(/^[ \t]+|[ \t]+$/g, ""))
        .filter((spec) => spec !== "") ?? [];
    if (specs.length === 0 || specs.length > RANGES_MAX) return "ignore";
    const pairs: number[] = [];
    for (const spec of specs) {
      const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? ["", "", ""];
      if (first === "" && last === "") return "ignore";
      if (first !== "" && last !== "" && Number(last) < Number(first)) return "ignore";
      const named = Array.from({ length: size }, (_, octet) => octet).filter((octet) =>
        first === "" ? octet >= size - Number(last) : octet >= Number(first) && (last === "" || octet <= Number(last)),
      );
      if (named.length > 0) pairs.push(named[0]!, named.at(-1)!);
    }
    return pairs.length > 0 ? pairs : "unsatisfiable";
  }
});

describe("If-Range (RFC 9110 §13.1.5)", () => {
  const TAG = '"abc"';
  const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
  const SECONDS = Date.UTC(1994, 10, 6, 8, 49, 37) / 1000;

  test.each([
    ["no If-Range", "", TAG, true],
    ["the same tag", `If-Range: ${TAG}\r\n`, TAG, true],
    ["another tag", 'If-Range: "x"\r\n', TAG, false],
    ["a weak tag", `If-Range: W/${TAG}\r\n`, TAG, false],
    ["the same weak tag", `If-Range: W/${TAG}\r\n`, `W/${TAG}`, false],
    ["a list of tags", `If-Range: ${TAG}, "x"\r\n`, TAG, false],
    ["any tag", "If-Range: *\r\n", TAG, false],
    ["no value", "If-Range:\r\n", TAG, false],
    ["no value, and no tag", "If-Range:\r\n", "", false],
    ["the same date", `If-Range: ${MODIFIED}\r\n`, TAG, true],
    ["the same date as asctime", "If-Range: Sun Nov  6 08:49:37 1994\r\n", TAG, true],
    ["an earlier date", "If-Range: Sun, 06 Nov 1994 08:49:36 GMT\r\n", TAG, false],
    ["a later date", "If-Range: Sun, 06 Nov 1994 08:49:38 GMT\r\n", TAG, false],
    ["no date", "If-Range: yesterday\r\n", TAG, false],
    ["two lines", `If-Range: ${TAG}\r\nIf-Range: ${TAG}\r\n`, TAG, false],
  ])("%s", (_what, field, tag, holds) => {
    const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\n${field}\r\n`);
    expect(evaluateIfRange(head, octets(tag), SECONDS)).toBe(holds);
  });

  test("no date is right without modification date", () => {
    for (const value of [MODIFIED, "yesterday"]) {
      const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\nIf-Range: ${value}\r\n\r\n`);
      expect(evaluateIfRange(head, octets(TAG), NaN)).toBe(false);
    }
  });
});

import { describe, expect, test } from "bun:test";
import { RangeOutcome } from "../../src/http/byte-range.ts";
import { coalesceRanges, RangeParts } from "../../src/http/multipart-ranges.ts";
import { Random } from "./support/random.ts";

type Ranges = readonly (readonly [first: number, last: number])[];

/** "0-1 5-9" */
function rangesOf(text: string): Ranges {
  return text.split(" ").map((pair) => pair.split("-").map(Number) as [number, number]);
}

function coalesce(wanted: Ranges, representationOctets = 100_000): Ranges | "whole" {
  const ranges = new Float64Array(wanted.flat());
  const count = coalesceRanges(ranges, wanted.length, representationOctets);
  if (count === RangeOutcome.Wasteful) return "whole";
  return Array.from({ length: count }, (_, index) => [ranges[index * 2]!, ranges[index * 2 + 1]!] as const);
}

describe("ranges to send", () => {
  test.each([
    ["one", "5-9", "5-9"],
    ["two apart", "0-1 10-12", "0-1 10-12"],
    ["two, the later one first", "10-12 0-1", "10-12 0-1"],
    ["one octet between them", "0-1 3-4", "0-1 3-4"],
    ["adjacent", "0-1 2-4", "0-4"],
    ["adjacent, the later one first", "2-4 0-1", "0-4"],
    ["overlapping", "0-5 3-8", "0-8"],
    ["the same twice", "3-8 3-8", "3-8"],
    ["one inside another", "0-9 3-4", "0-9"],
    ["one around another", "3-4 0-9", "0-9"],
    ["one that joins two others", "0-1 4-5 2-3", "0-5"],
    ["one that joins the outer two of three", "0-1 50-60 4-5 2-3", "0-5 50-60"],
    ["joined in the place of the first", "20-29 0-9 25-39", "20-39 0-9"],
    ["everything in two", "0-49999 50000-99999", "0-99999"],
  ])("%s", (_, wanted, sent) => expect(coalesce(rangesOf(wanted))).toEqual(rangesOf(sent)));

  const tiny = (count: number) => Array.from({ length: count }, (_, index) => `${index * 2}-${index * 2}`).join(" ");

  const blocks = (count: number) =>
    Array.from({ length: count }, (_, index) => `${index * 20_000}-${index * 20_000 + 4095}`).join(" ");

  test("adjacent blocks are one", () => {
    const adjacent = Array.from({ length: 256 }, (_, index) => [index * 4096, index * 4096 + 4095] as const);
    expect(coalesce(adjacent, 10_000_000)).toEqual([[0, 256 * 4096 - 1]]);
  });

  test.each([
    ["more than two that overlap", "0-9 5-14 10-19 15-24", 100_000],
    ["the same four times", "0-0 0-0 0-0 0-0", 100_000],
    ["everything four times", "0-999 0-999 0-999 0-999", 1000],
    ["one after the other, backwards", "90-91 60-61 30-31 0-1", 100_000],
    ["to and fro", "90-91 0-1 80-81 10-11 70-71 20-21", 100_000],
    ["tiny ones that cost more than everything", tiny(5), 500],
    ["many tiny ones of a small representation", tiny(16), 1900],
    ["256 tiny ones of what they would cost", tiny(256), 256 * 120],
    ["256 blocks of which three overlap", `${blocks(253)} 5-9 20001-20002 40001-40002`, 10_000_000],
  ])("%s: the whole instead", (_, wanted, representationOctets) =>
    expect(coalesce(rangesOf(wanted), representationOctets)).toBe("whole"),
  );

  test.each([
    ["few, however tiny", tiny(4), 8],
    ["many tiny ones of a large representation", tiny(16), 100_000],
    ["256 blocks, as zsync and zchunk ask for them", blocks(256), 10_000_000],
    ["one descent, then many blocks", `9000000-9000999 ${blocks(255)}`, 10_000_000],
  ])("%s: as asked for", (_, wanted, octets) => expect(coalesce(rangesOf(wanted), octets)).toEqual(rangesOf(wanted)));

  test("cover what was asked for and nothing else, once, in the order of first mention", () => {
    const seed = 0x206;
    const random = new Random(seed);
    for (let round = 0; round < 5000; round++) {
      const size = 1 + random.below(60);
      const wanted = Array.from({ length: 1 + random.below(6) }, () => {
        const first = random.below(size);
        return [first, first + random.below(size - first)] as const;
      });
      const sent = coalesce(wanted, size);
      if (sent === "whole") continue;
      const octetsOf = (ranges: Ranges) =>
        ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index));
      const context = `seed ${seed}, round ${round}: ${JSON.stringify(wanted)}`;
      expect(
        octetsOf(sent).sort((a, b) => a - b),
        context,
      ).toEqual([...new Set(octetsOf(wanted))].sort((a, b) => a - b));
      const mentions = sent.map(([first, last]) => wanted.findIndex(([from, to]) => from >= first && to <= last));
      expect(mentions, context).toEqual(mentions.toSorted((a, b) => a - b));
      for (const [first] of sent)
        expect(
          sent.some(([, last]) => last === first - 1),
          context,
        ).toBe(false);
    }
  });
});

describe("multipart/byteranges", () => {
  test("reads as RFC 9110 §15.3.7.2 shows it", () => {
    const content = "abcdefghijklmnopqrstuvwxyz";
    const ranges = new Float64Array([0, 1, 10, 12]);
    const parts = new RangeParts(ranges, 2, 26, "text/plain; charset=utf-8", "B0UNDARY");
    ranges.fill(0); // they were those of the request
    const { closing, octets } = parts;
    const bodies = [0, 1].map((index) => {
      const { lead, offset, octets } = parts.at(index)!;
      return `${lead}${content.slice(offset, offset + octets)}`;
    });
    expect(parts.at(2)).toBeUndefined();
    const body = `${bodies.join("")}${closing}`;
    expect(body).toBe(
      "\r\n--B0UNDARY\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/26\r\n\r\nab" +
        "\r\n--B0UNDARY\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 10-12/26\r\n\r\nklm" +
        "\r\n--B0UNDARY--\r\n",
    );
    expect(octets).toBe(body.length);
  });

  test("offsets beyond 2^32 are written in full", () => {
    const parts = new RangeParts(new Float64Array([2 ** 40, 2 ** 40 + 1]), 1, 2 ** 41, "video/mp4", "B");
    expect(parts.at(0)!.lead.toString()).toContain("bytes 1099511627776-1099511627777/2199023255552\r\n");
  });
});

import { describe, expect, test } from "bun:test";
import { HeaderWord } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { peekScrapeInterval, takeScrapeInterval } from "../../src/stats/scrape.ts";
import { openSegment, type Segment } from "../../src/stats/segment.ts";
import { serve, TemporarySegment } from "./temporary-segment.ts";

const take = (segment: Segment): number => takeScrapeInterval(segment, readStatistics(segment).total);

describe("average response time since the previous scrape", () => {
  test("is 0 when nothing was answered, ever or since", () => {
    using temporary = new TemporarySegment();
    expect(take(temporary.segment)).toBe(0);
    serve(temporary.ready(), "/", 200, 1000);
    take(temporary.segment);
    expect(take(temporary.segment)).toBe(0);
  });

  test("covers only what was answered since, whichever process was asked before", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const other = openSegment(temporary.path);
    serve(slot, "/", 200, 1000);
    serve(slot, "/", 200, 3000);
    expect(take(temporary.segment)).toBe(2);
    serve(slot, "/", 200, 10_000);
    expect(take(other)).toBe(10);
    serve(slot, "/", 200, 500);
    expect(take(temporary.segment)).toBe(0.5);
  });

  test("goes on over a fold", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot, "/", 200, 1000);
    take(temporary.segment);
    serve(slot, "/", 200, 4000);
    temporary.segment.foldSlot(slot.index);
    expect(take(temporary.segment)).toBe(4);
  });

  test("peeking does not end the interval", () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready(), "/", 200, 2000);
    const { total } = readStatistics(temporary.segment);
    expect([peekScrapeInterval(temporary.segment, total), peekScrapeInterval(temporary.segment, total)]).toEqual([
      2, 2,
    ]);
    expect(take(temporary.segment)).toBe(2);
  });

  test("a scrape that read earlier and comes later does not move the mark back", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot, "/", 200, 1000);
    const early = readStatistics(temporary.segment).total;
    serve(slot, "/", 200, 1000);
    take(temporary.segment);
    expect(takeScrapeInterval(temporary.segment, early)).toBe(0);
    expect(take(temporary.segment)).toBe(0); // a mark moved back would have shown the second response again
  });

  test("a lock whose holder died is taken over, and given back", () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready(), "/", 200, 1000);
    Atomics.store(temporary.segment.words, HeaderWord.ScrapeLock, 999_999);
    expect(take(temporary.segment)).toBe(1);
    expect(temporary.segment.words[HeaderWord.ScrapeLock]).toBe(0);
  });
});

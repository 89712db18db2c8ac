/**
 * Looks at saker's totals again and again while something is done to it: they must never go backwards.
 *
 * In:    a running server, its statistics file (read as anyone may, without a request).
 * Out:   how often a total was smaller than before, and where.
 */
import { COUNTER_COUNT } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { openSegment } from "../../src/stats/segment.ts";

const LOOK_MS = 20;

export function watchStatistics(statsFile: string): { stop(): { looks: number; stepsBack: string[] } } {
  const segment = openSegment(statsFile);
  const before = new Float64Array(COUNTER_COUNT);
  const stepsBack: string[] = [];
  let looks = 0;
  const look = (): void => {
    const { cells } = readStatistics(segment).total;
    looks++;
    for (let index = 0; index < COUNTER_COUNT; index++) {
      if (cells[index]! < before[index]!) stepsBack.push(`cell ${index}: ${before[index]} to ${cells[index]}`);
      before[index] = cells[index]!;
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { looks, stepsBack };
    },
  };
}

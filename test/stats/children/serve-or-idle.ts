/**
 * Runs the hot functions of a slot, or an empty loop, some million times; the parent counts collections.
 *
 * In:    path of the statistics file, "serve" or "idle".
 */
import { Counter } from "../../../src/stats/layout.ts";
import { openSegment } from "../../../src/stats/segment.ts";

const ROUNDS = 1_000_000;
const slot = openSegment(process.argv[2]!).slot(0);
const bytes = Buffer.from(`GET /${"long/".repeat(60)} HTTP/1.1`);
let sum = 0;
if (process.argv[3] === "serve") {
  for (let round = 0; round < ROUNDS; round++) {
    const short = slot.requestStarted(1.7e12 + round / 7, 1, bytes, 4, 14);
    const long = slot.requestStarted(1.7e12 + round / 7, 2, bytes, 4, 300);
    slot.values[Counter.OctetsIn]! += 700;
    slot.responseStarted(200);
    slot.requestFinished(short, 200, round / 3, 1024);
    slot.requestAborted(long, round * 1.1, 2 ** 33);
    if (round % 1000 === 0) slot.heartbeat();
  }
} else {
  for (let round = 0; round < ROUNDS; round++) sum += round;
}
process.exitCode = sum < 0 ? 1 : 0;

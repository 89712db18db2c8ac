/**
 * What the statistics cost a request, and what reading them costs a scrape.
 *
 * Run:   bun bench/micro/histogram.bench.ts
 * Out:   time per call: the histogram's bucket (against the integer way with clz32), the whole of `requestStarted` and
 *        `requestFinished` for paths of several lengths, the two ways to copy a path, and a reading of 16 slots.
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bench, do_not_optimize, group, run } from "mitata";
import { createAdmin } from "../../src/admin/admin.ts";
import { bucketLowerBound, bucketOf, HISTOGRAM_BUCKETS, quantile } from "../../src/stats/histogram.ts";
import { Counter, SlotState } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { createSegment } from "../../src/stats/segment.ts";

const path = join(tmpdir(), `saker-bench-${process.pid}.stats`);
const segment = createSegment(path, { slotCount: 16, workersConfigured: 4 });
for (let worker = 0; worker < 4; worker++) {
  const slot = segment.slot(segment.claimSlot(worker, 1));
  slot.adopt(process.pid);
  slot.state = SlotState.Ready;
}
const slot = segment.slot(0);
const GET = 1;
const line = Buffer.from(`GET /${"assets/image-".repeat(16)} HTTP/1.1\r\n`, "latin1");
const durations = Float64Array.from({ length: 1024 }, () => Math.exp(Math.random() * 16));

/** The same buckets by integer arithmetic, in sixteenths of a microsecond. */
function bucketByClz(microseconds: number): number {
  if (microseconds < 1) return 0;
  if (microseconds >= 2 ** 27) return bucketOf(microseconds);
  const sixteenths = (microseconds * 16) | 0;
  const shift = 27 - Math.clz32(sixteenths);
  return 1 + (shift << 4) + (sixteenths >>> shift) - 16;
}

// Both must agree before they are timed, on the bounds and between them.
for (let bucket = 1; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
  const middle = (bucketLowerBound(bucket) + bucketLowerBound(bucket + 1)) / 2;
  for (const duration of [bucketLowerBound(bucket), middle]) {
    if (bucketByClz(duration) !== bucket || bucketOf(duration) !== bucket) throw new Error(`bucket of ${duration}`);
  }
}

let turn = 0;
group("bucket of a duration", () => {
  bench("bucketOf (exponent of the double)", () => do_not_optimize(bucketOf(durations[turn++ & 1023]!)));
  bench("clz32", () => do_not_optimize(bucketByClz(durations[turn++ & 1023]!)));
});

group("requestStarted + requestFinished", () => {
  for (const octets of [1, 12, 32, 64, 200]) {
    bench(`path of ${octets} octets`, () => {
      const sequence = slot.requestStarted(1.7e12, GET, line, 4, 4 + octets);
      slot.responseStarted(200);
      slot.requestFinished(sequence, 200, durations[turn++ & 1023]!, 1024);
    });
  }
});

group("path copy", () => {
  const target = slot.ringOctets;
  const nativeCopy = Buffer.prototype.copy;
  for (const octets of [12, 32, 100]) {
    bench(`loop, ${octets} octets`, () => {
      for (let i = 0; i < octets; i++) target[28 + i] = line[4 + i]!;
    });
    bench(`native, ${octets} octets`, () => nativeCopy.call(line, target, 28, 4, 4 + octets));
  }
});

const admin = createAdmin({ segment, version: "0.0.0" });
group("reading", () => {
  const histogram = slot.values.subarray(Counter.HistogramFirst, Counter.HistogramFirst + HISTOGRAM_BUCKETS);
  bench("quantile", () => do_not_optimize(quantile(histogram, 0.99)));
  bench("readStatistics, 4 of 16 slots in use", () => do_not_optimize(readStatistics(segment)));
  for (const endpoint of ["/health", "/metrics", "/stats"]) {
    bench(`${endpoint}, request to text`, async () => {
      const response = await admin.fetch(new Request(`http://localhost${endpoint}`), "127.0.0.1");
      do_not_optimize(await response.text());
    });
  }
});

await run();
rmSync(path, { force: true });

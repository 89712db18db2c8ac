/**
 * What the log says about a worker that died: how, and what it was doing (the ring of its last requests).
 *
 * In:    the ended worker, the segment, before its slot is folded in. Out: lines, the first one the summary.
 */
import { formatRingEntry, readRequestRing } from "../stats/request-ring.ts";
import type { Segment } from "../stats/segment.ts";
import { NO_SLOT, type Worker } from "./worker.ts";

/** Requests in flight that are shown; the youngest are the likely culprits. */
const IN_FLIGHT_SHOWN_MAX = 10;
/** Finished requests that are shown besides. */
const FINISHED_SHOWN_MAX = 3;

export function describeDeath(worker: Worker, segment: Segment): string[] {
  const entries = worker.slot === NO_SLOT ? [] : readRequestRing(segment, worker.slot);
  const inFlight = entries.filter((entry) => entry.state === "in flight");
  const finished = entries.filter((entry) => entry.state !== "in flight").slice(-FINISHED_SHOWN_MAX);
  const shown = inFlight.slice(-IN_FLIGHT_SHOWN_MAX);
  const cause = worker.fatalMessage === "" ? worker.endReason : `${worker.endReason}: ${worker.fatalMessage}`;
  const count = `${inFlight.length} request${inFlight.length === 1 ? "" : "s"} in flight`;
  return [
    `worker ${worker.index} (pid ${worker.pid}) died: ${cause}; ${count}`,
    ...finished.map((entry) => `worker ${worker.index} had finished: ${formatRingEntry(entry)}`),
    ...shown.map((entry) => `worker ${worker.index} was at: ${formatRingEntry(entry)}`),
  ];
}

export function endBeforeReady({ index, endReason }: Worker): string {
  return `worker ${index} ended before it was ready (${endReason})`;
}

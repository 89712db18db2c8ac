/**
 * Workers whose event loop has stopped, recognised by their heartbeats in the statistics.
 *
 * Out:   they are killed, and therefore restarted. Call `look` twice a second.
 */
import { HeartbeatWatch } from "../stats/heartbeat.ts";
import type { Segment } from "../stats/segment.ts";
import { NO_SLOT, type Worker, WorkerState } from "./worker.ts";

/**
 * A worker that is silent for longer than this hangs. Its last sign of life was up to 1 s before the hang; both are
 * seen up to 0.5 s late: from the hang to its end it takes 2.5 to 4.5 s.
 */
const SILENCE_MS_MAX = 3500;

export class HangWatch {
  private readonly heartbeats = new HeartbeatWatch(SILENCE_MS_MAX);

  constructor(private readonly segment: Segment) {}

  look(workers: readonly Worker[]): void {
    const watched = workers.filter(({ state, slot }) => state !== WorkerState.Starting && slot !== NO_SLOT);
    const slots = watched.map((worker) => this.segment.slot(worker.slot));
    for (const slot of this.heartbeats.staleSlots(slots)) {
      const worker = watched.find((candidate) => candidate.slot === slot.index)!;
      worker.kill(`no heartbeat for ${SILENCE_MS_MAX / 1000} s`);
    }
  }
}

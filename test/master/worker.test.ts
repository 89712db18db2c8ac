import { expect, test } from "bun:test";
import { WORKER_NEXT, WorkerState } from "../../src/master/worker.ts";

test("every state is named, and only Ended has no way out", () => {
  for (const [state, next] of Object.entries(WORKER_NEXT)) {
    expect(WorkerState[Number(state)]).toBeString();
    expect(next.length > 0).toBe(Number(state) !== WorkerState.Ended);
    // Never backwards: states stand in the order of life.
    expect(next.every((state_) => state_ > Number(state))).toBe(true);
  }
});

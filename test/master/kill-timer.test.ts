/** How long a master bears with a worker, and what it says when it doesn't any more. */
import { expect, test } from "bun:test";
import { KillTimer } from "../../src/master/kill-timer.ts";
import { until } from "../support/deadline.ts";

const LONG_MS = 1_000_000;

function timer() {
  const killed: number[] = [];
  const kills = new KillTimer(() => void killed.push(killed.length));
  return { kills, killed };
}

test("it kills when the time is over, and says why", async () => {
  const { kills, killed } = timer();
  kills.within(1, "it did not finish");
  await until(() => killed.length === 1, "it is killed");
  expect(kills.explain("SIGKILL")).toBe("SIGKILL: it did not finish");
});

test("told again, there may be less time, and never more", () => {
  const { kills } = timer();
  expect(kills.untilMs).toBe(Number.POSITIVE_INFINITY);
  kills.within(LONG_MS, "late");
  const first = kills.untilMs;
  kills.within(2 * LONG_MS, "later");
  expect(kills.untilMs).toBe(first);
  kills.within(LONG_MS / 2, "sooner");
  expect(kills.untilMs).toBeLessThan(first);
  kills.clear();
  expect(kills.untilMs).toBe(Number.POSITIVE_INFINITY);
});

test("the first reason counts, and without one there is none", () => {
  const { kills, killed } = timer();
  expect(kills.explain("exit code 0")).toBe("exit code 0");
  kills.atOnce("it hangs");
  kills.atOnce("the server stops");
  expect(killed).toHaveLength(2);
  expect(kills.explain("SIGKILL")).toBe("SIGKILL: it hangs");
});

/** A worker that another program has started: it hears signals and nothing else. */
import { expect, test } from "bun:test";
import { AdoptedWorker } from "../../src/master/adopted-worker.ts";
import { NO_SLOT, WorkerState } from "../../src/master/worker.ts";
import { CLOSE_IDLE_SIGNAL } from "../../src/process/messages.ts";
import { until } from "../support/deadline.ts";

const LONG_SECONDS = 1000;

/** Says which signals it gets, and ends when it is killed. */
const PROGRAM = `
  for (const signal of ["SIGTERM", "SIGUSR1", "SIGUSR2"]) process.on(signal, () => console.log(signal));
  setInterval(() => {}, 1000);
  console.log("ready");
`;

async function adopt(drainMs: number | null) {
  const child = Bun.spawn([process.execPath, "-e", PROGRAM], { stdout: "pipe" });
  let heard = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const octets of child.stdout) heard += decoder.decode(octets);
  })();
  await until(() => heard === "ready\n", "it listens");
  heard = "";
  const worker = new AdoptedWorker({ pid: child.pid, slot: 0, index: 0, generation: 0, drainMs }, NO_SLOT);
  const end = async (): Promise<void> => {
    worker.kill("the test is over");
    await worker.ended;
    await reading;
  };
  return {
    worker,
    signals: () =>
      heard
        .split("\n")
        .filter((line) => line !== "")
        .sort(),
    end,
  };
}

test("one that is replaced keeps its idle clients for as long as it was told", async () => {
  const { worker, signals, end } = await adopt(null);
  worker.drain(LONG_SECONDS, 5);
  await until(() => signals().length === 1, "it hears of it");
  expect([worker.state, worker.wasTold]).toEqual([WorkerState.Draining, true]);
  worker.drain(LONG_SECONDS, 5);
  worker.reopenLogs();
  await until(() => signals().includes("SIGUSR2"), "it hears of that, too");
  expect(signals()).toEqual(["SIGTERM", "SIGUSR2"]);
  await end();
});

test.each([
  ["one that serves", null, ["SIGTERM", CLOSE_IDLE_SIGNAL]],
  ["one that drains already", 1_000_000, [CLOSE_IDLE_SIGNAL]],
])("when the server stops, %s lets go of its idle clients", async (_what, drainMs, expected) => {
  const { worker, signals, end } = await adopt(drainMs);
  const before = worker.drainUntilMs;
  worker.drain(LONG_SECONDS / 2, 0);
  expect(worker.drainUntilMs).toBeLessThan(before);
  await until(() => signals().length === expected.length, "it hears of it");
  expect(signals()).toEqual(expected);
  await end();
});

test("how it ended is told, and nothing is sent to it afterwards", async () => {
  const { worker, end } = await adopt(null);
  await end();
  worker.drain(LONG_SECONDS, 0);
  worker.kill("late");
  expect(worker).toMatchObject({ state: WorkerState.Ended, wasTold: false, endedWell: false });
  expect(worker.endReason).toEndWith(": the test is over");
});

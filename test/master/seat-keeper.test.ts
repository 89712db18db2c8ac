/** One worker on every seat, with workers that are no processes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Plan } from "../../src/master/launcher.ts";
import { SeatKeeper } from "../../src/master/seat-keeper.ts";
import { Sockets } from "../../src/master/sockets.ts";
import { SupervisorState } from "../../src/master/supervisor-state.ts";
import { NO_SLOT, type Worker, WorkerState } from "../../src/master/worker.ts";
import type { WorkerProcess } from "../../src/master/worker-process.ts";
import { createSegment, type Segment } from "../../src/stats/segment.ts";
import { until } from "../support/deadline.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-seats-"));
let segment: Segment;
beforeAll(() => void (segment = createSegment(join(folder, "stats"), { slotCount: 4, workersConfigured: 1 })));
afterAll(() => rmSync(folder, { recursive: true }));

class FakeWorker implements Worker {
  readonly pid = 1;
  readonly slot = NO_SLOT;
  state = WorkerState.Starting;
  fatalMessage = "";
  wasTold = false;
  readonly drainUntilMs = Number.POSITIVE_INFINITY;
  readonly rootsMissing = [];
  endReason = "";
  endedWell = false;
  gaveUpStarting = false;
  private readonly promises = {
    ready: Promise.withResolvers<boolean>(),
    leaving: Promise.withResolvers<void>(),
    ended: Promise.withResolvers<void>(),
  };
  readonly ready = this.promises.ready.promise;
  readonly leaving = this.promises.leaving.promise;
  readonly ended = this.promises.ended.promise;

  constructor(
    readonly index: number,
    readonly generation: number,
    readonly isSuccessor: boolean,
  ) {}

  becomeReady(): void {
    this.state = WorkerState.Ready;
    this.promises.ready.resolve(true);
  }

  leave(): void {
    this.promises.leaving.resolve();
  }

  end(reason: string): void {
    this.endReason = reason;
    this.state = WorkerState.Ended;
    this.promises.ready.resolve(false);
    this.promises.ended.resolve();
  }

  drain(): void {
    this.state = WorkerState.Draining;
    this.wasTold = true;
  }

  servedMs(): number {
    return 0;
  }

  async handOver(): Promise<void> {}

  reopenLogs(): void {}

  announceCredentials(): void {}

  kill(reason: string): void {
    this.end(reason);
  }
}

function keep(count = 1) {
  const launched: FakeWorker[] = [];
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const launcher = {
    problem: "",
    launch(index: number, plan: Plan, isSuccessor: boolean): WorkerProcess | null {
      if (launcher.problem !== "") return null;
      launched.push(new FakeWorker(index, plan.generation, isSuccessor));
      return launched.at(-1) as unknown as WorkerProcess;
    },
  };
  const settings = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });
  const plan = { settings, generation: 0, workers: count } as Plan;
  const log = { info: note, warn: note, error: note };
  const keeper = new SeatKeeper({ sockets: new Sockets(), segment, log }, launcher, plan);
  keeper.seats.grow(count);
  return { keeper, launcher, launched, lines, first: keeper.seats.all[0]! };
}

test("who dies is replaced, at once the first time", async () => {
  const { keeper, launched, lines, first } = keep();
  keeper.occupy(first);
  launched[0]!.becomeReady();
  await keeper.firstStart.end();
  launched[0]!.end("SIGSEGV");
  await until(() => launched.length === 2, "another one is launched");
  expect(lines).toEqual([
    "worker 0 (pid 1) died: SIGSEGV; 0 requests in flight",
    "worker 0 is started again at once",
  ]); // prettier-ignore
  expect(launched.map(({ isSuccessor }) => isSuccessor)).toEqual([false, true]);
  expect(first.worker).toBe(launched[1]!);
  expect(keeper.crew.all).toEqual([launched[1]!]);
});

test("who was told to end by another process makes room for another one first", async () => {
  const { keeper, launched, first } = keep();
  keeper.occupy(first);
  launched[0]!.becomeReady();
  launched[0]!.leave();
  await until(() => launched.length === 2, "another one is launched");
  expect(launched[0]!.state).toBe(WorkerState.Draining);
  expect(keeper.crew.size).toBe(2);
});

test("a worker that says it can't start ends the start, and nothing is launched any more", async () => {
  const { keeper, launched, lines, first } = keep();
  keeper.occupy(first);
  Object.assign(launched[0]!, { gaveUpStarting: true, fatalMessage: "no such folder" });
  launched[0]!.end("exit code 1");
  await expect(keeper.firstStart.end()).rejects.toThrow("no such folder");
  expect(keeper.isStopping).toBe(true);
  expect(lines).toEqual([]);
  keeper.occupy(first);
  expect(launched).toHaveLength(1);
});

test("five attempts without a process end it too", async () => {
  const { keeper, launcher, first } = keep();
  launcher.problem = "no memory";
  keeper.occupy(first);
  await expect(keeper.firstStart.end()).rejects.toThrow("worker 0 can't be started: no memory");
});

test("paused, it lets seats be empty; resumed, it fills them", async () => {
  const { keeper, launched, first } = keep();
  keeper.occupy(first);
  launched[0]!.becomeReady();
  await keeper.firstStart.end();
  keeper.pause();
  launched[0]!.end("SIGKILL");
  await until(() => first.worker === null, "it is buried");
  keeper.occupy(first);
  expect(launched).toHaveLength(1);
  keeper.resume();
  keeper.occupy(first);
  expect(first.worker).toBe(launched[1]!);
});

test("an end is for ever, and the harder one stays", () => {
  const { keeper, launched, first } = keep();
  keeper.pause();
  keeper.end(SupervisorState.Killing);
  keeper.end(SupervisorState.Stopping);
  keeper.end(SupervisorState.Killing);
  keeper.pause();
  keeper.resume();
  keeper.occupy(first);
  expect(launched).toEqual([]);
  expect(keeper.isStopping).toBe(true);
});

test("a seat's successor is tried until it serves; then the predecessor goes", async () => {
  const { keeper, launched, first } = keep();
  keeper.occupy(first);
  launched[0]!.becomeReady();
  await keeper.firstStart.end();
  keeper.adopt({ ...keeper.plan, generation: 1 });
  const done = keeper.succeed(first);
  launched[1]!.end("SIGKILL");
  await until(() => launched.length === 3, "it is tried again");
  expect(launched[0]!.wasTold).toBe(false);
  launched[2]!.becomeReady();
  await done;
  expect(first.worker).toBe(launched[2]!);
  expect(launched[0]!.wasTold).toBe(true);
});

test("a seat whose successor can't start keeps its worker, and says so once", async () => {
  const { keeper, launched, lines, first } = keep();
  keeper.occupy(first);
  launched[0]!.becomeReady();
  await keeper.firstStart.end();
  keeper.adopt({ ...keeper.plan, generation: 1 });
  const done = keeper.succeed(first);
  for (let attempt = 1; attempt <= 5; attempt++) {
    await until(() => launched.length === attempt + 1, "it is tried");
    Object.assign(launched[attempt]!, { wasTold: true, endedWell: true }); // its death is no news here
    launched[attempt]!.end("exit code 1");
  }
  await done;
  expect(first.worker).toBe(launched[0]!);
  expect(launched[0]!.wasTold).toBe(false);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("worker 0 (pid 1) goes on as before: no successor can start (");
});

test("an empty seat whose first worker can't start is filled later", async () => {
  const { keeper, launched, first } = keep();
  keeper.firstStart.skip();
  keeper.adopt({ ...keeper.plan, generation: 1 });
  const done = keeper.succeed(first);
  for (let attempt = 0; attempt < 5; attempt++) {
    await until(() => launched.length === attempt + 1, "it is tried");
    launched[attempt]!.end("exit code 1");
  }
  await done;
  expect(first.worker).toBe(launched[5]!);
});

test("a seat that is filled while a restart is due gets no second worker", async () => {
  const { keeper, launched, first } = keep();
  first.restartIn(1, () => keeper.occupy(first)); // its worker died
  keeper.occupy(first); // an upgrade was refused meanwhile
  await new Promise((resolve) => setTimeout(resolve, 1)); // whose turn comes after that of the restart
  expect(launched).toHaveLength(1);
});

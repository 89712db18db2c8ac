/**
 * One worker process: started, spoken to, ended.
 *
 *   Starting   spawned; has its start message; not yet accepting
 *   Ready      accepts connections
 *   Draining   told to finish and end, and killed if it takes too long
 *   Ended      the process is gone and everything it said has been heard
 *
 * In:    what to run, the descriptors to inherit, the start message.
 * Out:   `ready` (true, or false when it ended before), `ended`, and why it ended.
 * Units: seconds where settings say seconds, else milliseconds.
 * Keeps: `Ended` comes after the last message, so a worker's "fatal" is never missed. A worker told to drain is gone
 *        `KILL_GRACE_MS` after its time at the latest.
 */
import type { AnonymousTables } from "../quota/shared-tables.ts";
import { type MasterMessage, PROTOCOL_VERSION, type StartMessage, type WorkerMessage } from "../worker/protocol.ts";
import { STATS_FD, throughFirstStage } from "./confine-workers.ts";
import type { Executable } from "./executable.ts";

export enum WorkerState {
  Starting,
  Ready,
  Draining,
  Ended,
}

/** The legal steps from each state. */
export const WORKER_NEXT: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  [WorkerState.Starting]: [WorkerState.Ready, WorkerState.Draining, WorkerState.Ended],
  [WorkerState.Ready]: [WorkerState.Draining, WorkerState.Ended],
  [WorkerState.Draining]: [WorkerState.Ended],
  [WorkerState.Ended]: [],
};

/** The worker cuts what is left at its timeout by itself, and writes its logs; then it has this long to be gone. */
export const KILL_GRACE_MS = 1000;

/** Loading the code takes 0.1 s; a busy disk or machine may take longer, but not this long. */
const START_MS_MAX = 15_000;

/** How long after the process' end its last messages may take to be read. */
const LAST_WORDS_MS = 200;

/** After the standard ones and that of the statistics. */
export const FIRST_SOCKET_FD = STATS_FD + 1;

export type WorkerSpec = {
  readonly command: readonly string[];
  /** The statistics file; the child sees it as STATS_FD. */
  readonly statsFd: number;
  /** Listening descriptors of the master; the child sees them as 4, 5, …: first those of the site, then those for admin. */
  readonly siteFds: readonly number[];
  readonly adminFds: readonly number[];
  /** What logs are written to, by the numbers that follow. */
  readonly logFds: readonly number[];
  /** Tables of quota/ that have no file, by their suffix; by the numbers that follow. */
  readonly tableFds: AnonymousTables;
  readonly start: Omit<StartMessage, "type" | "protocol" | "statsFd" | "listenFds" | "adminFds" | "tableFds">;
  /** Document roots that didn't exist when it was decided what the worker may read. */
  readonly rootsMissing: readonly string[];
};

/** The slot of a worker whose statistics can't be read, because its build has another layout. */
export const NO_SLOT = -1;

/** What the supervisor needs of a worker, whether started or adopted. */
export type Worker = Pick<
  WorkerProcess,
  | "pid"
  | "slot"
  | "index"
  | "generation"
  | "state"
  | "fatalMessage"
  | "wasTold"
  | "ready"
  | "leaving"
  | "ended"
  | "endReason"
  | "endedWell"
  | "gaveUpStarting"
  | "drainUntilMs"
  | "rootsMissing"
  | "servedMs"
  | "drain"
  | "handOver"
  | "reopenLogs"
  | "kill"
>;

export function workerCommand(executable: Executable): string[] {
  return executable.command("--saker-worker");
}

export class WorkerProcess {
  readonly pid: number;
  readonly slot: number;
  readonly index: number;
  readonly generation: number;
  state = WorkerState.Starting;
  /** When it became ready (monotonic); NaN before. */
  readySinceMs = Number.NaN;
  /** What the worker said about why it can't start; "" otherwise. */
  fatalMessage = "";
  /** Whether the master told it to drain: then its end is expected. */
  wasTold = false;
  /** Why the master killed it; "" otherwise. */
  killReason = "";
  /** When it is killed if it hasn't finished draining (monotonic); infinite before. */
  drainUntilMs = Number.POSITIVE_INFINITY;
  /** Document roots, as configured, that it has started without: it serves them by their names, as far as it may. */
  rootsMissing: readonly string[];
  /** Resolves with true at Ready, with false at Ended if it never was. */
  readonly ready: Promise<boolean>;
  /** Resolves when it reports that it is leaving although the master hasn't told it to. */
  readonly leaving: Promise<void>;
  readonly ended: Promise<void>;

  private readonly child: Bun.Subprocess;
  private readonly settleReady: (isReady: boolean) => void;
  private readonly settleLeaving: () => void;
  private readonly handedOver = Promise.withResolvers<void>();
  private timer: ReturnType<typeof setTimeout>;

  /** Spawns; throws what Bun.spawn throws (no memory, no descriptors, no executable). */
  constructor(spec: WorkerSpec) {
    this.slot = spec.start.slot;
    this.index = spec.start.workerIndex;
    this.generation = spec.start.generation;
    this.rootsMissing = spec.rootsMissing;
    const ready = Promise.withResolvers<boolean>();
    this.ready = ready.promise;
    this.settleReady = ready.resolve;
    const leaving = Promise.withResolvers<void>();
    this.leaving = leaving.promise;
    this.settleLeaving = leaving.resolve;
    const heardAll = Promise.withResolvers<void>();
    const before = [spec.statsFd, ...spec.siteFds, ...spec.adminFds, ...spec.logFds];
    const tables = Object.entries(spec.tableFds);
    const inherited = [...before, ...tables.map(([, fd]) => fd)];
    const { confinement } = spec.start;
    // The IPC channel comes after the descriptors passed here.
    const taken = [...inherited, "ipc"].map((_, index) => STATS_FD + index);
    const command = confinement === null ? spec.command : throughFirstStage(spec.command, confinement, taken);
    this.child = Bun.spawn([...command], {
      argv0: process.execPath,
      stdio: ["ignore", "inherit", "inherit", ...inherited],
      serialization: "json",
      ipc: (message) => this.hear(message as WorkerMessage),
      onDisconnect: () => heardAll.resolve(),
    });
    this.pid = this.child.pid;
    this.ended = this.child.exited.then(async () => {
      await Promise.race([heardAll.promise, Bun.sleep(LAST_WORDS_MS)]);
      this.enter(WorkerState.Ended);
    });
    this.timer = setTimeout(() => this.kill("it was not ready in time"), START_MS_MAX);
    const adminFrom = FIRST_SOCKET_FD + spec.siteFds.length;
    this.tell({
      type: "start",
      protocol: PROTOCOL_VERSION,
      ...spec.start,
      statsFd: STATS_FD,
      listenFds: spec.siteFds.map((_, index) => FIRST_SOCKET_FD + index),
      adminFds: spec.adminFds.map((_, index) => adminFrom + index),
      tableFds: Object.fromEntries(tables.map(([suffix], index) => [suffix, STATS_FD + before.length + index])),
    });
  }

  /** How long it has been accepting connections; 0 if it never did. */
  servedMs(nowMs: number): number {
    return Number.isNaN(this.readySinceMs) ? 0 : nowMs - this.readySinceMs;
  }

  /** How the process ended, in words: `exit code 3`, `SIGSEGV`. */
  get endReason(): string {
    const how = this.child.signalCode === null ? `exit code ${this.child.exitCode}` : `${this.child.signalCode}`;
    return this.killReason === "" ? how : `${how}: ${this.killReason}`;
  }

  /** Whether it ended as it should: with code 0. */
  get endedWell(): boolean {
    return this.child.exitCode === 0;
  }

  /** Whether it exited by its own decision before it was ready: a retry won't help. */
  get gaveUpStarting(): boolean {
    return (
      this.fatalMessage !== "" || (Number.isNaN(this.readySinceMs) && !this.wasTold && this.child.exitCode !== null)
    );
  }

  /**
   * Tells it to finish within `timeoutSeconds` and end, and sees to it that it does. `idleSeconds` is how long idle
   * connections may be kept for one more request. Told again, it has no more time than before, but maybe less.
   */
  drain(timeoutSeconds: number, idleSeconds: number): void {
    if (this.state === WorkerState.Ended) return;
    if (this.state !== WorkerState.Draining) this.enter(WorkerState.Draining);
    this.wasTold = true;
    this.tell({ type: "drain", timeoutSeconds, idleSeconds });
    const limitMs = timeoutSeconds * 1000 + KILL_GRACE_MS;
    const untilMs = performance.now() + limitMs;
    if (untilMs >= this.drainUntilMs) return;
    this.drainUntilMs = untilMs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.kill(`it did not finish within ${timeoutSeconds} s`), limitMs);
  }

  /**
   * Tells it that another program takes the master's place: the end of the channel will mean nothing, and SIGTERM
   * replaces `drain`. Resolves when it has confirmed, or is gone.
   */
  handOver(idleSeconds: number): Promise<unknown> {
    this.tell({ type: "hand-over", idleSeconds });
    return Promise.race([this.handedOver.promise, this.ended]);
  }

  reopenLogs(): void {
    if (this.state !== WorkerState.Ended) this.tell({ type: "reopen-logs" });
  }

  kill(reason: string): void {
    if (this.state === WorkerState.Ended) return;
    this.killReason ||= reason;
    this.child.kill("SIGKILL");
  }

  private hear(message: WorkerMessage): void {
    if (message.type === "fatal") this.fatalMessage = message.message;
    if (message.type === "handed-over") this.handedOver.resolve();
    if (message.type === "leaving" && this.state === WorkerState.Ready) this.settleLeaving();
    if (message.type !== "ready" || this.state !== WorkerState.Starting) return;
    this.readySinceMs = performance.now();
    this.rootsMissing = [...new Set([...this.rootsMissing, ...(message.rootsMissing ?? [])])];
    this.enter(WorkerState.Ready);
  }

  private tell(message: MasterMessage): void {
    try {
      this.child.send(message);
    } catch {
      // The channel is closed: the process has ended or is about to, and `ended` resolves.
    }
  }

  private enter(next: WorkerState): void {
    if (!WORKER_NEXT[this.state].includes(next)) {
      throw new Error(`worker ${this.index}: no way from ${WorkerState[this.state]} to ${WorkerState[next]}`);
    }
    this.state = next;
    clearTimeout(this.timer);
    if (next === WorkerState.Ready) this.settleReady(true);
    if (next === WorkerState.Ended) this.settleReady(false);
  }
}

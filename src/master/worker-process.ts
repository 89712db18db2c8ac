/**
 * A worker that this program has started: spawned, spoken to, ended. For its states see worker.ts.
 *
 * In:    what to run, the descriptors to inherit, the start message.
 * Out:   `ready` (true, or false when it ended before), `ended`, and why it ended.
 * Units: seconds where settings say seconds, else milliseconds.
 * Keeps: `Ended` comes after the last message, so a worker's "fatal" is never missed. A worker told to drain is gone
 *        `KILL_GRACE_MS` after its time at the latest.
 */
import type { AnonymousTables } from "../quota/shared-tables.ts";
import {
  type Endpoint,
  type MasterMessage,
  PROTOCOL_VERSION,
  type StartMessage,
  type WorkerMessage,
} from "../process/messages.ts";
import { STATS_FD, throughFirstStage } from "./confine-workers.ts";
import type { Executable } from "./executable.ts";
import { KillTimer } from "./kill-timer.ts";
import { KILL_GRACE_MS, type Worker, WORKER_NEXT, WorkerState } from "./worker.ts";

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
  /** With the master's listening descriptors; the child sees them as 4, 5, …, endpoint by endpoint. */
  readonly endpoints: readonly Endpoint[];
  /** What logs are written to, by the numbers that follow. */
  readonly logFds: readonly number[];
  /** Tables of quota/ that have no file, by their suffix; by the numbers that follow. */
  readonly tableFds: AnonymousTables;
  /** Certificates and keys, by the last number; null where there is no HTTPS. */
  readonly credentialsFd: number | null;
  /** Looks for a proof that it is asked for and doesn't know. */
  readonly findProof: (id: string) => Promise<void>;
  readonly start: Omit<StartMessage, "type" | "protocol" | "statsFd" | "endpoints" | "tableFds" | "credentialsFd">;
  /** Document roots that didn't exist when it was decided what the worker may read. */
  readonly rootsMissing: readonly string[];
};

export function workerCommand(executable: Executable): string[] {
  return executable.command("--saker-worker");
}

export class WorkerProcess implements Worker {
  readonly pid: number;
  readonly slot: number;
  readonly index: number;
  readonly generation: number;
  state = WorkerState.Starting;
  /** When it became ready (monotonic); NaN before. */
  readySinceMs = Number.NaN;
  fatalMessage = "";
  wasTold = false;
  rootsMissing: readonly string[];
  readonly ended: Promise<void>;

  private readonly child: Bun.Subprocess;
  private readonly findProof: WorkerSpec["findProof"];
  private readonly milestones = new Milestones();
  private readonly killTimer = new KillTimer(() => this.child.kill("SIGKILL"));

  /** Spawns; throws what Bun.spawn throws (no memory, no descriptors, no executable). */
  constructor(spec: WorkerSpec) {
    this.findProof = spec.findProof;
    this.slot = spec.start.slot;
    this.index = spec.start.workerIndex;
    this.generation = spec.start.generation;
    this.rootsMissing = spec.rootsMissing;
    const heardAll = Promise.withResolvers<void>();
    const before = [spec.statsFd, ...spec.endpoints.flatMap(({ fds }) => fds), ...spec.logFds];
    const tables = Object.entries(spec.tableFds);
    const inherited = [
      ...before,
      ...tables.map(([, fd]) => fd),
      ...(spec.credentialsFd === null ? [] : [spec.credentialsFd]),
    ];
    const { confinement } = spec.start;
    // The IPC channel comes after the descriptors passed here.
    const taken = [...inherited, "ipc"].map((_, index) => STATS_FD + index);
    const command = confinement === null ? spec.command : throughFirstStage(spec.command, confinement, taken);
    this.child = Bun.spawn([...command], {
      argv0: process.execPath,
      env: environmentOf(process.env),
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
    this.killTimer.within(START_MS_MAX, "it was not ready in time");
    this.tell({
      type: "start",
      protocol: PROTOCOL_VERSION,
      ...spec.start,
      statsFd: STATS_FD,
      endpoints: asInherited(spec.endpoints),
      tableFds: Object.fromEntries(tables.map(([suffix], index) => [suffix, STATS_FD + before.length + index])),
      ...(spec.credentialsFd === null ? {} : { credentialsFd: STATS_FD + inherited.length - 1 }),
    });
  }

  get ready(): Promise<boolean> {
    return this.milestones.ready.promise;
  }

  get leaving(): Promise<void> {
    return this.milestones.leaving.promise;
  }

  get drainUntilMs(): number {
    return this.state === WorkerState.Draining ? this.killTimer.untilMs : Number.POSITIVE_INFINITY;
  }

  servedMs(nowMs: number): number {
    return Number.isNaN(this.readySinceMs) ? 0 : nowMs - this.readySinceMs;
  }

  get endReason(): string {
    const how = this.child.signalCode === null ? `exit code ${this.child.exitCode}` : `${this.child.signalCode}`;
    return this.killTimer.explain(how);
  }

  get endedWell(): boolean {
    return this.child.exitCode === 0;
  }

  get gaveUpStarting(): boolean {
    return (
      this.fatalMessage !== "" || (Number.isNaN(this.readySinceMs) && !this.wasTold && this.child.exitCode !== null)
    );
  }

  drain(timeoutSeconds: number, idleSeconds: number): void {
    if (this.state === WorkerState.Ended) return;
    if (this.state !== WorkerState.Draining) this.enter(WorkerState.Draining);
    this.wasTold = true;
    this.tell({ type: "drain", timeoutSeconds, idleSeconds });
    const limitMs = timeoutSeconds * 1000 + KILL_GRACE_MS;
    this.killTimer.within(limitMs, `it did not finish within ${timeoutSeconds} s`);
  }

  handOver(idleSeconds: number): Promise<unknown> {
    this.tell({ type: "hand-over", idleSeconds });
    return Promise.race([this.milestones.handedOver.promise, this.ended]);
  }

  reopenLogs(): void {
    if (this.state !== WorkerState.Ended) this.tell({ type: "reopen-logs" });
  }

  announceCredentials(version: number): void {
    if (this.state !== WorkerState.Ended) this.tell({ type: "credentials", version });
  }

  kill(reason: string): void {
    if (this.state !== WorkerState.Ended) this.killTimer.atOnce(reason);
  }

  private hear(message: WorkerMessage): void {
    if (message.type === "fatal") this.fatalMessage = message.message;
    if (message.type === "handed-over") this.milestones.handedOver.resolve();
    if (message.type === "leaving" && this.state === WorkerState.Ready) this.milestones.leaving.resolve();
    if (message.type === "proof-wanted") void this.answerProof(message.id);
    if (message.type !== "ready" || this.state !== WorkerState.Starting) return;
    this.readySinceMs = performance.now();
    this.rootsMissing = [...new Set([...this.rootsMissing, ...(message.rootsMissing ?? [])])];
    this.enter(WorkerState.Ready);
  }

  private async answerProof(id: string): Promise<void> {
    await this.findProof(id);
    if (this.state !== WorkerState.Ended) this.tell({ type: "proof-answered", id });
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
    this.killTimer.clear();
    if (next === WorkerState.Ready) this.milestones.ready.resolve(true);
    if (next === WorkerState.Ended) this.milestones.ready.resolve(false);
  }
}

/**
 * Files from which the runtime would read further authorities: whom clients' certificates are issued by, the settings alone say. A confined
 * worker couldn't read them anyway, and the runtime complains of that.
 */
const AUTHORITY_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"];

function environmentOf(own: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !AUTHORITY_VARIABLES.includes(name)));
}

/** What a worker may say of itself, each once. */
class Milestones {
  /** False: it ended before. */
  readonly ready = Promise.withResolvers<boolean>();
  readonly leaving = Promise.withResolvers<void>();
  readonly handedOver = Promise.withResolvers<void>();
}

/** The same endpoints with their descriptors as the child sees them. */
function asInherited(endpoints: readonly Endpoint[]): Endpoint[] {
  let next = FIRST_SOCKET_FD;
  return endpoints.map((endpoint) => ({ ...endpoint, fds: endpoint.fds.map(() => next++) }));
}

/**
 * Upgrade in place: the executable now at the path replaces this one, in this process.
 *
 *   rehearse ─► workers are told ─► facts are written ─► execve ─► (new program) adopt ─► reload ─► old workers drain
 *                                                                        └─ can't serve ─► execve back, by the same way
 *
 * In:    SIGURG, or a command of the control socket. The signal never replaces a program by itself.
 * Keeps: the process id, the sockets with what waits in them, the statistics, the pid file, arguments and environment. Workers
 *        serve all the time. Until execve nothing has changed; the rehearsal finds out what can't start. Never at the same time
 *        as a reload.
 * Fails: an outcome that says why; the log says so too.
 */
import { closeSync, writeSync } from "node:fs";
import type { SharedTables } from "../quota/shared-tables.ts";
import { readStatistics } from "../stats/reader.ts";
import type { Segment } from "../stats/segment.ts";
import type { CredentialStore } from "../tls/credential-store.ts";
import { duplicateAbove } from "../sys/descriptor.ts";
import { libc } from "../sys/libc.ts";
import { replaceProcess } from "../sys/replace-process.ts";
import { isCompiled } from "../sys/own-program.ts";
import { Executable, ownArguments } from "./executable.ts";
import { HAND_OVER_VARIABLE, nameTotals, setAllInherited, writeHandOver } from "./hand-over.ts";
import { HAND_OVER_FORMAT, type HandOver, type HandedWorker } from "./hand-over-format.ts";
import type { Log } from "./launcher.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import { askToRehearse } from "./rehearsal.ts";
import type { Outcome } from "./reload.ts";
import { MASTER_SIGNALS } from "./signals.ts";
import type { Sockets } from "./sockets.ts";
import { StartError } from "./start-error.ts";
import { messageOf } from "../sys/errno.ts";
import type { Supervisor } from "./supervisor.ts";
import { type Worker, WorkerState } from "./worker.ts";

export type UpgraderOptions = {
  readonly supervisor: Supervisor;
  readonly sockets: Sockets;
  readonly segment: Segment;
  readonly tables: SharedTables;
  readonly credentials: CredentialStore;
  readonly version: string;
  readonly configFile: string | null;
  readonly log: Log;
  readonly turns: OneAtATime;
};

/** To whom, for whom and why it is handed over. */
type Occasion = Pick<HandOver, "format" | "askers" | "failure">;

export class Upgrader {
  private underWay: Promise<Outcome> | null = null;
  private readonly askers: number[] = [];

  constructor(private readonly options: UpgraderOptions) {}

  /**
   * Resolves only if it failed. `asker` is the descriptor of the client that waits for the new master's answer, −1 for none.
   * A client that asks while an upgrade is in progress gets the answer to that one.
   */
  upgrade(asker = -1): Promise<Outcome> {
    // The client may disconnect meanwhile, and its descriptor number be reused.
    if (asker !== -1 && libc !== null) this.askers.push(duplicateAbove(asker, 0));
    this.underWay ??= this.options.turns.run(() => this.attempt());
    return this.underWay;
  }

  private async attempt(): Promise<Outcome> {
    const { supervisor, log, version } = this.options;
    try {
      if (libc === null) throw new StartError("an upgrade in place needs FFI: restart instead");
      using executable = Executable.at(supervisor.executable.path);
      if (this.askers.length === 0 && isCompiled && isOwn(executable)) {
        throw new StartError(`${executable.path} is the executable that is already running`); // some programs send SIGURG by mistake
      }
      supervisor.checkRoom(supervisor.workers);
      const rehearsed = await askToRehearse(executable, process.argv.slice(2));
      log.info(`upgrade: ${version} hands over to ${rehearsed.version}`);
      return await this.handOver(executable, { format: HAND_OVER_FORMAT, askers: this.askers, failure: "" });
    } catch (error) {
      this.underWay = null;
      for (const fd of this.askers.splice(0)) closeSync(fd);
      return this.refuse(error);
    }
  }

  /** Hands back to the program that handed over. Resolves only if that can't be done. */
  async giveBack({ executable: { path, fd }, format, askers }: HandOver, failure: string): Promise<Outcome> {
    try {
      return await this.handOver(Executable.inherited(path, fd), { format, askers, failure });
    } catch (error) {
      return this.refuse(error);
    }
  }

  private refuse(error: unknown): Outcome {
    const { supervisor, log, version } = this.options;
    supervisor.fillSeats();
    const line = messageOf(error);
    if (!supervisor.isStopping) log.error(`upgrade refused, ${version} goes on: ${line}`);
    return { isGood: false, line };
  }

  private async handOver(executable: Executable, occasion: Occasion): Promise<never> {
    const { supervisor } = this.options;
    const workers = await supervisor.letGo();
    if (supervisor.isStopping) throw new StartError("the server stops");
    using own = Executable.own();
    const former = { path: supervisor.executable.path, fd: own.fd };
    return becomeProgram(executable, this.facts(workers, former, occasion));
  }

  private facts(workers: readonly Worker[], executable: HandOver["executable"], occasion: Occasion): HandOver {
    const { supervisor, sockets, segment, tables, credentials, version, configFile } = this.options;
    return {
      ...occasion,
      version,
      settings: supervisor.settings,
      rules: supervisor.rules,
      configFile,
      generation: supervisor.generation,
      executable,
      endpoints: sockets.endpoints,
      statsPath: segment.path,
      tables: tables.anonymous,
      ...(credentials.fd === null ? {} : { credentials: credentials.fd }),
      startedMs: segment.startedMs,
      totals: nameTotals(readStatistics(segment).total.cells),
      workers: workers.map(handedWorker),
    };
  }
}

function handedWorker({ pid, slot, index, generation, state, drainUntilMs }: Worker): HandedWorker {
  const drainMs = state === WorkerState.Ready ? null : Math.max(0, drainUntilMs - performance.now());
  return { pid, slot, index, generation, drainMs: drainMs === Number.POSITIVE_INFINITY ? 0 : drainMs };
}

/**
 * Hands back what was handed over, untouched: for a program that can't even begin. Returns only if that can't be done, which
 * leaves nothing to try.
 */
export function giveBackAtOnce(handOver: HandOver, failure: string): void {
  const { path, fd } = handOver.executable;
  try {
    becomeProgram(Executable.inherited(path, fd), {
      ...handOver,
      executable: { path, fd: Executable.own().fd },
      failure,
    });
  } catch {
    // The caller reports the original failure; this one adds nothing to it.
  }
}

function isOwn(executable: Executable): boolean {
  using own = Executable.own();
  return executable.isSameFileAs(own);
}

/** This process is another program from here on. */
function becomeProgram(executable: Executable, facts: HandOver): never {
  const fd = writeHandOver(facts);
  try {
    const env = { ...process.env, [HAND_OVER_VARIABLE]: String(fd) };
    return replaceProcess({ path: executable.file, argv: ownArguments(), env }, MASTER_SIGNALS);
  } finally {
    setAllInherited(facts, false);
    closeSync(fd);
  }
}

/** Tells the clients that waited for the outcome of the upgrade, and disconnects them. */
export function answerAskers(askers: readonly number[], line: string): void {
  for (const fd of askers) {
    try {
      writeSync(fd, `${line}\n`);
    } catch {
      // It didn't wait.
    }
    closeSync(fd);
  }
}

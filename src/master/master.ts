/**
 * The master process from its first act to its exit code: opens what is shared, runs the supervisor, handles signals,
 * and leaves nothing behind.
 *
 *     document root ─► listening sockets ─► statistics file ─► pid file ─► workers ─► banner ─► until a signal ends it
 *     what was handed over ─► sockets, statistics, workers of before ─► workers ─► …        (after an upgrade)
 *
 * In:    loaded settings, and the way to load them again.
 * Out:   the exit code: 0 after SIGTERM or SIGINT, 1 when it can't start or its workers die too often.
 * Keeps: it never parses a request. Whatever it made is undone in reverse order, however it ends; if it is killed,
 *        its workers end by themselves (PR_SET_PDEATHSIG, IPC disconnect) and its files are replaced at the next start.
 */
import { describeHealth } from "../admin/health.ts";
import { describeStatistics } from "../admin/stats.ts";
import type { Settings } from "../config/settings.ts";
import { COMMIT } from "../config/version.ts";
import { readStatistics, type Statistics } from "../stats/reader.ts";
import { sampleRates } from "../stats/rates.ts";
import { isAnonymous } from "../sys/anonymous-memory.ts";
import { usableCpus } from "../sys/cpus.ts";
import { memoryLimit } from "../sys/memory-limit.ts";
import { admitSignals } from "../sys/replace-process.ts";
import { AcmeKeeper } from "./acme-keeper.ts";
import { adminUrls, formatBanner, formatListening } from "./banner.ts";
import { checkDocumentRoot } from "./check-document-root.ts";
import { Control } from "./control.ts";
import type { ControlActions } from "./control-commands.ts";
import { Executable } from "./executable.ts";
import { giveLogs } from "./give-logs.ts";
import type { HandOver } from "./hand-over-format.ts";
import { MasterLog } from "./master-log.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { OrphanReaper } from "./orphan-reaper.ts";
import { writePidFile } from "./pid-file.ts";
import { sweepRehearsalFolders } from "./rehearsal-folder.ts";
import { Reloader } from "./reload.ts";
import { inheritShared, openShared, type Shared } from "./shared.ts";
import { MASTER_SIGNALS, type SignalWatch, watchSignals } from "./signals.ts";
import type { EndpointAddresses } from "./sockets.ts";
import { messageOf } from "../sys/errno.ts";
import { defaultStatsPath } from "./stats-file.ts";
import { formatFullStatistics, formatStatsLine } from "./stats-line.ts";
import { Supervisor } from "./supervisor.ts";
import type { AcmeStatus } from "../tls/acme/acme-status.ts";
import { ACME_STATUS, acmePiece } from "../tls/credential-facts.ts";
import { type CertificateTerm, termsOf } from "../tls/certificate-terms.ts";
import { watchCredentials } from "../tls/watch-credentials.ts";
import { takeOver } from "./take-over.ts";
import { giveBackAtOnce, Upgrader } from "./upgrade.ts";
import { chooseWorkers, describeChoice } from "./worker-count.ts";
import { checkLogs } from "./worker-logs.ts";
import { type Worker, WorkerState } from "./worker.ts";

export type MasterOptions = {
  readonly settings: Settings;
  /** Loads the settings anew; throws (or rejects) with one line about what is wrong. */
  readonly reloadSettings: () => Settings | Promise<Settings>;
  readonly version: string;
  /** As the user named it, for the banner. */
  readonly configFile?: string | null;
  /** Absolute paths of all files the settings were read from. */
  readonly configFiles?: readonly string[];
  /** What the previous program in this process handed over; `settings` are the settings it had. */
  readonly handOver?: HandOver | null;
};

const TICK_MS = 1000;

/** How often heartbeats are checked; for how soon that notices a hang see hang-watch.ts. */
const HEARTBEAT_LOOK_MS = 500;

/** In a container: init has duties (orphan-reaper.ts). */
const FIRST_PROCESS = 1;
const REAP_MS = 5000;

/** Runs until the server has ended; resolves with the exit code. Errors are printed, not thrown. */
export async function runMaster(options: MasterOptions): Promise<number> {
  // What can't be printed (a full disk) is lost, and no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  using signals = watchSignals();
  admitSignals(MASTER_SIGNALS); // which the previous program blocked
  using undo = new DisposableStack();
  // If this process ends unexpectedly, the files are still removed.
  const undoAtExit = (): void => undo.dispose();
  process.once("exit", undoAtExit);
  undo.defer(() => process.off("exit", undoAtExit));
  try {
    return await new Master(options, signals, undo).run();
  } catch (error) {
    if (options.handOver) giveBackAtOnce(options.handOver, messageOf(error));
    await printError(error);
    return 1;
  }
}

/** The parts that run once everything is open. */
type Parts = Shared & {
  readonly supervisor: Supervisor;
  readonly reloader: Reloader;
  readonly upgrader: Upgrader;
  readonly control: Control;
  readonly keeper: AcmeKeeper;
};

class Master {
  private readonly log: MasterLog;
  private readonly end = Promise.withResolvers<number>();

  constructor(
    private readonly options: MasterOptions,
    private readonly signals: SignalWatch,
    private readonly undo: DisposableStack,
  ) {
    this.log = new MasterLog(options.settings);
    undo.defer(() => this.log.close());
  }

  async run(): Promise<number> {
    const { undo, log } = this;
    const { settings, handOver = null } = this.options;
    if (handOver === null) {
      checkDocumentRoot(settings.document_root);
      checkLogs(settings);
      sweepRehearsalFolders();
    }
    const shared = handOver === null ? await openShared(settings, undo, log) : inheritShared(handOver, undo, log);
    if (settings.pid_file !== null) this.holdPidFile(settings.pid_file, handOver !== null);

    const parts = this.assemble(shared, handOver);
    const { supervisor } = parts;
    this.obeySignals(parts);
    undo.defer(() => parts.control.close());
    if (handOver === null) await parts.control.open(settings);
    else await parts.control.adapt(settings); // a server that is already running doesn't end for lack of it
    void supervisor.gaveUp.then((reason) => this.giveUp(supervisor, reason));
    if (!shared.sockets.canInherit)
      log.warn(
        "no FFI here: workers open the port themselves; connections waiting in a backlog are lost when a worker dies",
      );

    const begin = handOver === null ? this.startWorkers(parts) : takeOver(handOver, { ...parts, ...this.options, log });
    await Promise.race([begin, this.end.promise]);
    this.watch(parts);
    return await this.end.promise;
  }

  /** At start-up a pid file that can't be written is an error; later it is only logged. */
  private holdPidFile(path: string, isServing: boolean): void {
    try {
      this.undo.defer(writePidFile(path));
    } catch (error) {
      if (!isServing) throw error;
      this.log.warn(messageOf(error));
    }
  }

  private assemble(shared: Shared, handOver: HandOver | null): Parts {
    const { log } = this;
    const { settings, version, configFile = null, configFiles, reloadSettings: read } = this.options;
    const executable = Executable.own(handOver?.executable.path);
    const generation = handOver?.generation ?? 0;
    const supervisor = new Supervisor({
      ...shared,
      settings,
      log,
      version,
      configFiles,
      executable,
      generation,
      rules: handOver?.rules,
    });
    const turns = new OneAtATime();
    const reloader = new Reloader({ supervisor, read, log, turns });
    const upgrader = new Upgrader({ ...shared, supervisor, version, configFile, log, turns });
    const keeper = this.keeperOf(shared, supervisor);
    const parts = { ...shared, supervisor, reloader, upgrader, keeper };
    const control = new Control(this.actions(parts), controlBase(shared), log);
    reloader.onChange = (changed, opened) => {
      log.adapt(changed);
      void control.adapt(changed);
      keeper.adapt(changed);
      this.tellOfAddresses(opened, supervisor.workers);
    };
    return { ...parts, control };
  }

  private keeperOf({ challenges, credentials }: Shared, { settings }: Supervisor): AcmeKeeper {
    const publish = (status: AcmeStatus | null): void => {
      if (status === null) credentials.hide(ACME_STATUS);
      else credentials.show(acmePiece(status));
    };
    return new AcmeKeeper({
      settings,
      board: challenges,
      log: this.log,
      version: this.options.version,
      env: process.env,
      publish,
    });
  }

  private actions({
    supervisor,
    segment,
    credentials,
    keeper,
    reloader,
    upgrader,
  }: Omit<Parts, "control">): ControlActions {
    const { version } = this.options;
    const restartsOf = (index: number): number => segment.restarts(index);
    const certificates = (): CertificateTerm[] => termsOf(credentials.certificates, Date.now());
    return {
      pid: process.pid,
      version,
      describeStatistics: () => describeStatistics(segment, readStatistics(segment), { version, commit: COMMIT }),
      describeHealth: () =>
        describeHealth(readStatistics(segment), version, restartsOf, true, certificates(), keeper.status()),
      describeWorkers: () => supervisor.running.map(describeWorker),
      resize: (workers) => reloader.resize(workers),
      reload: () => reloader.reload(),
      upgrade: (asker) => upgrader.upgrade(asker),
      renewCertificate: (name) => keeper.order(name, "renew"),
      revokeCertificate: (name) => keeper.order(name, "revoke"),
      purge: () => segment.raiseCacheGeneration(),
      reopenLogs: () => this.reopenLogs(supervisor),
      stop: () => void process.kill(process.pid, "SIGTERM"),
    };
  }

  private reopenLogs(supervisor: Supervisor): void {
    giveLogs(supervisor.settings);
    supervisor.reopenLogs();
    this.log.reopen();
    this.log.info("log files reopened");
  }

  private async startWorkers({ supervisor, sockets }: Parts): Promise<void> {
    const { version, settings, configFile = null } = this.options;
    try {
      await supervisor.start();
    } catch (error) {
      await supervisor.killAll("the server can't start");
      throw error;
    }
    if (supervisor.isStopping) return;
    this.tellOfChoice(settings);
    const { workers } = supervisor;
    say(formatBanner({ version, settings, configFile, workers, endpoints: sockets.addresses }));
  }

  private tellOfChoice(settings: Settings): void {
    const cpus = usableCpus();
    const line = describeChoice(chooseWorkers(settings, cpus, memoryLimit()), cpus);
    if (line !== null) this.log.info(line);
  }

  private tellOfAddresses(opened: readonly EndpointAddresses[], workers: number): void {
    const lines = formatListening(this.options.version, opened, workers);
    if (lines.length > 0) say(lines);
    for (const url of adminUrls(opened)) this.log.info(`admin endpoints are on ${url}`);
  }

  private obeySignals({ supervisor, segment, reloader, upgrader }: Parts): void {
    const { log } = this;
    this.signals.deliver({
      stop: () => {
        const seconds = supervisor.settings.shutdown_timeout_seconds;
        log.info(`stopping: requests in flight have ${seconds} s to finish`);
        void supervisor.stop(seconds).then(() => this.finish(0, "stopped"));
      },
      stopNow: () => void supervisor.killAll("a second signal").then(() => this.finish(0, "stopped at once")),
      reload: () => void reloader.reload(),
      logStatistics: () => log.infoAnyway(formatFullStatistics(readStatistics(segment))),
      reopenLogs: () => this.reopenLogs(supervisor),
      upgrade: () => void upgrader.upgrade(),
    });
  }

  /** Checks document roots and heartbeats; once a second samples rates, and when due prints the statistics line. */
  private watch({ supervisor, segment, credentials, keeper, reloader }: Parts): void {
    sampleRates(segment);
    let before: Statistics | null = null;
    let lineAtMs = performance.now() + intervalMs(supervisor);
    const timer = setInterval(() => {
      sampleRates(segment);
      if (performance.now() < lineAtMs) return;
      lineAtMs = performance.now() + intervalMs(supervisor);
      const now = readStatistics(segment);
      this.log.info(formatStatsLine(now, before));
      before = now;
    }, TICK_MS);
    this.undo.defer(() => clearInterval(timer));
    const looker = setInterval(() => supervisor.watchHeartbeats(), HEARTBEAT_LOOK_MS);
    this.undo.defer(() => clearInterval(looker));
    this.undo.defer(reloader.watchRoots());
    this.undo.defer(watchCredentials(credentials));
    keeper.start();
    this.undo.defer(() => keeper.stop());
    if (process.pid !== FIRST_PROCESS) return;
    const reaper = new OrphanReaper();
    const reaping = setInterval(() => reaper.look(new Set(supervisor.running.map(({ pid }) => pid))), REAP_MS);
    this.undo.defer(() => clearInterval(reaping));
  }

  private async giveUp(supervisor: Supervisor, reason: string): Promise<void> {
    this.log.error(`the server exits: ${reason}; the lines above say why they died`);
    await supervisor.killAll("the server ends");
    this.finish(1, "ended");
  }

  private finish(exitCode: number, how: string): void {
    this.log.info(how);
    this.end.resolve(exitCode);
  }
}

/** What the control socket is named after: the statistics, by the name they would have. */
function controlBase({ segment, sockets }: Shared): string {
  return isAnonymous(segment.path) ? defaultStatsPath(sockets.mainPort) : segment.path;
}

function describeWorker({ index, pid, state, generation, slot }: Worker): object {
  return { worker: index, pid, state: WorkerState[state].toLowerCase(), generation, slot };
}

/** The interval between statistics lines; infinite when they are turned off. */
function intervalMs(supervisor: Supervisor): number {
  return supervisor.settings.stats_interval_seconds * 1000 || Number.POSITIVE_INFINITY;
}

/** To standard error, whatever `log_level` is: standard output may be an access log that a program reads. */
function say(lines: readonly string[]): void {
  process.stderr.write(`${lines.join("\n")}\n`);
}

/** One line to standard error; done when it has left the process. */
function printError(error: unknown): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stderr.write(`saker: ${messageOf(error).replaceAll("\n", " ")}\n`, () => resolve());
  return promise;
}

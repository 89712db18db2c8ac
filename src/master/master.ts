/**
 * The master process from its first act to its exit code: opens what is shared, runs the supervisor, obeys signals,
 * and leaves nothing behind.
 *
 *     document root ─► listening sockets ─► statistics file ─► pid file ─► workers ─► banner ─► until a signal ends it
 *
 * In:    loaded settings, and the way to load them again.
 * Out:   the exit code: 0 after SIGTERM or SIGINT, 1 when it can't start or its workers die too often.
 * Keeps: it never parses a request. Whatever it made is undone in reverse order, however it ends; should it be killed,
 *        its workers end by themselves (PR_SET_PDEATHSIG, IPC disconnect) and its files are replaced at the next start.
 */
import { accessSync, constants, statSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { createErrorLog, type ErrorLog } from "../log/error-log.ts";
import { readStatistics, type Statistics } from "../stats/reader.ts";
import { sampleRates } from "../stats/rates.ts";
import type { Segment } from "../stats/segment.ts";
import { formatBanner, formatListening } from "./banner.ts";
import { Executable } from "./executable.ts";
import type { Log } from "./launcher.ts";
import { urlOf } from "./listen-address.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { writePidFile } from "./pid-file.ts";
import { Reloader } from "./reload.ts";
import { type SignalWatch, watchSignals } from "./signals.ts";
import { type OpenedAddresses, Sockets } from "./sockets.ts";
import { StartError } from "./start-error.ts";
import { createStatsFile } from "./stats-file.ts";
import { formatFullStatistics, formatStatsLine } from "./stats-line.ts";
import { Supervisor } from "./supervisor.ts";
import { workerCount } from "./worker-count.ts";

export type MasterOptions = {
  readonly settings: Settings;
  /** Loads the settings anew; throws (or rejects) with one line about what is wrong. */
  readonly reloadSettings: () => Settings | Promise<Settings>;
  readonly version: string;
  /** As the user named it, for the banner. */
  readonly configFile?: string | null;
};

const TICK_MS = 1000;

/** Runs until the server has ended; resolves with the exit code. Errors are printed, not thrown. */
export async function runMaster(options: MasterOptions): Promise<number> {
  using signals = watchSignals();
  using undo = new DisposableStack();
  // Should this process end in a way nobody foresaw, the files go all the same.
  const undoAtExit = (): void => undo.dispose();
  process.once("exit", undoAtExit);
  undo.defer(() => process.off("exit", undoAtExit));
  try {
    return await new Master(options, signals, undo).run();
  } catch (error) {
    await printError(error);
    return 1;
  }
}

class Master {
  /** Writes to the present error log, which may be another one after a reload. */
  private readonly log: Log = {
    info: (message) => this.errorLog.info(message),
    warn: (message) => this.errorLog.warn(message),
    error: (message) => this.errorLog.error(message),
  };
  private errorLog: ErrorLog;
  private errorLogTarget: string;
  private readonly end = Promise.withResolvers<number>();

  constructor(
    private readonly options: MasterOptions,
    private readonly signals: SignalWatch,
    private readonly undo: DisposableStack,
  ) {
    const { error_log, log_level } = options.settings;
    this.errorLog = createErrorLog({ target: error_log, level: log_level });
    this.errorLogTarget = error_log;
    undo.defer(() => this.errorLog.close());
  }

  async run(): Promise<number> {
    const { undo } = this;
    const { settings, version, configFile = null } = this.options;
    const startedMs = Date.now();
    checkDocumentRoot(settings.document_root);
    const workers = workerCount(settings);
    const sockets = await Sockets.open(settings, workers);
    undo.defer(() => sockets.close());
    const { site, admin } = sockets;
    const stats = createStatsFile(settings.stats_file, site.addresses[0]!.port, workers, startedMs);
    undo.defer(() => stats.remove());
    if (settings.pid_file !== null) undo.defer(writePidFile(settings.pid_file));

    const { log } = this;
    const { segment } = stats;
    const executable = Executable.own();
    const supervisor = new Supervisor({ settings, sockets, segment, log, version, executable });
    this.obeySignals(supervisor, sockets, segment);
    void supervisor.gaveUp.then((reason) => this.giveUp(supervisor, reason));
    if (!sockets.canInherit)
      log.warn("no FFI here: workers open the port themselves; waiting connections die with them");

    await Promise.race([this.startWorkers(supervisor), this.end.promise]);
    this.watch(supervisor, segment);
    if (!supervisor.isStopping) {
      const facts = { version, settings, configFile, workers, addresses: site.addresses };
      const lines = formatBanner({ ...facts, adminAddresses: admin.addresses });
      process.stdout.write(`${lines.join("\n")}\n`);
    }
    return await this.end.promise;
  }

  private async startWorkers(supervisor: Supervisor): Promise<void> {
    try {
      await supervisor.start();
    } catch (error) {
      await supervisor.killAll("the server can't start");
      throw error;
    }
  }

  private obeySignals(supervisor: Supervisor, sockets: Sockets, segment: Segment): void {
    const { log } = this;
    const { reloadSettings: read } = this.options;
    const onChange = (settings: Settings, opened: OpenedAddresses): void => {
      this.replaceLog(settings);
      this.tellOfAddresses(opened, supervisor.workers);
    };
    const reloader = new Reloader({ supervisor, read, log, turns: new OneAtATime(), onChange });
    this.signals.deliver({
      stop: () => {
        const seconds = supervisor.settings.shutdown_timeout_seconds;
        log.info(`stopping: requests in flight have ${seconds} s to finish`);
        // Nobody new: once the workers have let go of the sockets too, the kernel refuses connections.
        sockets.close();
        void supervisor.stop(seconds).then(() => this.finish(0, "stopped"));
      },
      stopNow: () => void supervisor.killAll("a second signal").then(() => this.finish(0, "stopped at once")),
      reload: () => void reloader.reload(),
      logStatistics: () => this.logAnyway(formatFullStatistics(readStatistics(segment))),
      reopenLogs: () => {
        supervisor.reopenLogs();
        this.tryLog(() => this.errorLog.reopen());
        log.info("log files opened anew");
      },
    });
  }

  /** Once a second: rates, heartbeats, and at its time the line of statistics. */
  private watch(supervisor: Supervisor, segment: Segment): void {
    sampleRates(segment);
    let before: Statistics | null = null;
    let lineAtMs = performance.now() + intervalMs(supervisor);
    const timer = setInterval(() => {
      sampleRates(segment);
      supervisor.watchHeartbeats();
      if (performance.now() < lineAtMs) return;
      lineAtMs = performance.now() + intervalMs(supervisor);
      const now = readStatistics(segment);
      this.log.info(formatStatsLine(now, before));
      before = now;
    }, TICK_MS);
    this.undo.defer(() => clearInterval(timer));
  }

  private tellOfAddresses({ site, admin }: OpenedAddresses, workers: number): void {
    if (site.length > 0) process.stdout.write(`${formatListening(this.options.version, site, workers).join("\n")}\n`);
    for (const { host, port } of admin) this.log.info(`admin endpoints are on ${urlOf(host, port)}`);
  }

  private replaceLog({ error_log, log_level }: Settings): void {
    this.errorLog.level = log_level;
    if (error_log === this.errorLogTarget) return;
    this.tryLog(() => {
      const before = this.errorLog;
      this.errorLog = createErrorLog({ target: error_log, level: log_level });
      this.errorLogTarget = error_log;
      before.close();
    });
  }

  /** Somebody asked for these lines: `log_level` is about those that nobody asked for. */
  private logAnyway(lines: readonly string[]): void {
    const { level } = this.errorLog;
    this.errorLog.level = "info";
    for (const line of lines) this.errorLog.info(line);
    this.errorLog.level = level;
  }

  /** A log that can't be opened is no reason to end: the one that is open stays. */
  private tryLog(open: () => void): void {
    try {
      open();
    } catch (error) {
      this.log.error(messageOf(error));
    }
  }

  private async giveUp(supervisor: Supervisor, reason: string): Promise<void> {
    this.log.error(`the server ends: ${reason}; the lines above say why they died`);
    await supervisor.killAll("the server ends");
    this.finish(1, "ended");
  }

  private finish(exitCode: number, how: string): void {
    this.log.info(how);
    this.end.resolve(exitCode);
  }
}

/** The time between two lines of statistics; endless when they are turned off. */
function intervalMs(supervisor: Supervisor): number {
  return supervisor.settings.stats_interval_seconds * 1000 || Number.POSITIVE_INFINITY;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One line to standard error; done when it has left the process. */
function printError(error: unknown): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stderr.write(`saker: ${messageOf(error).replaceAll("\n", " ")}\n`, () => resolve());
  return promise;
}

function checkDocumentRoot(path: string): void {
  try {
    if (!statSync(path).isDirectory()) throw new StartError(`document root ${path} is not a folder`);
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT" ? "does not exist" : code === "EACCES" ? "can't be read by this user" : `: ${code}`;
    throw new StartError(`document root ${path} ${reason}; name a folder to serve: saker DIR`, { cause: error });
  }
}

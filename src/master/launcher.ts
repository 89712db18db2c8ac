/**
 * Starting one worker of a plan: a slot of the statistics, its sockets, the program.
 *
 * Fails: null when no slot or process is available, which is logged; a later attempt may succeed.
 */
import { constants, existsSync, fchmodSync, fstatSync, openSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { provideBuckets } from "../quota/bucket-file.ts";
import { connectionsShape, provideConnections } from "../quota/connection-file.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Segment } from "../stats/segment.ts";
import { confinementOf, documentRoots } from "./confine-workers.ts";
import type { Executable } from "./executable.ts";
import { descriptorsOf } from "./listener-group.ts";
import type { SocketGroups } from "./sockets.ts";
import { messageOf } from "./start-error.ts";
import { workerCommand, WorkerProcess } from "./worker-process.ts";

export type Log = Pick<ErrorLog, "info" | "warn" | "error">;

/** What workers are started with; a reload makes a new one. */
export type Plan = {
  readonly settings: Settings;
  /** The rules that lie in document roots, as they were read for this plan. */
  readonly rules: RuleFilesByRoot;
  /** Number of reloads so far. */
  readonly generation: number;
  readonly workers: number;
  readonly sockets: SocketGroups;
  readonly executable: Executable;
};

export type LauncherOptions = {
  readonly segment: Segment;
  readonly log: Log;
  readonly version: string;
  /** Absolute paths of the configuration files; a reload reads the same ones. */
  readonly configFiles?: readonly string[];
};

const OWNERS_ACCESS = constants.S_IRUSR | constants.S_IWUSR;

export class Launcher {
  private readonly statsFd: number;
  /** Warnings that needn't be repeated for each worker. */
  private readonly troubles = new Set<string>();

  constructor(private readonly options: LauncherOptions) {
    this.statsFd = openSync(options.segment.path, "r+");
  }

  /** `isSuccessor`: others have served with this plan's settings. */
  launch(index: number, plan: Plan, isSuccessor: boolean): WorkerProcess | null {
    const { segment, log, version, configFiles = [] } = this.options;
    const { settings, rules, generation, workers, sockets } = plan;
    const slot = segment.claimSlot(index, generation);
    if (slot === -1) {
      log.error(`worker ${index} can't be started: no slot is free in ${segment.path}`);
      return null;
    }
    this.provideTables(settings);
    try {
      this.keepStatsOpenable();
      return new WorkerProcess({
        command: workerCommand(plan.executable),
        statsFd: this.statsFd,
        siteFds: descriptorsOf(sockets.site, index, workers),
        adminFds: descriptorsOf(sockets.admin, index, workers),
        rootsMissing: documentRoots(settings).filter((root) => !existsSync(root)),
        start: {
          settings,
          ruleFiles: rules,
          isSuccessor,
          slot,
          generation,
          workerIndex: index,
          addresses: sockets.site.map((group) => group.address),
          adminAddresses: sockets.admin.map((group) => group.address),
          configFiles,
          statsPath: segment.path,
          confinement: confinementOf(settings, segment.path, index),
          startedMs: segment.startedMs,
          masterPid: process.pid,
          version,
        },
      });
    } catch (error) {
      segment.foldSlot(slot);
      log.error(`worker ${index} can't be started: ${messageOf(error)}`);
      return null;
    }
  }

  /** Its mode may have been changed, so that workers of the same user couldn't open it. */
  private keepStatsOpenable(): void {
    const { mode } = fstatSync(this.statsFd);
    if ((mode & OWNERS_ACCESS) !== OWNERS_ACCESS) fchmodSync(this.statsFd, mode | OWNERS_ACCESS);
  }

  /** The tables that limits per client need, made before the first worker opens them. Without them each worker has its own. */
  private provideTables({ rate_limit, max_connections, max_connections_per_ip }: Settings): void {
    const { segment, log } = this.options;
    const { requests_per_second: requestsPerSecond, max_clients: clients } = rate_limit;
    const share = (what: string, provide: () => void): void => {
      try {
        provide();
      } catch (error) {
        const trouble = `the workers can't share ${what}: ${(error as Error).message}`;
        if (!this.troubles.has(trouble)) log.warn(trouble);
        this.troubles.add(trouble);
      }
    };
    if (requestsPerSecond > 0) {
      share("the buckets of [rate_limit]", () => provideBuckets(segment.path, { clients, requestsPerSecond }));
    }
    if (max_connections_per_ip > 0) {
      const shape = connectionsShape(segment.slots.length, max_connections);
      share("what max_connections_per_ip counts", () => provideConnections(segment.path, shape));
    }
  }
}

/**
 * Starting one worker of a plan: a slot of the statistics, its sockets, the program.
 *
 * Fails: null when no slot or process is available, which is logged; a later attempt may succeed.
 */
import { constants, existsSync, fchmodSync, fstatSync, openSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { bucketsWish } from "../quota/bucket-file.ts";
import { connectionsShape, connectionsWish } from "../quota/connection-file.ts";
import type { SharedTables } from "../quota/shared-tables.ts";
import type { TableWish } from "../quota/table-file.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Segment } from "../stats/segment.ts";
import { isAnonymous, pathOfDescriptor } from "../sys/anonymous-memory.ts";
import type { Endpoint } from "../process/messages.ts";
import { confinementOf, documentRoots, STATS_FD } from "./confine-workers.ts";
import type { ChallengeBoard } from "./challenge-board.ts";
import type { Executable } from "./executable.ts";
import { descriptorsOf } from "./listener-group.ts";
import type { EndpointSockets } from "./sockets.ts";
import type { CredentialStore } from "../tls/credential-store.ts";
import { messageOf } from "../sys/errno.ts";
import { FIRST_SOCKET_FD, workerCommand, WorkerProcess } from "./worker-process.ts";
import { logsForWorker } from "./worker-logs.ts";

export type Log = Pick<ErrorLog, "info" | "warn" | "error">;

/** What workers are started with; a reload makes a new one. */
export type Plan = {
  readonly settings: Settings;
  /** The rules that lie in document roots, as they were read for this plan. */
  readonly rules: RuleFilesByRoot;
  /** Number of reloads so far. */
  readonly generation: number;
  readonly workers: number;
  readonly endpoints: readonly EndpointSockets[];
  readonly executable: Executable;
};

export type LauncherOptions = {
  readonly segment: Segment;
  readonly tables: SharedTables;
  readonly credentials: Pick<CredentialStore, "fdForWorkers">;
  readonly challenges: Pick<ChallengeBoard, "find">;
  readonly log: Log;
  readonly version: string;
  /** Absolute paths of the configuration files; a reload reads the same ones. */
  readonly configFiles?: readonly string[];
};

const OWNERS_ACCESS = constants.S_IRUSR | constants.S_IWUSR;

export class Launcher {
  private readonly statsFd: number;
  /** Why the last launch failed; "" before. */
  problem = "";
  /** Warnings that needn't be repeated for each worker. */
  private readonly troubles = new Set<string>();

  constructor(private readonly options: LauncherOptions) {
    this.statsFd = openSync(options.segment.path, "r+");
  }

  /** `isSuccessor`: others have served with this plan's settings. */
  launch(index: number, plan: Plan, isSuccessor: boolean): WorkerProcess | null {
    const { segment, log } = this.options;
    const slot = segment.claimSlot(index, plan.generation);
    try {
      if (slot === -1) throw new Error(`no slot is free in ${segment.path}`);
      this.provideTables(plan.settings);
      this.keepStatsOpenable();
      return this.spawn(index, slot, plan, isSuccessor);
    } catch (error) {
      if (slot !== -1) segment.foldSlot(slot);
      this.problem = messageOf(error);
      log.error(`worker ${index} can't be started: ${this.problem}`);
      return null;
    }
  }

  private spawn(index: number, slot: number, plan: Plan, isSuccessor: boolean): WorkerProcess {
    const { segment, tables, credentials, challenges, version, configFiles = [] } = this.options;
    const { rules, generation, executable } = plan;
    const endpoints = plan.endpoints.map((endpoint) => endpointOf(endpoint, index, plan.workers));
    const socketCount = endpoints.flatMap(({ fds }) => fds).length;
    const logs = logsForWorker(plan.settings, FIRST_SOCKET_FD + socketCount);
    const { settings } = logs;
    const statsPath = isAnonymous(segment.path) ? pathOfDescriptor(STATS_FD) : segment.path;
    try {
      return new WorkerProcess({
        command: workerCommand(executable),
        statsFd: this.statsFd,
        endpoints,
        logFds: logs.fds,
        tableFds: tables.anonymous,
        credentialsFd: credentials.fdForWorkers,
        findProof: (id) => challenges.find(id),
        rootsMissing: documentRoots(settings).filter((root) => !existsSync(root)),
        start: {
          settings,
          ruleFiles: rules,
          isSuccessor,
          slot,
          generation,
          workerIndex: index,
          configFiles,
          statsPath,
          confinement: confinementOf(settings, statsPath, index),
          startedMs: segment.startedMs,
          masterPid: process.pid,
          version,
        },
      });
    } finally {
      logs.close();
    }
  }

  /** Its mode may have been changed, so that workers of the same user couldn't open it. */
  private keepStatsOpenable(): void {
    const { mode } = fstatSync(this.statsFd);
    if ((mode & OWNERS_ACCESS) !== OWNERS_ACCESS) fchmodSync(this.statsFd, mode | OWNERS_ACCESS);
  }

  /** The tables that limits per client need, made before the first worker opens them. Without them each worker has its own. */
  private provideTables({ rate_limit, max_connections, max_connections_per_ip }: Settings): void {
    const { segment, tables, log } = this.options;
    const { requests_per_second: requestsPerSecond, max_clients: clients } = rate_limit;
    const share = (what: string, wish: TableWish): void => {
      try {
        tables.provide(wish);
      } catch (error) {
        const trouble = `the workers can't share ${what}: ${(error as Error).message}`;
        if (!this.troubles.has(trouble)) log.warn(trouble);
        this.troubles.add(trouble);
      }
    };
    if (requestsPerSecond > 0) share("the buckets of [rate_limit]", bucketsWish({ clients, requestsPerSecond }));
    if (max_connections_per_ip > 0) {
      const shape = connectionsShape(segment.slots.length, max_connections);
      share("what max_connections_per_ip counts", connectionsWish(shape));
    }
  }
}

/** Worker `index`'s part of an endpoint's sockets. */
function endpointOf({ kind, groups }: EndpointSockets, index: number, workers: number): Endpoint {
  return { ...kind, addresses: groups.map(({ address }) => address), fds: descriptorsOf(groups, index, workers) };
}

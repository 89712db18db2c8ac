/**
 * What master and workers share: listening sockets and the statistics, opened at a start or taken over at an upgrade.
 *
 * Out:   both, and what to do at the end (`undo`).
 * Fails: StartError, SegmentError; what was opened before is undone by the caller.
 */
import type { Settings } from "../config/settings.ts";
import { SharedTables } from "../quota/shared-tables.ts";
import type { Segment } from "../stats/segment.ts";
import { ChallengeBoard } from "./challenge-board.ts";
import type { HandOver } from "./hand-over-format.ts";
import type { Log } from "./launcher.ts";
import { isInUse } from "./listener-group.ts";
import { Sockets } from "./sockets.ts";
import { createStatsFile, inheritStatsFile, isLeftByDeadMaster } from "./stats-file.ts";
import { CredentialStore } from "../tls/credential-store.ts";
import { messageOf } from "../sys/errno.ts";
import { StartError } from "./start-error.ts";
import { workerCount } from "./worker-count.ts";

/** They need 50 ms, on a machine that isn't too busy. */
const ORPHANS_MS_MAX = 5000;
const ORPHANS_LOOK_MS = 10;

const SILENT: Log = { info() {}, warn() {}, error() {} };

export type Shared = {
  readonly sockets: Sockets;
  readonly segment: Segment;
  readonly tables: SharedTables;
  readonly credentials: CredentialStore;
  readonly challenges: ChallengeBoard;
  /** False when a new statistics file was needed: then workers from before have no slots in it. */
  readonly hasSlotsOfBefore: boolean;
};

/** `mayDoWithout`: as createStatsFile has it. */
export async function openShared(
  settings: Settings,
  undo: DisposableStack,
  log?: Log,
  mayDoWithout = false,
): Promise<Shared> {
  const credentials = openCredentials(settings, log ?? SILENT);
  undo.defer(() => credentials.close());
  const startedMs = Date.now();
  const workers = workerCount(settings);
  const sockets = await openSockets(settings, workers, log);
  undo.defer(() => sockets.close());
  const wish = { ...settings, port: sockets.mainPort };
  const say = (line: string): void => log?.warn(line);
  const { segment, remove } = createStatsFile(wish, { workers, startedMs }, say, mayDoWithout);
  undo.defer(remove);
  const tables = new SharedTables(segment.path);
  return {
    sockets,
    segment,
    tables,
    credentials,
    challenges: new ChallengeBoard(credentials),
    hasSlotsOfBefore: false,
  };
}

/** Workers of a master that was killed hold its port until they have accepted who had come: that isn't another program. */
async function openSockets(settings: Settings, workers: number, log?: Pick<Log, "warn">): Promise<Sockets> {
  const giveUpAtMs = performance.now() + ORPHANS_MS_MAX;
  for (let attempt = 1; ; attempt++) {
    try {
      return await Sockets.open(settings, workers);
    } catch (error) {
      if (!isInUse(error) || performance.now() > giveUpAtMs || !isLeftByDeadMaster(settings)) throw error;
      if (attempt === 1) log?.warn("workers of a master that was killed still hold the port: waiting for them");
      await Bun.sleep(ORPHANS_LOOK_MS);
    }
  }
}

/** Before the sockets: who comes to the port must find a certificate. */
function openCredentials(settings: Settings, log: Log, inheritedFd?: number): CredentialStore {
  try {
    return CredentialStore.open(settings, { log, env: process.env, inheritedFd });
  } catch (error) {
    throw new StartError(messageOf(error), { cause: error });
  }
}

export function inheritShared(handOver: HandOver, undo: DisposableStack, log: Log): Shared {
  const credentials = openCredentials(handOver.settings, log, handOver.credentials);
  undo.defer(() => credentials.close());
  const sockets = Sockets.inherited(handOver.endpoints);
  undo.defer(() => sockets.close());
  const { segment, remove, isSame } = inheritStatsFile(handOver, workerCount(handOver.settings));
  undo.defer(remove);
  // Slots are assigned anew: what former workers count belongs to others now.
  const tables = new SharedTables(segment.path, isSame ? handOver.tables : {});
  return {
    sockets,
    segment,
    tables,
    credentials,
    challenges: new ChallengeBoard(credentials),
    hasSlotsOfBefore: isSame,
  };
}

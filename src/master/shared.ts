/**
 * What master and workers share: listening sockets and the statistics, opened at a start or taken over at an upgrade.
 *
 * Out:   both, and what to do at the end (`undo`).
 * Fails: StartError, SegmentError; what was opened before is undone by the caller.
 */
import type { Settings } from "../config/settings.ts";
import type { Segment } from "../stats/segment.ts";
import type { HandOver } from "./hand-over.ts";
import { Listeners } from "./listeners.ts";
import { Sockets } from "./sockets.ts";
import { createStatsFile, inheritStatsFile } from "./stats-file.ts";
import { workerCount } from "./worker-count.ts";

export type Shared = {
  readonly sockets: Sockets;
  readonly segment: Segment;
  /** False when a new statistics file was needed: then workers from before have no slots in it. */
  readonly hasSlotsOfBefore: boolean;
};

export async function openShared(settings: Settings, undo: DisposableStack): Promise<Shared> {
  const startedMs = Date.now();
  const workers = workerCount(settings);
  const sockets = await Sockets.open(settings, workers);
  undo.defer(() => sockets.close());
  const { segment, remove } = createStatsFile(
    { ...settings, port: sockets.site.addresses[0]!.port },
    workers,
    startedMs,
  );
  undo.defer(remove);
  return { sockets, segment, hasSlotsOfBefore: false };
}

export function inheritShared(handOver: HandOver, undo: DisposableStack): Shared {
  const { site, admin } = handOver;
  const sockets = new Sockets(new Listeners(site.target, site.groups), new Listeners(admin.target, admin.groups));
  undo.defer(() => sockets.close());
  const { segment, remove, isSame } = inheritStatsFile(handOver, workerCount(handOver.settings));
  undo.defer(remove);
  return { sockets, segment, hasSlotsOfBefore: isSame };
}

/**
 * What workers share about clients: buckets of `[rate_limit]`, connections of `max_connections_per_ip`.
 *
 * Out:   each null if there is no such limit; of this worker alone if the master couldn't make the file, which is logged.
 */
import type { Settings } from "../config/settings.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { openBuckets, privateBuckets } from "../quota/bucket-file.ts";
import { openConnections, privateConnections } from "../quota/connection-file.ts";
import type { ConnectionTable } from "../quota/connection-table.ts";
import { BUCKETS, CONNECTIONS, type TableKind } from "../quota/table-file.ts";
import { SlotState } from "../stats/layout.ts";
import type { Segment } from "../stats/segment.ts";
import { pathOfDescriptor } from "../sys/anonymous-memory.ts";
import type { StartMessage } from "./messages.ts";

export interface Quotas {
  readonly bucketWords: Int32Array | null;
  readonly connections: ConnectionTable | null;
}

/** For a process that shares nothing with others. */
export function privateQuotas({ rate_limit, max_connections, max_connections_per_ip }: Settings): Quotas {
  const { requests_per_second: requestsPerSecond, max_clients: clients } = rate_limit;
  return {
    bucketWords: requestsPerSecond === 0 ? null : privateBuckets({ clients, requestsPerSecond }),
    connections: max_connections_per_ip === 0 ? null : privateConnections(max_connections),
  };
}

/** Opens the shared files; call it before the process gives up its user. */
export function openQuotas(start: StartMessage, segment: Segment, log: Pick<ErrorLog, "warn">): Quotas {
  const { settings, slot, statsPath, workerIndex, tableFds = {} } = start;
  const pathOf = ({ suffix }: TableKind): string | undefined => {
    const fd = tableFds[suffix];
    return fd === undefined ? undefined : pathOfDescriptor(fd);
  };
  const orOwn = <Kind>(name: string, openShared: () => Kind | null, makeOwn: () => Kind): Kind => {
    let [shared, reason]: [Kind | null, string] = [null, ""];
    try {
      shared = openShared();
    } catch (error) {
      reason = ` (${(error as Error).message})`;
    }
    if (shared === null && workerIndex === 0) log.warn(`${name} holds for each worker by itself${reason}`);
    return shared ?? makeOwn();
  };
  const { requests_per_second: requestsPerSecond, max_clients: clients } = settings.rate_limit;
  const buckets = { clients, requestsPerSecond };
  const openCounted = () =>
    openConnections(statsPath, slot, (index) => hasConnections(segment, index), pathOf(CONNECTIONS));
  return {
    bucketWords:
      requestsPerSecond === 0
        ? null
        : orOwn(
            "[rate_limit]",
            () => openBuckets(statsPath, buckets, pathOf(BUCKETS)),
            () => privateBuckets(buckets),
          ),
    connections:
      settings.max_connections_per_ip === 0
        ? null
        : orOwn("max_connections_per_ip", openCounted, () => privateConnections(settings.max_connections)),
  };
}

/** A starting worker may not have emptied its region yet; a dead one has lost its connections. */
function hasConnections(segment: Segment, index: number): boolean {
  const state = segment.slots[index]?.state;
  return state === SlotState.Ready || state === SlotState.Draining;
}

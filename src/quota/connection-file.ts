/**
 * The table of the clients' connections: shared by all workers, or of one process.
 *
 * Units: octets. The file has a region for each slot of the statistics: 16 octets for each of the clients that a worker can count.
 *        There are four times as many slots as workers, because old and new workers run side by side. The size of the file is
 *        bounded (a container's /dev/shm may have 64 MiB), so with many workers a region has room for fewer clients than
 *        `max_connections`: with 32 workers 8 191 each, in 16 MiB.
 * Keeps: an existing file is kept even if `max_connections` is lower now, because draining workers count in it.
 */
import { ConnectionTable, type ConnectionsShape, wordsForConnections } from "./connection-table.ts";
import { regionWords } from "./connection-region.ts";
import {
  CONNECTIONS,
  openTable,
  provideTable,
  removeTable,
  tableOctets,
  type TableShape,
  type TableWish,
} from "./table-file.ts";

const FILE_OCTETS_MAX = 16 << 20;

/** What a file must hold for that many slots. */
export function connectionsShape(slots: number, connectionsMax: number): ConnectionsShape {
  const regionOctets = 4 * regionWords(connectionsMax);
  const share = Math.min(1, FILE_OCTETS_MAX / slots / regionOctets);
  return { regions: slots, clients: Math.floor(connectionsMax * share) };
}

/** Size of the file. */
export function connectionFileOctets(shape: ConnectionsShape): number {
  return tableOctets(wordsForConnections(shape));
}

/** Master: makes the file, unless there is one that is large enough. Throws what `provideTable` throws. */
export function provideConnections(statsPath: string, shape: ConnectionsShape): void {
  provideTable(statsPath, connectionsWish(shape));
}

export function connectionsWish(shape: ConnectionsShape): TableWish {
  const { regions, clients } = shape;
  const fits = (table: TableShape): boolean => {
    const present = shapeOf(table);
    return present !== null && present.regions === regions && present.clients >= clients;
  };
  return { kind: CONNECTIONS, shape: { numbers: [regions, clients], wordCount: wordsForConnections(shape) }, fits };
}

/** The table in the file, for the worker of a slot; null if there is none. `isLive`: see ConnectionTable. `path`: as for buckets. */
export function openConnections(
  statsPath: string,
  slot: number,
  isLive: (slot: number) => boolean,
  path?: string,
): ConnectionTable | null {
  const table = openTable(statsPath, CONNECTIONS, path);
  const shape = table === null ? null : shapeOf(table);
  if (shape === null || slot >= shape.regions) return null;
  return new ConnectionTable(table!.words, shape, slot, isLive);
}

/** A table for this process alone. */
export function privateConnections(clients: number): ConnectionTable {
  const shape = { regions: 1, clients };
  return new ConnectionTable(new Int32Array(wordsForConnections(shape)), shape, 0, () => false);
}

/** Master: slots are assigned anew while earlier workers still write to theirs; those keep the file, which has no name any more. */
export function leaveConnections(statsPath: string): void {
  removeTable(statsPath, CONNECTIONS);
}

function shapeOf({ numbers: [regions, clients], wordCount }: TableShape): ConnectionsShape | null {
  const shape = { regions, clients };
  return wordCount === wordsForConnections(shape) ? shape : null;
}

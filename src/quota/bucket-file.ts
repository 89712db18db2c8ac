/**
 * The words of the clients' buckets: shared by all workers, or of one process.
 *
 * Keeps: an existing file fits only with the same rate, since with another one its ticks mean something else, and the same size.
 */
import { wordsFor } from "./bucket-table.ts";
import { BUCKETS, openTable, provideTable, tableOctets, type TableShape, type TableWish } from "./table-file.ts";

export interface BucketsShape {
  /** Clients to be remembered, at least. */
  readonly clients: number;
  readonly requestsPerSecond: number;
}

/** Size of the file. */
export function bucketFileOctets({ clients }: BucketsShape): number {
  return tableOctets(wordsFor(clients));
}

/** Master: makes the file, unless there is one that fits. Throws what `provideTable` throws. */
export function provideBuckets(statsPath: string, shape: BucketsShape): void {
  provideTable(statsPath, bucketsWish(shape));
}

export function bucketsWish(shape: BucketsShape): TableWish {
  const numbers = [shape.requestsPerSecond, 0] as const;
  return {
    kind: BUCKETS,
    shape: { numbers, wordCount: wordsFor(shape.clients) },
    fits: (present) => fits(present, shape),
  };
}

/** The words of a file that fits; null when there is none. `path`: where it isn't beside the statistics. */
export function openBuckets(statsPath: string, shape: BucketsShape, path?: string): Int32Array | null {
  const table = openTable(statsPath, BUCKETS, path);
  return table !== null && fits(table, shape) ? table.words : null;
}

/** Words for this process alone. */
export function privateBuckets(shape: BucketsShape): Int32Array {
  return new Int32Array(wordsFor(shape.clients));
}

function fits({ numbers, wordCount }: TableShape, { clients, requestsPerSecond }: BucketsShape): boolean {
  return numbers[0] === requestsPerSecond && wordCount === wordsFor(clients);
}

/**
 * The words of the clients' buckets: shared by all workers, or of one process.
 *
 * Keeps: an existing file fits only with the same rate, since with another one its ticks mean something else, and the same size.
 */
import { wordsFor } from "./bucket-table.ts";
import { BUCKETS, openTable, provideTable, tableOctets, type TableShape } from "./table-file.ts";

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
  const numbers = [shape.requestsPerSecond, 0] as const;
  provideTable(statsPath, BUCKETS, { numbers, wordCount: wordsFor(shape.clients) }, (present) => fits(present, shape));
}

/** The words of a file that fits; null when there is none. */
export function openBuckets(statsPath: string, shape: BucketsShape): Int32Array | null {
  const table = openTable(statsPath, BUCKETS);
  return table !== null && fits(table, shape) ? table.words : null;
}

/** Words for this process alone. */
export function privateBuckets(shape: BucketsShape): Int32Array {
  return new Int32Array(wordsFor(shape.clients));
}

function fits({ numbers, wordCount }: TableShape, { clients, requestsPerSecond }: BucketsShape): boolean {
  return numbers[0] === requestsPerSecond && wordCount === wordsFor(clients);
}

/**
 * The orders a listing can be shown in, and the queries that ask for them: `?sort=size&order=desc`.
 *
 * In:    the properties of entries that stand in order of name, directories first.
 * Out:   their indices in the order that was asked for.
 * Keeps: pure. Directories come first in every order; entries that are alike in what counts stand in order of name;
 *        what is not known comes last, whatever the direction.
 */

export enum SortBy {
  Name,
  Size,
  Modified,
}

export interface Order {
  readonly by: SortBy;
  readonly descending: boolean;
}

/** How many orders there are; `orderNumber` tells them apart. */
export const ORDER_COUNT = 6;

/** As they are spelt in a query, by `SortBy`. */
export const SORT_NAME: readonly string[] = ["name", "size", "modified"];

/** What is sorted by: one value an entry, NaN where it isn't known. Entries below `directoryCount` are directories. */
export interface SortColumns {
  readonly directoryCount: number;
  readonly sizes: Float64Array;
  readonly modified: Float64Array;
}

export function orderNumber({ by, descending }: Order): number {
  return by * 2 + Number(descending);
}

/** Whether this is the order of a folder that was asked for without any. */
export function isUsualOrder({ by, descending }: Order): boolean {
  return by === SortBy.Name && !descending;
}

/** Whether a first look by this property shows the greatest first: the largest file, the latest change; but the first name. */
export function isUsuallyDescending(by: SortBy): boolean {
  return by !== SortBy.Name;
}

/**
 * The order that a query asks for (null = no query). What means nothing here is passed over, so that no query makes
 * more pages than there are orders.
 */
export function orderOfQuery(query: string | null): Order {
  let by = SortBy.Name;
  let direction = "";
  for (const member of query === null ? [] : query.split("&")) {
    if (member.startsWith("sort=")) by = Math.max(SORT_NAME.indexOf(member.slice("sort=".length)), SortBy.Name);
    else if (member.startsWith("order=")) direction = member.slice("order=".length);
  }
  const descending = direction === "desc" || (direction !== "asc" && isUsuallyDescending(by));
  return { by, descending };
}

/** The indices of all entries in the given order. */
export function sortedIndices(columns: SortColumns, { by, descending }: Order): Uint32Array {
  const { directoryCount, sizes, modified } = columns;
  const indices = Uint32Array.from(sizes, (_, index) => index);
  const groups = [indices.subarray(0, directoryCount), indices.subarray(directoryCount)];
  for (const group of groups) {
    if (by !== SortBy.Name) sortByValue(group, by === SortBy.Size ? sizes : modified, descending ? -1 : 1);
    else if (descending) group.reverse();
  }
  return indices;
}

function sortByValue(indices: Uint32Array, values: Float64Array, sign: number): void {
  indices.sort((one, other) => {
    const a = values[one]!;
    const b = values[other]!;
    if (a < b) return -sign;
    if (a > b) return sign;
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || one - other;
  });
}

import { describe, expect, test } from "bun:test";
import {
  ORDER_COUNT,
  type Order,
  orderNumber,
  orderOfQuery,
  SortBy,
  sortedIndices,
} from "../../../src/site/listing/listing-order.ts";

const up = (by: SortBy): Order => ({ by, descending: false });
const down = (by: SortBy): Order => ({ by, descending: true });
const ORDERS = [SortBy.Name, SortBy.Size, SortBy.Modified].flatMap((by) => [up(by), down(by)]);

describe("orderOfQuery", () => {
  test.each<[string | null, Order]>([
    [null, up(SortBy.Name)],
    ["", up(SortBy.Name)],
    ["sort=name", up(SortBy.Name)],
    ["sort=name&order=desc", down(SortBy.Name)],
    ["sort=size", down(SortBy.Size)],
    ["sort=size&order=asc", up(SortBy.Size)],
    ["sort=size&order=desc", down(SortBy.Size)],
    ["order=asc&sort=size", up(SortBy.Size)],
    ["sort=modified", down(SortBy.Modified)],
    ["sort=modified&order=asc", up(SortBy.Modified)],
    ["order=desc", down(SortBy.Name)],
    ["utm_source=x&sort=size&y", down(SortBy.Size)],
    ["sort=name&sort=size", down(SortBy.Size)],
    ["sort=", up(SortBy.Name)],
    ["sort=SIZE", up(SortBy.Name)],
    ["sort=size%20", up(SortBy.Name)],
    ["sort=constructor&order=__proto__", up(SortBy.Name)],
    ["sort=size&order=sideways", down(SortBy.Size)],
    ["resort=size", up(SortBy.Name)],
    ["&&&===", up(SortBy.Name)],
    ["sort", up(SortBy.Name)],
  ])("%p", (query, order) => expect(orderOfQuery(query)).toEqual(order));
});

test("each order has a number of its own", () => {
  expect(new Set(ORDERS.map(orderNumber))).toEqual(new Set(Array.from({ length: ORDER_COUNT }, (_, number) => number)));
});

describe("sortedIndices", () => {
  // Two directories, then five files: c and d have equal sizes, e's status isn't known.
  const columns = {
    directoryCount: 2,
    sizes: Float64Array.of(NaN, NaN, 30, 10, 10, NaN, 0),
    modified: Float64Array.of(5, 9, 100, 300, 200, NaN, 200),
  };
  test.each<[Order, number[]]>([
    [up(SortBy.Name), [0, 1, 2, 3, 4, 5, 6]],
    [down(SortBy.Name), [1, 0, 6, 5, 4, 3, 2]],
    [up(SortBy.Size), [0, 1, 6, 3, 4, 2, 5]],
    [down(SortBy.Size), [0, 1, 2, 3, 4, 6, 5]],
    [up(SortBy.Modified), [0, 1, 2, 4, 6, 3, 5]],
    [down(SortBy.Modified), [1, 0, 3, 4, 6, 2, 5]],
  ])("%p", (order, indices) => expect([...sortedIndices(columns, order)]).toEqual(indices));

  test.each(ORDERS)("%p is what inserting one entry after the other gives", (order) => {
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 200; round++) {
      const count = random(30);
      const value = (): number => (random(6) === 0 ? NaN : random(5));
      const some = {
        directoryCount: random(count + 1),
        sizes: Float64Array.from({ length: count }, value),
        modified: Float64Array.from({ length: count }, value),
      };
      expect([...sortedIndices(some, order)]).toEqual(insertOneByOne(some, order));
    }
  });
});

/** The slow obvious way. */
function insertOneByOne(columns: Parameters<typeof sortedIndices>[0], { by, descending }: Order): number[] {
  const sorted: number[] = [];
  const count = columns.sizes.length;
  const valueOf = (index: number): number =>
    by === SortBy.Name ? index : (by === SortBy.Size ? columns.sizes : columns.modified)[index]!;
  const isBefore = (one: number, other: number): boolean => {
    const areDirectories = [one < columns.directoryCount, other < columns.directoryCount];
    if (areDirectories[0] !== areDirectories[1]) return areDirectories[0]!;
    const [a, b] = [valueOf(one), valueOf(other)];
    if (Number.isNaN(a)) return false;
    if (Number.isNaN(b)) return true;
    return descending ? a > b : a < b;
  };
  for (let index = 0; index < count; index++) {
    const place = sorted.findIndex((other) => isBefore(index, other));
    sorted.splice(place === -1 ? sorted.length : place, 0, index);
  }
  return sorted;
}

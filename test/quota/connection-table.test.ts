/** Connections of each client over several workers, against a slow obvious model. */
import { describe, expect, test } from "bun:test";
import type { ClientKey } from "../../src/quota/client-key.ts";
import { ConnectionTable, type ConnectionsShape, wordsForConnections } from "../../src/quota/connection-table.ts";

const key = (client: number): ClientKey => ({ key0: client % 3, key1: client });

/** Workers that share words; one that isn't in `live` is dead. */
function makeWorkers(shape: ConnectionsShape) {
  const words = new Int32Array(wordsForConnections(shape));
  const live = new Set<number>();
  const start = (region: number): ConnectionTable => {
    const table = new ConnectionTable(words, shape, region, (index) => live.has(index));
    live.add(region);
    return table;
  };
  return { words, live, start };
}

/** How often a client gets in when it tries this often. */
function entered(table: ConnectionTable, client: number, tries: number, connectionsMax: number): number {
  return Array.from({ length: tries }, () => table.enter(key(client), connectionsMax)).filter((isIn) => isIn).length;
}

test("a limit is one for all workers, for each client by itself", () => {
  const { start } = makeWorkers({ regions: 4, clients: 10 });
  const [one, other] = [start(1), start(3)];
  expect([entered(one, 7, 3, 5), entered(other, 7, 3, 5), entered(one, 7, 3, 5)]).toEqual([3, 2, 0]);
  expect(entered(other, 8, 9, 5)).toBe(5);
  one.leave(key(7));
  expect([entered(other, 7, 3, 5), entered(one, 7, 3, 5)]).toEqual([1, 0]);
});

test("a client over a lowered limit has to leave first", () => {
  const { start } = makeWorkers({ regions: 2, clients: 10 });
  const [former, present] = [start(0), start(1)];
  expect(entered(former, 1, 9, 5)).toBe(5);
  expect(entered(present, 1, 1, 3)).toBe(0);
  for (let count = 0; count < 3; count++) former.leave(key(1));
  expect(entered(present, 1, 2, 3)).toBe(1);
});

describe("a worker that was killed", () => {
  test("counts no longer, and its successor begins with nothing", () => {
    const { live, start } = makeWorkers({ regions: 2, clients: 10 });
    const survivor = start(0);
    expect([entered(survivor, 1, 2, 5), entered(start(1), 1, 9, 5)]).toEqual([2, 3]);
    live.delete(1);
    const successor = start(1);
    expect([entered(successor, 1, 2, 5), entered(survivor, 1, 2, 5)]).toEqual([2, 1]);
  });

  test("while its entries moved holds up no other forever", () => {
    const { live, start, words } = makeWorkers({ regions: 2, clients: 10 });
    const survivor = start(0);
    expect(entered(start(1), 1, 9, 5)).toBe(5);
    words[1]! += 1; // the sequence of its region
    expect(entered(survivor, 1, 1, 5)).toBe(0);
    live.delete(1);
    expect(entered(survivor, 1, 9, 5)).toBe(5);
    start(1);
    expect(words[1]! % 2).toBe(0);
  });
});

describe("clients that don't fit into a region", () => {
  test("are counted by their worker alone, and by all as soon as there is room", () => {
    const { start } = makeWorkers({ regions: 2, clients: 3 });
    const [one, other] = [start(0), start(1)];
    for (const client of [1, 2, 3]) expect(entered(one, client, 2, 2)).toBe(2);
    expect([entered(one, 4, 5, 3), entered(other, 4, 5, 3)]).toEqual([3, 3]);
    one.leave(key(1));
    one.leave(key(1));
    one.leave(key(4));
    expect([entered(other, 4, 1, 3), entered(one, 4, 1, 5), entered(one, 4, 1, 7)]).toEqual([0, 0, 1]);
    for (let count = 0; count < 3; count++) one.leave(key(4));
    expect(() => one.leave(key(4))).toThrow("that had not begun");
    expect(entered(one, 1, 1, 1)).toBe(1);
  });

  test("don't keep others from being found", () => {
    const clients = 200;
    const { start } = makeWorkers({ regions: 2, clients });
    const [one, other] = [start(0), start(1)];
    for (let client = 0; client < 2 * clients; client++) expect(entered(one, client, 1, 1)).toBe(1);
    const refused = Array.from({ length: clients }, (_, client) => entered(other, client, 1, 1));
    expect(refused.every((count) => count === 0)).toBe(true);
  });
});

test("property: admits the clients that a Map would, while workers come, go and are killed", () => {
  const workers = 5;
  const connectionsMax = 4;
  const { live, start } = makeWorkers({ regions: workers, clients: 3000 });
  const tables = Array.from({ length: workers }, (_, region) => start(region));
  const open = tables.map((): number[] => []);
  const model = new Map<number, number>();
  const below = (limit: number): number => Math.floor(Math.random() * limit);
  const forget = (client: number): void => void model.set(client, model.get(client)! - 1);
  for (let step = 0; step < 60_000; step++) {
    const region = below(workers);
    const mine = open[region]!;
    if (step % 5000 === 4999) {
      mine.splice(0).forEach(forget);
      live.delete(region);
      tables[region] = start(region);
    }
    if (mine.length === 0 || Math.random() < (step % 20_000 < 12_000 ? 0.7 : 0.3)) {
      // Few clients with many connections, many with few.
      const client = Math.random() < 0.3 ? below(8) : below(4000);
      const count = model.get(client) ?? 0;
      const isIn = tables[region]!.enter(key(client), connectionsMax);
      if (isIn !== count < connectionsMax) throw new Error(`step ${step}: ${isIn} for the ${count + 1}th`);
      if (!isIn) continue;
      model.set(client, count + 1);
      mine.push(client);
    } else {
      const at = below(mine.length);
      const client = mine[at]!;
      mine[at] = mine.at(-1)!;
      mine.pop();
      tables[region]!.leave(key(client));
      forget(client);
    }
  }
  open.forEach((clients, region) => clients.forEach((client) => tables[region]!.leave(key(client))));
  for (const client of model.keys()) expect(entered(tables[0]!, client, 1, 1)).toBe(1);
});

test("an end without a beginning is a mistake of ours", () => {
  expect(() => makeWorkers({ regions: 1, clients: 1 }).start(0).leave(key(1))).toThrow("that had not begun");
});

test("refuses words that are of another shape, and a region that isn't there", () => {
  const shape = { regions: 2, clients: 8 };
  expect(() => new ConnectionTable(new Int32Array(10), shape, 0, () => false)).toThrow(RangeError);
  const words = new Int32Array(wordsForConnections(shape));
  expect(() => new ConnectionTable(words, shape, 2, () => false)).toThrow(RangeError);
});

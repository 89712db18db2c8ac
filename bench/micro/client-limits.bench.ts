/**
 * What limits per client cost: `bun bench/micro/client-limits.bench.ts`.
 *
 * Per request: a token out of a bucket whose place is known (a client on its own connection), and of one that has to be
 * found (a proxy names another client in each request). Per connection: reading the address, asking a list, and counting it, in
 * and out, where so many workers count: for one client again and again, and for one of thousands that are in no processor's cache.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { Address, parseAddress } from "../../src/address/address.ts";
import { AddressList, LOCAL_RANGES } from "../../src/address/address-list.ts";
import { privateBuckets } from "../../src/quota/bucket-file.ts";
import { BucketTable, type BucketPlace } from "../../src/quota/bucket-table.ts";
import { setClientKey } from "../../src/quota/client-key.ts";
import { connectionsShape } from "../../src/quota/connection-file.ts";
import { ConnectionTable, wordsForConnections } from "../../src/quota/connection-table.ts";
import { Identity, SLOT_CELLS, SLOT_OCTETS, SlotState } from "../../src/stats/layout.ts";

const NOW_MS = Date.now();
const RATE = 1_000_000;
const buckets = new BucketTable(privateBuckets({ clients: 65_536, requestsPerSecond: RATE }), RATE, 1_000_000);
const empty = new BucketTable(privateBuckets({ clients: 65_536, requestsPerSecond: 0.001 }), 0.001, 1);

const newcomer = (): BucketPlace => ({ key0: 0, key1: 0, entry: -1, sequence: 0 });
const place = newcomer();
const stranger = newcomer();
const greedy = newcomer();
empty.take(greedy, NOW_MS);
let turn = 0;

summary(() => {
  bench("take a token, place known", () => {
    do_not_optimize(buckets.take(place, NOW_MS + turn++));
  });
  bench("refuse, place known", () => {
    do_not_optimize(empty.take(greedy, NOW_MS));
  });
  bench("take a token of one of 50 000 clients, searched for", () => {
    setClientKey(stranger, 4, (turn++ * 7919) % 50_000, 0);
    stranger.entry = -1;
    do_not_optimize(buckets.take(stranger, NOW_MS + turn));
  });
  bench("take a token of one of a million clients, most forgotten", () => {
    setClientKey(stranger, 4, (turn++ * 7919) % 1_000_000, 0);
    stranger.entry = -1;
    do_not_optimize(buckets.take(stranger, NOW_MS + turn));
  });
});

const address = new Address();
const local = new AddressList(LOCAL_RANGES);
const long = new AddressList(
  Array.from({ length: 10_000 }, (_, index) => `${(index % 200) + 1}.${index >> 8}.${index & 255}.0/24`),
);

summary(() => {
  bench("read an IPv4 address", () => {
    do_not_optimize(parseAddress("203.0.113.77", address));
  });
  bench("read an IPv6 address", () => {
    do_not_optimize(parseAddress("2001:db8:cafe::17", address));
  });
  bench("ask the list of local ranges", () => {
    do_not_optimize(local.includes(address));
  });
  bench("ask a list of 10 000 ranges", () => {
    do_not_optimize(long.includes(address));
  });
});

const CLIENTS = 4096;

/** What `regions` workers share, each with a connection of every client; seen by the last of them. */
function crowdedTable(regions: number): ConnectionTable {
  const shape = connectionsShape(regions, 16_384);
  const words = new Int32Array(wordsForConnections(shape));
  const cells = new Float64Array((regions * SLOT_OCTETS) / 8 + SLOT_CELLS);
  const tables = Array.from({ length: regions }, (_, region) => {
    const stateAt = (index: number): number => (index * SLOT_OCTETS) / 8 + Identity.State;
    cells[stateAt(region)] = SlotState.Ready;
    return new ConnectionTable(words, shape, region, (index) => cells[stateAt(index)] === SlotState.Ready);
  });
  for (let client = 1; client <= CLIENTS; client++) {
    setClientKey(stranger, 4, client * 7919, 0);
    for (const table of tables) table.enter(stranger, 1_000_000);
  }
  return tables.at(-1)!;
}

summary(() => {
  for (const regions of [1, 8, 64]) {
    const table = crowdedTable(regions);
    bench(`a client's connection in and out, ${regions} workers`, () => {
      do_not_optimize(table.enter(place, 1_000_000));
      table.leave(place);
    });
    bench(`one of ${CLIENTS} clients' connections in and out, ${regions} workers`, () => {
      setClientKey(stranger, 4, (1 + ((turn++ * 1031) % CLIENTS)) * 7919, 0);
      do_not_optimize(table.enter(stranger, 1_000_000));
      table.leave(stranger);
    });
    bench(`refuse one, ${regions} workers`, () => {
      setClientKey(stranger, 4, 7919, 0);
      do_not_optimize(table.enter(stranger, regions));
    });
  }
});

await run();

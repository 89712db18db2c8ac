/**
 * What limits per client cost: `bun bench/micro/client-limits.bench.ts`.
 *
 * Per request: a token out of a bucket whose place is known (a client on its own connection), and of one that has to be
 * found (a proxy names another client in each request). Per connection: reading the address, asking a list, counting.
 */
import { bench, do_not_optimize, run, summary } from "mitata";
import { Address, parseAddress } from "../../src/address/address.ts";
import { AddressList, LOCAL_RANGES } from "../../src/address/address-list.ts";
import { BucketTable, type BucketPlace } from "../../src/quota/bucket-table.ts";
import { setClientKey } from "../../src/quota/client-key.ts";
import { ConnectionCounts } from "../../src/quota/connection-counts.ts";
import { privateWords } from "../../src/quota/table-file.ts";

const NOW_MS = Date.now();
const RATE = 1_000_000;
const buckets = new BucketTable(privateWords({ clients: 65_536, requestsPerSecond: RATE }), RATE, 1_000_000);
const empty = new BucketTable(privateWords({ clients: 65_536, requestsPerSecond: 0.001 }), 0.001, 1);

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
const counts = new ConnectionCounts();

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
  bench("count a connection in and out", () => {
    counts.add(place);
    counts.remove(place);
  });
});

await run();

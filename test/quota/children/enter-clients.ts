/**
 * Asks for one client after the other at the same time as its siblings do, all of them new to the table; prints how many tokens
 * it got. Arguments: path of the statistics, clients, tokens in a bucket, path of the word the siblings meet at.
 */
import { BucketTable } from "../../../src/quota/bucket-table.ts";
import { openBuckets } from "../../../src/quota/bucket-file.ts";
import { openSharedMemory } from "../../../src/sys/shared-memory.ts";

const [statsPath, clients, burst, meetingPath] = Bun.argv.slice(2) as [string, string, string, string];
const shape = { clients: 16 * Number(clients), requestsPerSecond: 0.001 };
const table = new BucketTable(openBuckets(statsPath, shape)!, shape.requestsPerSecond, Number(burst));
const memory = openSharedMemory(meetingPath);
const arrived = new Int32Array(memory.buffer, memory.byteOffset, 1);

/** A sibling that has no processor is not waited for. */
const LOOKS_MAX = 20_000;

let taken = 0;
for (let client = 0; client < Number(clients); client++) {
  Atomics.add(arrived, 0, 1);
  for (let look = 0; look < LOOKS_MAX && Atomics.load(arrived, 0) < 2 * (client + 1); look++);
  const place = { key0: -1, key1: client, entry: -1, sequence: 0 };
  for (let attempt = 0; attempt < Number(burst); attempt++) {
    if (table.take(place, 1_795_000_000_000) === 0) taken++;
  }
}
console.log(taken);

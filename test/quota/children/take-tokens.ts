/** Takes tokens for one client out of a shared table as fast as it can; prints how many it got. Arguments: path, burst, tries. */
import { BucketTable } from "../../../src/quota/bucket-table.ts";
import { openBuckets } from "../../../src/quota/bucket-file.ts";

const [statsPath, burst, tries] = Bun.argv.slice(2) as [string, string, string];
const requestsPerSecond = 0.001;
const table = new BucketTable(
  openBuckets(statsPath, { clients: 64, requestsPerSecond })!,
  requestsPerSecond,
  Number(burst),
);
const place = { key0: -1, key1: 0x7f000001, entry: -1, sequence: 0 };
let taken = 0;
// A start in common: the others need a moment to come up.
while (Date.now() % 300 > 20);
for (let attempt = 0; attempt < Number(tries); attempt++) {
  if (table.take(place, 1_795_000_000_000) === 0) taken++;
}
console.log(taken);

/** The hot calls of this room allocate nothing: counted in collections of the garbage collector over a million calls. */
import { describe, expect, test } from "bun:test";
import { libc } from "../../src/sys/libc.ts";
import { countCollections } from "./child.ts";

const sys = `${import.meta.dir}/../../src/sys`;
const PRELUDE = `
  import { sendFile, sendMore } from "${sys}/transmit.ts";
  import { FileStatus, statFd, statPath } from "${sys}/file-status.ts";
  import { readAt } from "${sys}/read-file.ts";
  import { openSync } from "node:fs";
  const path = new TextEncoder().encode("/proc/self/exe\\0");
  const file = openSync("/proc/self/exe", "r");
  const sink = openSync("/dev/null", "w");
  const bytes = new Uint8Array(4096);
  const status = new FileStatus();
  let sum = 0;
`;
const loop = (body: string) => `${PRELUDE} for (let i = 0; i < 1_000_000; i++) { ${body} } if (sum === 0.5) throw 0;`;

describe.skipIf(libc === null)("allocates nothing", () => {
  const baseline = countCollections(loop("sum += i & 1;"));

  test("the measure sees an allocation when there is one", async () => {
    expect(await countCollections(loop("sum += new Float64Array(16).length;"))).toBeGreaterThan((await baseline) + 3);
  });

  test.each([
    ["statPath", "sum += statPath(path, status);"],
    ["statFd", "sum += statFd(file, status);"],
    ["sendMore that fails", "sum += sendMore(-1, bytes, i & 1023, 10);"],
    ["sendFile", "sum += sendFile(sink, file, i, 0);"],
    ["sendFile at offsets above 4 GiB", "sum += sendFile(sink, file, 5e9 + i, 100);"],
    ["readAt", "sum += readAt(file, bytes, i & 1023, 16, i);"],
  ])("%s", async (_name, body) => {
    expect(await countCollections(loop(body))).toBeLessThanOrEqual(await baseline);
  });
});

/**
 * What it costs to open a file that hasn't been requested yet: `bun bench/micro/open-below.bench.ts`.
 *
 * Once as it is done here, once with links followed anywhere (open(2) off the event loop, no check), once without bun:ffi
 * (`SAKER_NO_FFI=1`): open(2) off the event loop, and a look at /proc/self/fd. CPU is of the whole process, its threads included.
 */
import { closeSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DocumentRoot, documentRootAt, openBelow, type SymlinkPolicy } from "../../src/site/load/open-below.ts";
import { WithheldFiles } from "../../src/site/withheld-files.ts";
import { FileStatus } from "../../src/sys/file-status.ts";

const FILES = 500;
const ROUNDS = 40;

async function measure(name: string, root: DocumentRoot, policy: SymlinkPolicy): Promise<void> {
  const status = new FileStatus();
  const openOne = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      openBelow(root, `/assets/file-${index}.html`, policy, status, (fd) => {
        if (fd < 0) return reject(new Error(`errno ${-fd}`));
        closeSync(fd);
        resolve();
      });
    });
  const round = async (): Promise<void> => {
    for (let index = 0; index < FILES; index++) await openOne(index);
  };
  for (let warmUp = 0; warmUp < 5; warmUp++) await round();
  const before = process.cpuUsage();
  const began = performance.now();
  for (let count = 0; count < ROUNDS; count++) await round();
  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  const each = (milliseconds: number): string => ((milliseconds * 1000) / (ROUNDS * FILES)).toFixed(1).padStart(6);
  console.log(`${name.padEnd(40)} ${each(elapsed)} us${each((user + system) / 1000)} us of CPU`);
}

const folder = mkdtempSync(join(tmpdir(), "saker-bench-"));
try {
  mkdirSync(join(folder, "assets"));
  for (let index = 0; index < FILES; index++) writeFileSync(join(folder, `assets/file-${index}.html`), "x");
  const root = documentRootAt(folder);
  const withheld = new WithheldFiles([{ path: join(folder, "saker.toml"), what: "configuration" }], [folder]);
  await measure("inside", root, "inside");
  await measure("inside, some files are never sent", { ...root, withheld }, "inside");
  await measure("never", root, "never");
  await measure("always", root, "always");
} finally {
  rmSync(folder, { recursive: true });
}

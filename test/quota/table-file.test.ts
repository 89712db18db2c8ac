/** Files that workers share, and the one of buckets: kept, replaced, refused. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wordsFor } from "../../src/quota/bucket-table.ts";
import { openBuckets, privateBuckets, provideBuckets } from "../../src/quota/bucket-file.ts";
import { removeTables, tablePathsOf } from "../../src/quota/table-file.ts";
import { createSharedMemory } from "../../src/sys/shared-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-quota-"));
const statsPath = join(folder, "stats");
writeFileSync(statsPath, "");
const [path] = tablePathsOf(statsPath) as [string];
afterAll(() => rmSync(folder, { recursive: true }));

const SHAPE = { clients: 1000, requestsPerSecond: 2.5 };

test("all processes that open it see the same words", () => {
  provideBuckets(statsPath, SHAPE);
  const [one, other] = [openBuckets(statsPath, SHAPE)!, openBuckets(statsPath, SHAPE)!];
  expect(one.length).toBe(wordsFor(SHAPE.clients));
  expect(privateBuckets(SHAPE).length).toBe(one.length);
  one[17] = 4711;
  expect(other[17]).toBe(4711);
  provideBuckets(statsPath, SHAPE);
  expect(openBuckets(statsPath, SHAPE)![17]).toBe(4711);
});

test.each([
  ["another rate", { ...SHAPE, requestsPerSecond: 3 }],
  ["another size", { ...SHAPE, clients: 3000 }],
])("%s is another file; processes that have the old one keep it", (_, shape) => {
  provideBuckets(statsPath, SHAPE);
  const old = openBuckets(statsPath, SHAPE)!;
  old[17] = 4711;
  expect(openBuckets(statsPath, shape)).toBeNull();
  provideBuckets(statsPath, shape);
  expect(openBuckets(statsPath, shape)![17]).toBe(0);
  expect(openBuckets(statsPath, SHAPE)).toBeNull();
  expect(old[17]).toBe(4711);
});

test("a file that was cut short, or never finished, is replaced", () => {
  provideBuckets(statsPath, SHAPE);
  truncateSync(path, 100);
  expect(openBuckets(statsPath, SHAPE)).toBeNull();
  provideBuckets(statsPath, SHAPE);
  expect(openBuckets(statsPath, SHAPE)).not.toBeNull();
  writeFileSync(path, Buffer.alloc(64 + 4 * wordsFor(SHAPE.clients)));
  expect(openBuckets(statsPath, SHAPE)).toBeNull();
  provideBuckets(statsPath, SHAPE);
  expect(openBuckets(statsPath, SHAPE)).not.toBeNull();
});

test("processes that take tokens at the same time get as many as there are, and not one more", async () => {
  const [burst, tries] = [200_000, 150_000];
  const shape = { clients: 64, requestsPerSecond: 0.001 };
  provideBuckets(statsPath, shape);
  const program = join(import.meta.dir, "children/take-tokens.ts");
  const children = [1, 2, 3].map(() =>
    Bun.spawn([process.execPath, program, statsPath, String(burst), String(tries)], { stdout: "pipe" }),
  );
  const taken = await Promise.all(children.map(async (child) => Number(await child.stdout.text())));
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(burst);
});

test("processes that meet a client at the same instant give it one bucket", async () => {
  const [clients, burst] = [20_000, 3];
  // Room for many more: where a set is full, a client is forgotten that the other process has yet to ask for.
  const shape = { clients: 16 * clients, requestsPerSecond: 0.001 };
  provideBuckets(statsPath, shape);
  const meetingPath = join(folder, "meeting");
  createSharedMemory(meetingPath, 64);
  const program = join(import.meta.dir, "children/enter-clients.ts");
  const children = [1, 2].map(() =>
    Bun.spawn([process.execPath, program, statsPath, String(clients), String(burst), meetingPath], { stdout: "pipe" }),
  );
  const taken = await Promise.all(children.map(async (child) => Number(await child.stdout.text())));
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(clients * burst);
});

test("a file that isn't saker's is left alone", () => {
  writeFileSync(path, "clients: Ann, Bob");
  removeTables(statsPath);
  expect(() => provideBuckets(statsPath, SHAPE)).toThrow("is no table of saker");
  expect(openBuckets(statsPath, SHAPE)).toBeNull();
  expect(readFileSync(path, "utf8")).toBe("clients: Ann, Bob");
  rmSync(path);
});

test("is gone when it is removed, and that may be done twice", () => {
  provideBuckets(statsPath, SHAPE);
  removeTables(statsPath);
  removeTables(statsPath);
  expect(existsSync(path)).toBe(false);
  expect(openBuckets(statsPath, SHAPE)).toBeNull();
});

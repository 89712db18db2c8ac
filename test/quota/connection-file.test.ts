/** The file of clients' connections: its size, its lifetime, and processes that count in it at the same time. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectionsShape,
  leaveConnections,
  openConnections,
  privateConnections,
  provideConnections,
} from "../../src/quota/connection-file.ts";
import { createSharedMemory } from "../../src/sys/shared-memory.ts";
import { segmentOctets } from "../../src/stats/layout.ts";
import { slotCountFor } from "../../src/stats/segment.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-connections-"));
const statsPath = join(folder, "stats");
const path = `${statsPath}.connections`;
writeFileSync(statsPath, "");
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = { key0: -1, key1: 4711 };
const open = (slot: number) => openConnections(statsPath, slot, () => true)!;

test.each([
  // workers, max_connections, clients a worker can count, MiB
  [1, 16_384, 16_384, 4],
  [8, 16_384, 16_384, 8],
  [32, 16_384, 8191, 16],
  [32, 1_000_000, 8191, 16],
  [32, 100, 100, 0.2],
  [1024, 16_384, 255, 16],
])("for %d workers of %d connections", (workers, connectionsMax, clients, mebibytes) => {
  const shape = connectionsShape(slotCountFor(workers), connectionsMax);
  expect(shape).toEqual({ regions: slotCountFor(workers), clients });
  provideConnections(statsPath, shape);
  const { size, blocks } = statSync(path);
  expect(Math.round((10 * size) / (1 << 20)) / 10).toBe(mebibytes);
  // All of it is there, so that no worker finds the disk full.
  expect(512 * blocks).toBeGreaterThanOrEqual(size);
  rmSync(path);
});

test("32 workers leave half of a container's /dev/shm to others", () => {
  const slots = slotCountFor(32);
  const { clients } = connectionsShape(slots, 16_384);
  expect(16 * clients * slots + segmentOctets(slots)).toBeLessThan(32 << 20);
});

test("is kept while it is large enough, and replaced for more", () => {
  provideConnections(statsPath, { regions: 4, clients: 100 });
  const former = open(0);
  expect(former.enter(KEY, 1)).toBe(true);
  provideConnections(statsPath, { regions: 4, clients: 50 });
  expect(open(1).enter(KEY, 1)).toBe(false);
  provideConnections(statsPath, { regions: 4, clients: 200 });
  expect(open(1).enter(KEY, 1)).toBe(true);
  former.leave(KEY);
  rmSync(path);
});

test("is left to earlier workers when slots are assigned again", () => {
  provideConnections(statsPath, { regions: 4, clients: 100 });
  const former = open(0);
  leaveConnections(statsPath);
  expect(existsSync(path)).toBe(false);
  provideConnections(statsPath, { regions: 4, clients: 100 });
  const present = open(0);
  expect([former.enter(KEY, 1), present.enter(KEY, 1)]).toEqual([true, true]);
  former.leave(KEY);
  expect(present.enter(KEY, 1)).toBe(false);
});

test("isn't there for a slot that it has no region for, nor where it is damaged", () => {
  provideConnections(statsPath, { regions: 4, clients: 100 });
  expect(openConnections(statsPath, 4, () => true)).toBeNull();
  writeFileSync(path, Buffer.alloc(500));
  expect(openConnections(statsPath, 0, () => true)).toBeNull();
  provideConnections(statsPath, { regions: 4, clients: 100 });
  expect(openConnections(statsPath, 0, () => true)).not.toBeNull();
  rmSync(path);
  expect(openConnections(statsPath, 0, () => true)).toBeNull();
});

test("is found although the statistics have lost their name", () => {
  provideConnections(statsPath, { regions: 4, clients: 100 });
  renameSync(statsPath, `${statsPath}.moved`);
  expect(open(0)).not.toBeNull();
  provideConnections(statsPath, { regions: 4, clients: 100 });
  renameSync(`${statsPath}.moved`, statsPath);
  rmSync(path);
});

test("of one process alone, there is a limit too", () => {
  const table = privateConnections(10);
  expect([table.enter(KEY, 2), table.enter(KEY, 2), table.enter(KEY, 2)]).toEqual([true, true, false]);
});

test("processes that accept at the same instant never have more open than may be, and one of them gets the last place", async () => {
  const [siblings, rounds, clients] = [2, 200, 600];
  // A third of them each: regions are nearly full, so entries move all the time.
  provideConnections(statsPath, { regions: siblings, clients: Math.ceil(clients / 3) });
  const meetingPath = join(folder, "meeting");
  createSharedMemory(meetingPath, 4 * (1 + clients));
  const program = join(import.meta.dir, "children/enter-connections.ts");
  const children = Array.from({ length: siblings }, (_, region) => {
    const words = [statsPath, region, siblings, rounds, meetingPath].map(String);
    return Bun.spawn([process.execPath, program, ...words], { stdout: "pipe" });
  });
  const reports = await Promise.all(
    children.map(async (child) => (await child.stdout.json()) as { places: number; violations: number }),
  );
  expect(reports.reduce((sum, { places }) => sum + places, 0)).toBe(rounds);
  expect(reports.map(({ violations }) => violations)).toEqual([0, 0]);
});

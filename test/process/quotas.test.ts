/** What workers know of clients together, and what each is left with when the master couldn't make the files. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { provideBuckets } from "../../src/quota/bucket-file.ts";
import { provideConnections } from "../../src/quota/connection-file.ts";
import { removeTables } from "../../src/quota/table-file.ts";
import { SlotState } from "../../src/stats/layout.ts";
import { createSegment } from "../../src/stats/segment.ts";
import type { StartMessage } from "../../src/process/messages.ts";
import { openQuotas } from "../../src/process/quotas.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-quotas-"));
const statsPath = join(folder, "stats");
const segment = createSegment(statsPath, { slotCount: 4, workersConfigured: 2 });
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = { key0: -1, key1: 4711 };

function openAs(slot: number, flags: string) {
  const settings = loadSettings({ argv: ["--no-config", ...flags.split(" ")], env: {}, cwd: "/" });
  const warnings: string[] = [];
  const start = { settings, slot, workerIndex: slot, statsPath } as StartMessage;
  return { ...openQuotas(start, segment, { warn: (message) => void warnings.push(message) }), warnings };
}

test("nothing is known where there is no limit", () => {
  expect(openAs(0, "--port 80")).toEqual({ bucketWords: null, connections: null, warnings: [] });
});

test("without the files each worker has its own, and the first one says so", () => {
  const flags = "--max-connections-per-ip 1 --rate-limit-requests-per-second 5";
  const [one, other] = [openAs(0, flags), openAs(1, flags)];
  expect(one.warnings).toEqual([
    "[rate_limit] holds for each worker by itself",
    "max_connections_per_ip holds for each worker by itself",
  ]);
  expect(other.warnings).toEqual([]);
  for (const { bucketWords, connections } of [one, other]) {
    expect([bucketWords?.length, connections?.enter(KEY, 1)]).toEqual([openAs(0, flags).bucketWords!.length, true]);
  }
});

test("a file that can't be opened keeps no worker from starting", () => {
  for (const suffix of ["clients", "connections"]) mkdirSync(`${statsPath}.${suffix}`);
  const { bucketWords, connections, warnings } = openAs(
    0,
    "--max-connections-per-ip 1 --rate-limit-requests-per-second 5",
  );
  expect([bucketWords === null, connections?.enter(KEY, 1)]).toEqual([false, true]);
  expect(warnings.map((warning) => /^\S+ holds for each worker by itself/.test(warning))).toEqual([true, true]);
  for (const suffix of ["clients", "connections"]) rmSync(`${statsPath}.${suffix}`, { recursive: true });
});

test("with them they share, as long as they live: from their readiness to the end of their slot", () => {
  provideBuckets(statsPath, { clients: 65_536, requestsPerSecond: 5 });
  provideConnections(statsPath, { regions: 4, clients: 16 });
  const open = (slot: number) => openAs(slot, "--max-connections-per-ip 1 --rate-limit-requests-per-second 5");
  const [one, other] = [open(1), open(2)];
  expect([...one.warnings, ...other.warnings]).toEqual([]);
  one.bucketWords![3] = 42;
  expect(other.bucketWords![3]).toBe(42);

  const isCounted = (): boolean => {
    const isIn = other.connections!.enter(KEY, 1);
    if (isIn) other.connections!.leave(KEY);
    return !isIn;
  };
  expect(one.connections!.enter(KEY, 1)).toBe(true);
  const states = [SlotState.Starting, SlotState.Ready, SlotState.Draining, SlotState.Dead, SlotState.Free];
  const counted = states.map((state) => {
    segment.slot(1).state = state;
    return isCounted();
  });
  expect(counted).toEqual([false, true, true, false, false]);
  removeTables(statsPath);
});

import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bucketsWish, openBuckets } from "../../src/quota/bucket-file.ts";
import { connectionsWish } from "../../src/quota/connection-file.ts";
import { SharedTables } from "../../src/quota/shared-tables.ts";
import { pathOfDescriptor } from "../../src/sys/anonymous-memory.ts";
import { libc } from "../../src/sys/libc.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-shared-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));
const SHAPE = { clients: 64, requestsPerSecond: 5 };
const WISH = bucketsWish(SHAPE);

test("a table is a file beside the statistics, if there is room for one", () => {
  const statsPath = join(folder, "stats");
  writeFileSync(statsPath, "");
  const tables = new SharedTables(statsPath);
  tables.provide(WISH);
  expect(tables.anonymous).toEqual({});
  expect(openBuckets(statsPath, SHAPE)).not.toBeNull();
});

describe.skipIf(libc === null)("without a file", () => {
  const nowhere = join(folder, "missing/stats");
  const wordsOf = (tables: SharedTables, shape = SHAPE) =>
    openBuckets(nowhere, shape, pathOfDescriptor(tables.anonymous[".clients"]!));

  test("it is memory that workers inherit, and stays as long as it fits", () => {
    const tables = new SharedTables(nowhere);
    tables.provide(WISH);
    wordsOf(tables)![17] = 4711;
    tables.provide(WISH);
    expect(wordsOf(tables)![17]).toBe(4711);
    const other = { ...SHAPE, requestsPerSecond: 6 };
    tables.provide(bucketsWish(other));
    expect(wordsOf(tables)).toBeNull();
    expect(wordsOf(tables, other)![17]).toBe(0);
  });

  test("each kind has its own, and the next program has them all", () => {
    const tables = new SharedTables(pathOfDescriptor(3));
    tables.provide(WISH);
    tables.provide(connectionsWish({ regions: 4, clients: 16 }));
    expect(Object.keys(tables.anonymous)).toEqual([".clients", ".connections"]);
    wordsOf(tables)![17] = 4711;
    const next = new SharedTables(pathOfDescriptor(3), tables.anonymous);
    next.provide(WISH);
    expect(wordsOf(next)![17]).toBe(4711);
  });

  test("so it is where something else has the file's name", () => {
    const statsPath = join(folder, "taken");
    writeFileSync(statsPath, "");
    mkdirSync(`${statsPath}.clients`);
    const tables = new SharedTables(statsPath);
    tables.provide(WISH);
    expect(existsSync(pathOfDescriptor(tables.anonymous[".clients"]!))).toBe(true);
  });
});

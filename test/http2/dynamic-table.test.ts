import { describe, expect, test } from "bun:test";
import { textOf } from "../../src/http/octets.ts";
import { DynamicTable } from "../../src/http2/dynamic-table.ts";
import { FieldStore } from "../../src/http2/field-store.ts";
import { Random } from "../http/support/random.ts";

const TABLE_OCTETS_MAX = 4096;

/** One block that inserts these texts, each as a name without a value. */
function insert(store: FieldStore, table: DynamicTable, ...names: readonly string[]): void {
  table.enter();
  for (const name of names) {
    const end = table.textEnd + store.bytes.write(name, table.textEnd, "latin1");
    table.insert(table.textEnd, end, end, 0);
  }
  table.leave();
}

/** The names in the table, newest first, as a block would find them. */
function namesOf(store: FieldStore, table: DynamicTable): string[] {
  table.enter();
  const names = Array.from({ length: table.count }, (_, age) => {
    const [start, end] = table.entries.subarray(table.at(age));
    return textOf(store.bytes, start!, end!);
  });
  table.leave();
  return names;
}

test("tables of one store take turns, and each finds its own", () => {
  const store = new FieldStore(4096);
  const tables = Array.from({ length: 5 }, () => new DynamicTable(store));
  for (let turn = 0; turn < 4; turn++) {
    tables.forEach((table, place) => insert(store, table, `${place}-${turn}`.repeat(10)));
  }
  tables.forEach((table, place) => {
    expect(namesOf(store, table)).toEqual([3, 2, 1, 0].map((turn) => `${place}-${turn}`.repeat(10)));
  });
});

test("a table like any other is what an array says, however its text moves", () => {
  const random = new Random(11);
  const store = new FieldStore(300);
  const tables = Array.from({ length: 3 }, () => ({ table: new DynamicTable(store), names: [] as string[] }));
  for (let round = 0; round < 5000; round++) {
    const each = random.pick(tables);
    const name = random.text("abcdef", random.chance(20) ? random.below(4000) : random.below(200));
    insert(store, each.table, name);
    each.names.unshift(name);
    const sizeOf = () => each.names.reduce((sum, { length }) => sum + length + 32, 0);
    while (sizeOf() > each.table.sizeMax) each.names.pop();
    if (random.chance(200)) {
      each.table.resize(random.below(TABLE_OCTETS_MAX + 1));
      while (sizeOf() > each.table.sizeMax) each.names.pop();
    }
    if (random.chance(3)) expect(namesOf(store, each.table)).toEqual(each.names);
    expect(each.table.size).toBe(sizeOf());
    expect(each.table.octetsHeld).toBeLessThanOrEqual(TABLE_OCTETS_MAX + 2048);
  }
});

describe("memory", () => {
  const store = new FieldStore(16384);

  test("is none while there are no entries", () => {
    const table = new DynamicTable(store);
    expect(table.octetsHeld).toBe(0);
    insert(store, table);
    expect(table.octetsHeld).toBe(0);
  });

  test("is about what the entries take", () => {
    const table = new DynamicTable(store);
    insert(store, table, "a".repeat(60), "b".repeat(60));
    expect(table.octetsHeld).toBe(256 + 256);
  });

  test("is less than 6.2 KiB for a table that is full of anything", () => {
    for (const octets of [0, 1, 30, 100, 1000, 4064]) {
      const table = new DynamicTable(store);
      for (let count = 0; count < 300; count++) insert(store, table, "x".repeat(octets));
      expect(table.size).toBeGreaterThan(TABLE_OCTETS_MAX - octets - 32);
      expect(table.octetsHeld).toBeLessThanOrEqual(TABLE_OCTETS_MAX + 2048);
    }
  });

  test("is given back when the last entry goes, and at the end", () => {
    const table = new DynamicTable(store);
    insert(store, table, "a");
    table.enter();
    table.resize(0);
    table.leave();
    expect(table.octetsHeld).toBe(0);
    table.resize(TABLE_OCTETS_MAX);
    insert(store, table, "a");
    expect(store.tableOwner).toBe(table);
    table.release();
    expect([table.octetsHeld, store.tableOwner]).toEqual([0, null]);
  });
});

test("a released table may begin again behind others", () => {
  const store = new FieldStore(4096);
  const [one, other] = [new DynamicTable(store), new DynamicTable(store)];
  insert(store, one, "one");
  insert(store, other, "other");
  one.release();
  insert(store, one, "again");
  expect([namesOf(store, other), namesOf(store, one)]).toEqual([["other"], ["again"]]);
});

import { describe, expect, test } from "bun:test";
import { METHOD_NAME, Method } from "../../src/http/method.ts";
import { HISTOGRAM_BUCKETS } from "../../src/stats/histogram.ts";
import { LAG_BUCKETS } from "../../src/stats/lag-histogram.ts";
import {
  COUNTER_COUNT,
  Counter,
  Gauge,
  HEADER_OCTETS,
  HeaderCell,
  HeaderWord,
  Identity,
  METHOD_NAMES,
  PAGE_OCTETS,
  RING_OFFSET,
  RING_RECORD_OCTETS,
  RING_RECORDS,
  SLOT_CELLS,
  SLOT_OCTETS,
  STATUS_MAX,
  STATUS_MIN,
} from "../../src/stats/layout.ts";
import { HEADER_TABLE, SLOT_TABLE } from "../../src/stats/layout-table.ts";
import { RING_PATH_OCTETS_MAX, RING_SEQUENCE_MASK, RecordOctet } from "../../src/stats/ring-record.ts";

const members = (of: object): [string, number][] =>
  Object.entries(of).filter((entry): entry is [string, number] => typeof entry[1] === "number");

describe("the table and the enums are the same thing", () => {
  const slotMembers = [...members(Counter), ...members(Identity), ...members(Gauge)];

  test.each(slotMembers)("%s has one row in SLOT_TABLE, at its index", (name, index) => {
    const rows = SLOT_TABLE.filter((cell) => cell.index === index);
    expect(rows.map((cell) => cell.name)).toEqual([name.replace(/First$/, "")]);
  });

  test("SLOT_TABLE has no row without an enum member", () => {
    expect(SLOT_TABLE.length).toBe(slotMembers.length);
  });

  test.each(members(HeaderCell))("%s has a row in HEADER_TABLE", (_name, index) => {
    expect(HEADER_TABLE.filter((cell) => cell.index === index)).toHaveLength(1);
  });

  test.each([
    ["slot", SLOT_TABLE, SLOT_CELLS],
    ["header", HEADER_TABLE, HEADER_OCTETS / 8],
  ] as const)("cells of the %s neither overlap nor leave it", (_where, table, cells) => {
    let end = 0;
    for (const cell of table.toSorted((a, b) => a.index - b.index)) {
      expect(cell.index).toBeGreaterThanOrEqual(end);
      end = cell.index + cell.count;
    }
    expect(end).toBeLessThanOrEqual(cells);
  });

  test("every row says its unit and meaning", () => {
    for (const cell of [...SLOT_TABLE, ...HEADER_TABLE]) {
      expect(cell.unit).not.toBe("");
      expect(cell.meaning).not.toBe("");
    }
  });
});

describe("relations between the constants", () => {
  test("counters fill exactly [0, COUNTER_COUNT)", () => {
    const counters = SLOT_TABLE.filter((cell) => cell.kind === "counter");
    expect(Math.max(...counters.map((cell) => cell.index + cell.count))).toBe(COUNTER_COUNT);
    const others = SLOT_TABLE.filter((cell) => cell.kind !== "counter");
    expect(Math.min(...others.map((cell) => cell.index))).toBeGreaterThanOrEqual(COUNTER_COUNT);
  });

  test("gauges lie after what identifies the slot, so that freeing a slot can clear them at once", () => {
    expect(Math.min(...members(Gauge).map(([, index]) => index))).toBe(Gauge.ConnectionsActive);
    expect(Math.max(...members(Identity).map(([, index]) => index))).toBeLessThan(Gauge.ConnectionsActive);
  });

  test("methods are http's, in its order", () => {
    expect(METHOD_NAMES.map((_, method) => Method[method]?.toUpperCase())).toEqual([...METHOD_NAMES]);
    expect(members(Method)).toHaveLength(METHOD_NAMES.length);
    expect(METHOD_NAMES.slice(1).every((name, index) => METHOD_NAME[index + 1] === name)).toBe(true);
  });

  test("blocks do not run into each other", () => {
    expect(Counter.MethodFirst + METHOD_NAMES.length).toBeLessThanOrEqual(Counter.StatusFirst);
    expect(Counter.StatusFirst + STATUS_MAX - STATUS_MIN + 1).toBe(Counter.HistogramFirst);
    expect(Counter.HistogramFirst + HISTOGRAM_BUCKETS).toBe(Counter.LagMicroseconds);
    expect(Counter.LagFirst + LAG_BUCKETS).toBe(Counter.TlsHandshakes12);
  });

  test("header and slots are whole pages", () => {
    expect(HEADER_OCTETS % PAGE_OCTETS).toBe(0);
    expect(SLOT_OCTETS % PAGE_OCTETS).toBe(0);
    expect(SLOT_OCTETS).toBeGreaterThanOrEqual(RING_OFFSET + RING_RECORDS * RING_RECORD_OCTETS);
  });

  test("words shared by several writers have a cache line each, outside of any cell", () => {
    const words = members(HeaderWord).map(([, index]) => index);
    expect(words.every((index) => (index * 4) % 64 === 0 && index >= 128 && index < 256)).toBe(true);
    expect(new Set(words).size).toBe(words.length);
  });

  test("a ring record's path fits its length octet and the record", () => {
    expect(RING_PATH_OCTETS_MAX).toBeLessThanOrEqual(255);
    expect(RecordOctet.Path + RING_PATH_OCTETS_MAX).toBe(RING_RECORD_OCTETS);
  });

  test("sequence numbers wrap without moving a record's place", () => {
    expect((RING_SEQUENCE_MASK + 1) % RING_RECORDS).toBe(0);
    expect(RING_RECORDS & (RING_RECORDS - 1)).toBe(0);
  });
});

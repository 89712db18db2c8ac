import { describe, expect, test } from "bun:test";
import { METHOD_NAMES, Counter, Gauge, Identity, SlotState } from "../../src/stats/layout.ts";
import { Reading } from "../../src/stats/reader.ts";
import type { Slot } from "../../src/stats/slot.ts";
import { randomFrom, serve, TemporarySegment } from "./temporary-segment.ts";

const PATH = Buffer.from("/index.html");
const start = (slot: Slot, method = 1): number => slot.requestStarted(1000, method, PATH, 0, PATH.length);

/** The slot's cells with the reader's view of them. */
function readingOf(slot: Slot): Reading {
  const reading = new Reading();
  reading.cells.set(slot.values);
  return reading;
}

test("adopting a slot notes the pid and a heartbeat, and leaves the state to the worker", () => {
  using temporary = new TemporarySegment();
  const slot = temporary.segment.slot(temporary.segment.claimSlot(0, 1, 5));
  slot.adopt(4242);
  expect(slot.values[Identity.Pid]).toBe(4242);
  expect(slot.values[Identity.HeartbeatMs]).toBeGreaterThan(5);
  expect(slot.state).toBe(SlotState.Starting);
  slot.state = SlotState.Draining;
  expect(slot.values[Identity.State]).toBe(SlotState.Draining);
});

describe("a request and its response", () => {
  test("count once each, by method, status and duration, with octets and latency", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot, "/", 206, 1500, 300, 2);
    serve(slot, "/", 200, 500.5, 700, 1);
    const reading = readingOf(slot);
    expect(reading.cells[Counter.Requests]).toBe(2);
    expect(reading.responses).toBe(2);
    expect(reading.byStatus()).toEqual([
      [200, 1],
      [206, 1],
    ]);
    expect(Object.fromEntries(reading.byMethod().filter(([, count]) => count > 0))).toEqual({ GET: 1, HEAD: 1 });
    expect(reading.cells[Counter.OctetsOut]).toBe(1000);
    expect(reading.cells[Counter.LatencyMicroseconds]).toBe(2000.5);
    expect(reading.cells[Gauge.RequestsInFlight]).toBe(0);
  });

  test.each(METHOD_NAMES.map((name, method) => [name, method] as const))(
    "%s counts in its own cell",
    (name, method) => {
      using temporary = new TemporarySegment();
      const slot = temporary.ready();
      serve(slot, "/", 200, 1, 0, method);
      expect(
        readingOf(slot)
          .byMethod()
          .filter(([, count]) => count > 0),
      ).toEqual([[name, 1]]);
    },
  );

  test.each([100, 200, 599])("status %p has a cell", (status) => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot, "/", status);
    expect(readingOf(slot).byStatus()).toEqual([[status, 1]]);
  });

  test.each([-1, 0, 99, 600, 1000])("status %p is refused before anything is counted", (status) => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const before = slot.values.slice();
    expect(() => slot.responseStarted(status)).toThrow(RangeError);
    expect(slot.values).toEqual(before);
  });

  test("a request that was given up counts as aborted and has no status", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    slot.requestAborted(start(slot), 70, 12);
    const reading = readingOf(slot);
    expect([reading.cells[Counter.Requests], reading.cells[Counter.RequestsAborted]]).toEqual([1, 1]);
    expect([reading.responses, reading.byStatus().length, reading.cells[Counter.OctetsOut]]).toEqual([0, 0, 12]);
  });

  test("a malformed request without a path counts too", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    slot.requestFinished(slot.requestStarted(1, 0, PATH, 5, 5), 400, 3, 90);
    expect(readingOf(slot).byMethod()[0]).toEqual(["UNKNOWN", 1]);
  });

  test("property: requests = responses + aborted + in flight, whatever the order", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const seed = Date.now() >>> 0;
    const random = randomFrom(seed);
    const open: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      const index = Math.floor(random() * open.length);
      const choice = random();
      if (choice < 0.5 || open.length === 0) open.push(start(slot, Math.floor(random() * 10)));
      else if (choice < 0.9)
        slot.requestFinished(open.splice(index, 1)[0]!, 200 + Math.floor(random() * 300), random(), 1);
      else slot.requestAborted(open.splice(index, 1)[0]!, 1, 1);
    }
    const { cells, responses } = readingOf(slot);
    expect(cells[Gauge.RequestsInFlight], `seed ${seed}`).toBe(open.length);
    expect(cells[Counter.Requests], `seed ${seed}`).toBe(responses + cells[Counter.RequestsAborted]! + open.length);
    expect(responses).toBe(cells[Counter.OctetsOut]! - cells[Counter.RequestsAborted]!);
  });

  test("a slot's writes stay in it: its neighbours are untouched", () => {
    using temporary = new TemporarySegment({ slotCount: 3 });
    const [first, middle, last] = [temporary.ready(0), temporary.ready(1), temporary.ready(2)];
    const before = [first, last].map((slot) => [slot.values.slice(), slot.ringOctets.slice()]);
    for (let turn = 0; turn < 600; turn++) serve(middle, "/p".repeat(100), 599, 1e12);
    expect([first, last].map((slot) => [slot.values.slice(), slot.ringOctets.slice()])).toEqual(before);
  });
});

test("a slot's life goes on or ends, and never goes back", () => {
  using temporary = new TemporarySegment();
  const slot = temporary.ready();
  expect(() => (slot.state = SlotState.Starting)).toThrow("a slot's life doesn't go back");
  slot.state = SlotState.Dead;
  expect(() => (slot.state = SlotState.Ready)).toThrow("a slot's life doesn't go back");
  slot.state = SlotState.Free;
  expect(slot.state).toBe(SlotState.Free);
});

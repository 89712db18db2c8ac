/** Who gets a place, who waits, who is refused, and who keeps the place it has. */
import { expect, test } from "bun:test";
import { Places } from "../../src/site/places.ts";

class Report {
  readonly seen: string[] = [];
  admitted = (): void => void this.seen.push("admitted");
  rejected = (): void => void this.seen.push("rejected");
  occupied = (waiting: number, active: number): void => void this.seen.push(`${waiting} wait, ${active} run`);
  loaded = (): void => {};
}

function scene(count: number, queueSize: number) {
  const report = new Report();
  const places = new Places(count, queueSize, report);
  const started: string[] = [];
  const task = (name: string) => ({ start: () => void started.push(name) });
  return { places, report, started, task };
}

test("a place, the queue, and no more", () => {
  const { places, report, started, task } = scene(1, 1);
  expect(["a", "b", "c"].map((name) => places.take(task(name)))).toEqual([true, true, false]);
  expect(started).toEqual(["a"]);
  expect(report.seen).toEqual(["admitted", "0 wait, 1 run", "admitted", "1 wait, 1 run", "rejected"]);
  places.leave();
  expect(started).toEqual(["a", "b"]);
  expect(places.hasFree).toBe(false);
  places.leave();
  expect(places.hasFree).toBe(true);
});

test("a place that is passed on goes before the queue, to one task, and isn't counted again", () => {
  const { places, report, started, task } = scene(1, 1);
  for (const name of ["a", "b"]) places.take(task(name));
  report.seen.length = 0;
  places.passOn(() => {
    expect(places.hasFree).toBe(true);
    expect(places.take(task("after a"))).toBe(true);
    expect(places.take(task("too many"))).toBe(false);
  });
  expect(started).toEqual(["a", "after a"]);
  expect(report.seen).toEqual(["rejected"]);
  places.leave();
  expect(started).toEqual(["a", "after a", "b"]);
});

test("a place that nobody takes over is free again", () => {
  const { places, started, task } = scene(1, 1);
  for (const name of ["a", "b"]) places.take(task(name));
  places.passOn(() => {});
  expect(started).toEqual(["a", "b"]);
  places.passOn(() => {});
  expect(places.hasFree).toBe(true);
});

test("one that is passed on twice in a row is left once", () => {
  const { places, report, task } = scene(2, 0);
  places.take(task("a"));
  places.passOn(() => {
    places.take({ start: () => places.passOn(() => {}) });
  });
  expect(report.seen.at(-1)).toBe("0 wait, 0 run");
});

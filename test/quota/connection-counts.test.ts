/** Connections of each client, against a Map. */
import { expect, test } from "bun:test";
import { ConnectionCounts } from "../../src/quota/connection-counts.ts";

test("property: counts as a Map does, growing and closing up", () => {
  const counts = new ConnectionCounts();
  const model = new Map<number, number>();
  const open: number[] = [];
  for (let step = 0; step < 60_000; step++) {
    const isOpening = open.length === 0 || Math.random() < (step < 30_000 ? 0.7 : 0.3);
    if (isOpening) {
      // Few clients with many connections, many with few.
      const key1 = Math.random() < 0.3 ? Math.floor(Math.random() * 8) : Math.floor(Math.random() * 20_000);
      model.set(key1, (model.get(key1) ?? 0) + 1);
      open.push(key1);
      expect(counts.add({ key0: key1 % 3, key1 })).toBe(model.get(key1)!);
    } else {
      const at = Math.floor(Math.random() * open.length);
      const key1 = open[at]!;
      open[at] = open.at(-1)!;
      open.pop();
      counts.remove({ key0: key1 % 3, key1 });
      const left = model.get(key1)! - 1;
      if (left === 0) model.delete(key1);
      else model.set(key1, left);
    }
    if (step % 1000 === 0) expect(counts.clients).toBe(model.size);
  }
  for (const key1 of open) counts.remove({ key0: key1 % 3, key1 });
  expect(counts.clients).toBe(0);
  for (const key1 of new Set(open)) expect(counts.add({ key0: key1 % 3, key1 })).toBe(1);
});

test("an end without a beginning is a mistake of ours", () => {
  expect(() => new ConnectionCounts().remove({ key0: 1, key1: 2 })).toThrow();
});

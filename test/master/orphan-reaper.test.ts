/** The first process of a container waits for children that aren't its own, and for no others. */
import { expect, test } from "bun:test";
import { OrphanReaper } from "../../src/master/orphan-reaper.ts";

test("what two looks find ended is waited for, unless it is known", () => {
  const reaped: number[] = [];
  let ended = [10, 11];
  const reaper = new OrphanReaper({
    children: () => [10, 11, 12, 13],
    hasEnded: (pid) => ended.includes(pid),
    reap: (pid) => reaped.push(pid),
  });
  const known = new Set([11]);
  reaper.look(known);
  expect(reaped).toEqual([]);
  ended = [10, 11, 12];
  reaper.look(known);
  expect(reaped).toEqual([10]);
  // Bun has waited for one of its own meanwhile.
  ended = [11, 13];
  reaper.look(known);
  reaper.look(known);
  expect(reaped).toEqual([10, 13]);
});

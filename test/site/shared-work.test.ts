/** Work is done once for all who ask meanwhile, and anew for who asks later. */
import { expect, test } from "bun:test";
import { Places } from "../../src/site/places.ts";
import { SharedWork } from "../../src/site/shared-work.ts";

const NO_REPORT = { admitted() {}, rejected() {}, occupied() {}, loaded() {} };

function scene(places = 1, queueSize = 0) {
  const work = new SharedWork<number>(new Places(places, queueSize, NO_REPORT));
  const begun: ((outcome: number) => void)[] = [];
  const told: string[] = [];
  const ask = (key: string | null, who: string) =>
    work.ask(
      key,
      (done) => void begun.push(done),
      (outcome) => void told.push(`${who} ${outcome}`),
    );
  return { work, begun, told, ask };
}

test("who asks for the same is told the same, and needs no place", () => {
  const { work, begun, told, ask } = scene();
  expect([ask("a", "one"), ask("a", "two"), ask("b", "three")]).toEqual([true, true, false]);
  expect([work.isUnderWay("a"), work.isUnderWay("b"), begun.length]).toEqual([true, false, 1]);
  begun[0]!(5);
  expect(told).toEqual(["one 5", "two 5"]);
  expect(work.isUnderWay("a")).toBe(false);
  ask("a", "later");
  expect(begun.length).toBe(2);
});

test("what has no key is shared by nobody", () => {
  const { work, begun, told, ask } = scene(2);
  expect([ask(null, "one"), ask(null, "two"), work.isUnderWay(null)]).toEqual([true, true, false]);
  begun[1]!(2);
  begun[0]!(1);
  expect(told).toEqual(["two 2", "one 1"]);
});

test("who joins work that waits for its place is told when it has been done", () => {
  const { begun, told, ask } = scene(1, 1);
  ask("a", "one");
  ask("b", "two");
  ask("b", "three");
  expect(begun.length).toBe(1);
  begun[0]!(1);
  begun[1]!(2);
  expect(told).toEqual(["one 1", "two 2", "three 2"]);
});

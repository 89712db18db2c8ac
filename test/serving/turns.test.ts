/** Whose turn it is, when several have much to send. */
import { expect, test } from "bun:test";
import { Turns } from "../../src/serving/turns.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("each gets one turn of the event loop in order, and who asks again waits for the others", async () => {
  const turns = new Turns();
  const taken: string[] = [];
  const takers = ["a", "b", "c"].map((name) => {
    let left = 3;
    const taker = {
      takeTurn() {
        taken.push(name);
        if (--left > 0) turns.later(taker);
      },
    };
    return taker;
  });
  for (const taker of takers) turns.later(taker);
  expect(taken).toEqual([]);
  for (let turn = 1; turn <= 3; turn++) {
    await nextTurn();
    expect(taken.join("")).toBe("abc".repeat(turn));
  }
  await nextTurn();
  expect(taken.length).toBe(9);
});

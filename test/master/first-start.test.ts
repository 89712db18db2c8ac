import { expect, test } from "bun:test";
import { FirstStart } from "../../src/master/first-start.ts";

test("it is over when who waits for it knows: every seat is served", async () => {
  const start = new FirstStart();
  start.complete();
  expect(start.isOver).toBe(false);
  await start.end();
  expect(start.isOver).toBe(true);
});

test("a worker that can't start ends it, and what comes later changes nothing", async () => {
  const start = new FirstStart();
  start.refuse("no such folder");
  start.refuse("another reason");
  start.complete();
  await expect(start.end()).rejects.toThrow("no such folder");
  expect(start.isOver).toBe(true);
});

test("the fifth attempt that fails is the last one while nobody is served", async () => {
  const start = new FirstStart();
  expect([1, 2, 3, 4, 5].map((count) => start.failed(`failure ${count}`))).toEqual([false, false, false, false, true]);
  await expect(start.end()).rejects.toThrow("failure 5");
});

test("where a worker serves it ends well, and the others are tried again", async () => {
  const start = new FirstStart();
  start.noteServed();
  expect([1, 2, 3, 4, 5, 6].some((count) => start.failed(`failure ${count}`))).toBe(false);
  await start.end();
});

test("failures after it aren't counted", async () => {
  const start = new FirstStart();
  start.skip();
  expect(start.isOver).toBe(true);
  expect([1, 2, 3, 4, 5, 6].some((count) => start.failed(`failure ${count}`))).toBe(false);
});

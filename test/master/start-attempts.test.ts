import { expect, test } from "bun:test";
import { StartAttempts, Verdict } from "../../src/master/start-attempts.ts";

const { TryAgain, GiveUp, ServeWithout } = Verdict;

test("the fifth failure is one too many", () => {
  const attempts = new StartAttempts(0);
  const verdicts = [1, 2, 3, 4, 5].map((nowMs) => attempts.failed(nowMs));
  expect(verdicts).toEqual([TryAgain, TryAgain, TryAgain, TryAgain, GiveUp]);
});

test("so is the first one after ten seconds: a worker that hung", () => {
  expect(new StartAttempts(1000).failed(11_000)).toBe(GiveUp);
  expect(new StartAttempts(1000).failed(10_999)).toBe(TryAgain);
});

test("where a worker has served, the start is over without the others", () => {
  const attempts = new StartAttempts(0);
  attempts.failed(1);
  attempts.noteServed();
  const verdicts = [2, 3, 4, 5, 60_000].map((nowMs) => attempts.failed(nowMs));
  expect(verdicts).toEqual([TryAgain, TryAgain, TryAgain, ServeWithout, ServeWithout]);
});

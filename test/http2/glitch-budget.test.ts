import { describe, expect, test } from "bun:test";
import { Glitch, GlitchBudget, POINTS_MAX } from "../../src/http2/glitch-budget.ts";

/** How often something may come in a row, within one second. */
function timesOf(glitch: Glitch, between: (budget: GlitchBudget) => void = () => {}): number {
  const budget = new GlitchBudget(0);
  for (let count = 0; count < 100_000; count++) {
    if (!budget.draw(glitch, 0)) return count;
    between(budget);
  }
  return Number.POSITIVE_INFINITY;
}

describe("a budget", () => {
  test.each([
    [Glitch.Reset, 100],
    [Glitch.ProvokedReset, 100],
    [Glitch.Settings, 100],
    [Glitch.Continuation, 200],
    [Glitch.Ping, 1000],
    [Glitch.EmptyData, 1000],
    [Glitch.Priority, 1000],
    [Glitch.SmallIncrement, 1000],
    [Glitch.ClosedStream, 1000],
    [Glitch.Unknown, 1000],
  ])("of kind %d lasts for %d in a row", (glitch, count) => {
    expect(timesOf(glitch)).toBe(count);
  });

  test("is paid back by requests that are answered, and by what is sent of them", () => {
    expect(timesOf(Glitch.Reset, (budget) => budget.requestAnswered())).toBe(Number.POSITIVE_INFINITY);
    expect(timesOf(Glitch.Ping, (budget) => budget.dataSent())).toBe(Number.POSITIVE_INFINITY);
    expect(timesOf(Glitch.Reset, (budget) => budget.dataSent())).toBe(111);
  });

  test("is paid back by time, never beyond what it was", () => {
    const budget = new GlitchBudget(5);
    for (let count = 0; count < POINTS_MAX; count++) expect(budget.draw(Glitch.Ping, 5)).toBe(true);
    expect(budget.draw(Glitch.Ping, 5)).toBe(false);
    expect(budget.draw(Glitch.Ping, 6)).toBe(true);
    budget.draw(Glitch.Ping, 1_000_000);
    for (let count = 1; count < POINTS_MAX; count++) expect(budget.draw(Glitch.Ping, 1_000_000)).toBe(true);
    expect(budget.draw(Glitch.Ping, 1_000_000)).toBe(false);
  });
});

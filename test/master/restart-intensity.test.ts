import { describe, expect, test } from "bun:test";
import { RestartIntensity } from "../../src/master/restart-intensity.ts";

describe("RestartIntensity", () => {
  test.each<[string, number, number, number[], boolean[]]>([
    ["as many as allowed", 3, 1000, [0, 1, 2], [false, false, false]],
    ["one more than allowed", 3, 1000, [0, 1, 2, 3], [false, false, false, true]],
    ["one more, but the first is out of the window", 3, 1000, [0, 1, 2, 1000], [false, false, false, false]],
    ["the window's last moment counts", 1, 1000, [0, 999], [false, true]],
    ["slow and steady is no storm", 1, 1000, [0, 1000, 2000, 3000, 4000], [false, false, false, false, false]],
    ["none allowed", 0, 1000, [5], [true]],
    ["stays exceeded while the storm lasts", 1, 1000, [0, 1, 2, 3, 1002], [false, true, true, true, true]],
    ["calms down afterwards", 1, 1000, [0, 1, 2, 2000], [false, true, true, false]],
  ])("%s", (_what, restartsMax, windowMs, deaths, verdicts) => {
    const intensity = new RestartIntensity(restartsMax, windowMs);
    expect(deaths.map((nowMs) => intensity.record(nowMs))).toEqual(verdicts);
  });

  test("agrees with a full recount each time", () => {
    let seed = 12345;
    const random = (): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < 50; round++) {
      const restartsMax = Math.floor(random() * 5);
      const intensity = new RestartIntensity(restartsMax, 100);
      const all: number[] = [];
      for (let nowMs = 0; all.length < 40; nowMs += Math.floor(random() * 60)) {
        all.push(nowMs);
        const within = all.filter((deathMs) => nowMs - deathMs < 100).length;
        expect(intensity.record(nowMs)).toBe(within > restartsMax);
      }
    }
  });
});

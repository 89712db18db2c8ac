import { describe, expect, test } from "bun:test";
import { Background, type BackgroundJob } from "../../../src/site/coding/background.ts";

/** A job that notes when it begins, and ends when the test says so. */
function job(begun: string[], name: string, options: Partial<BackgroundJob> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const run = (): Promise<number> => {
    begun.push(name);
    return promise;
  };
  return { canWait: false, isWanted: () => true, run, end: resolve, fail: reject, ...options };
}

/** Lets what has ended be noticed. */
const settle = () => Bun.sleep(0);

describe("jobs", () => {
  test("run one at a time, in order", async () => {
    const begun: string[] = [];
    const background = new Background(100);
    const [first, second] = [job(begun, "first"), job(begun, "second")];
    background.add(first);
    background.add(second);
    background.tick(0, 0);
    background.tick(Infinity, 0);
    expect(begun).toEqual(["first"]);
    first.end(0);
    await settle();
    background.tick(Infinity, 0);
    expect(begun).toEqual(["first", "second"]);
  });

  test("are followed by a pause for what they cost, failures too", async () => {
    const begun: string[] = [];
    const background = new Background(10);
    const [first, second, third] = [job(begun, "first"), job(begun, "second"), job(begun, "third")];
    for (const each of [first, second, third]) background.add(each);
    const tick = (seconds: number) => background.tick(performance.now() + seconds * 1000, 0);
    tick(0);
    first.end(1_000_000);
    await settle();
    tick(8900);
    expect(begun).toEqual(["first"]);
    tick(9100);
    second.fail(new Error("no process"));
    await settle();
    tick(8);
    expect(begun).toEqual(["first", "second"]);
    tick(10);
    expect(begun).toEqual(["first", "second", "third"]);
  });

  test("that can wait do so while the worker is busy, and don't hold up others", () => {
    const begun: string[] = [];
    const background = new Background(100);
    background.add(job(begun, "patient", { canWait: true }));
    background.tick(0, 0); // it isn't known yet
    background.tick(1000, 900);
    expect(begun).toEqual([]);
    background.add(job(begun, "other"));
    background.tick(2000, 1800);
    expect(begun).toEqual(["other"]);
  });

  test("that can wait run when the worker is idle", () => {
    const begun: string[] = [];
    const background = new Background(100);
    background.add(job(begun, "patient", { canWait: true }));
    background.tick(0, 0);
    background.tick(1000, 100);
    expect(begun).toEqual(["patient"]);
  });

  test("that nobody wants any more are left out, and make room", () => {
    const begun: string[] = [];
    const background = new Background(100);
    let isWanted = true;
    while (background.add(job(begun, "old", { isWanted: () => isWanted })));
    isWanted = false;
    background.tick(0, 0);
    expect(begun).toEqual([]);
    expect(background.add(job(begun, "new"))).toBe(true);
  });

  test("don't begin once the worker is about to end", () => {
    const begun: string[] = [];
    const background = new Background(100);
    background.add(job(begun, "first"));
    background.stop();
    background.tick(0, 0);
    expect(begun).toEqual([]);
  });
});

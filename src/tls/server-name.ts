/**
 * Names of servers: in certificates, in the handshake (SNI), in requests; and whether one is for the other (RFC 9525 §6).
 *
 * In:    names as written. Out: one spelling for each, and what certificates cover.
 * Keeps: pure. A wildcard is the whole leftmost label and stands for exactly one (RFC 9525 §6.3); it never covers an address.
 */
import { isIP, isIPv6 } from "node:net";
import { canonicalHost } from "../syntax/host-names.ts";

/** Lower case, no dot at the end, addresses in their one form and without brackets. */
export function canonicalName(name: string): string {
  const bare = name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
  if (isIPv6(bare) && !bare.includes("%")) return new URL(`http://[${bare}]`).hostname.slice(1, -1);
  return canonicalHost(bare);
}

/** The wildcard that would cover a name; null for addresses and single labels. */
export function wildcardFor(canonical: string): string | null {
  const dot = canonical.indexOf(".");
  return dot <= 0 || isIP(canonical) !== 0 ? null : `*${canonical.slice(dot)}`;
}

/** Whether a certificate with these names, each canonical, is for this one. */
export function covers(names: readonly string[], canonical: string): boolean {
  if (names.includes(canonical)) return true;
  const wildcard = wildcardFor(canonical);
  return wildcard !== null && names.includes(wildcard);
}

/** Host names and addresses of a subjectAltName as node:crypto writes it: `DNS:a, IP Address:0:0:0:0:0:0:0:1, URI:…`. */
export function namesInAltName(altName: string): string[] {
  // A value with odd characters is a JSON string, of whatever kind: none of what is in it is an entry.
  const entries = altName.matchAll(/([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...entries].flatMap(([, kind, value]) => {
    const isName = kind!.trim() === "DNS" || kind!.trim() === "IP Address";
    return isName && !value!.startsWith('"') ? [canonicalName(value!.trim())] : [];
  });
}

/**
 * Names in a certificate: GeneralName (RFC 5280 §4.2.1.6) for hosts and addresses.
 *
 * In:    a host name, perhaps with a wildcard, or an IP address. Out: its DER.
 * Keeps: pure.
 */
import { isIP, isIPv4 } from "node:net";
import { context } from "./der.ts";

enum GeneralName {
  DnsName = 2,
  IpAddress = 7,
}

export function generalName(name: string): Buffer {
  if (isIP(name) === 0) return context(GeneralName.DnsName, Buffer.from(name, "latin1"));
  return context(GeneralName.IpAddress, isIPv4(name) ? ipv4Octets(name) : ipv6Octets(name));
}

function ipv4Octets(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}

/** Sixteen octets; `::` stands for as many groups of zeros as are missing (RFC 4291 §2.2). */
function ipv6Octets(text: string): Buffer {
  // The form that URLs have has no dotted part at its end.
  const [before, after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::") as [string, string?];
  const groupsOf = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => parseInt(group, 16)));
  const head = groupsOf(before);
  const tail = groupsOf(after ?? "");
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  return Buffer.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * Lists of IP addresses and ranges (CIDR notation, RFC 4632 §3.1, RFC 4291 §2.3), and whether an address is in one.
 *
 * In:    text of addresses ("10.1.2.3", "::1", "fe80::1%eth0", "::ffff:10.1.2.3") and ranges ("10.0.0.0/8", "fc00::/7").
 * Out:   `Address` or null; `AddressList` with `includes`.
 * Keeps: pure. IPv4 and IPv6 are apart ("::/0" holds no IPv4 address), but an IPv4-mapped IPv6 address (RFC 4291
 *        §2.5.5.2) is the IPv4 address it carries, for that is what a dual-stack socket shows of an IPv4 peer. Bits of a
 *        range's address beyond its prefix are ignored. Octets with leading zeros are refused: some read them as octal.
 * Fails: `AddressError` naming the entry, when a list is made. A text that is no address is in no list.
 */

/** An address as 32-bit words, most significant first: one for IPv4, four for IPv6. */
export interface Address {
  readonly family: 4 | 6;
  readonly words: readonly number[];
}

interface Range extends Address {
  /** Bits that must agree, in each word. */
  readonly masks: readonly number[];
}

export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Loopback, private (RFC 1918), unique local (RFC 4193) and link-local (RFC 4291 §2.5.6) addresses. */
export const LOCAL_RANGES: readonly string[] = [
  "127.0.0.0/8",
  "::1",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
];

export class AddressList {
  private readonly ranges: readonly Range[];

  /** Throws `AddressError` for an entry that is neither an address nor a range. */
  constructor(entries: Iterable<string>) {
    this.ranges = Array.from(entries, parseRange);
  }

  includes(text: string): boolean {
    const address = parseAddress(text);
    return address !== null && this.ranges.some((range) => isWithin(address, range));
  }
}

function isWithin(address: Address, range: Range): boolean {
  return (
    address.family === range.family &&
    range.masks.every((mask, index) => ((address.words[index]! ^ range.words[index]!) & mask) === 0)
  );
}

function parseRange(entry: string): Range {
  const [text = "", prefixText, ...rest] = entry.split("/");
  const address = text.includes("%") ? null : parseAddress(text);
  if (address === null || rest.length > 0) {
    throw new AddressError(`"${entry}" is neither an IP address nor a range such as 10.0.0.0/8 or fc00::/7`);
  }
  const bits = text.includes(":") ? 128 : 32;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (prefix < 0 || prefix > bits) {
    throw new AddressError(`"${entry}": the number after the slash must be in 0..${bits}`);
  }
  if (bits === 128 && address.family === 4 && prefix < 96) return asIpv6Range(text, prefix);
  const ownPrefix = bits === 128 && address.family === 4 ? prefix - 96 : prefix;
  return { ...address, masks: address.words.map((_, word) => maskOf(ownPrefix - 32 * word)) };
}

/** A range of IPv6 addresses written with an IPv4-mapped one, but wider than these: no IPv4 range. */
function asIpv6Range(text: string, prefix: number): Range {
  const words = parseIpv6(text)!;
  return { family: 6, words, masks: words.map((_, word) => maskOf(prefix - 32 * word)) };
}

function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}

/** The address that `text` spells, without its zone ("%eth0"); null if it spells none. IPv4-mapped ones become IPv4. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(":")) {
    const word = parseIpv4(text);
    return word === null ? null : { family: 4, words: [word] };
  }
  const words = parseIpv6(text.replace(/%[^%]+$/, ""));
  if (words === null) return null;
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isMapped ? { family: 4, words: [words[3]!] } : { family: 6, words };
}

function parseIpv4(text: string): number | null {
  const octets = text.split(".");
  if (octets.length !== 4) return null;
  let word = 0;
  for (const octet of octets) {
    if (!/^(0|[1-9]\d{0,2})$/.test(octet) || Number(octet) > 255) return null;
    word = (word << 8) | Number(octet);
  }
  return word;
}

/** RFC 4291 §2.2: eight groups of hexadecimal digits, "::" for one run of zeros, the last two perhaps as IPv4. */
function parseIpv6(text: string): readonly number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const zeros = 8 - head.length - tail.length;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return null;
  const groups = [...head, ...new Array<number>(zeros).fill(0), ...tail];
  return [0, 2, 4, 6].map((group) => (groups[group]! << 16) | groups[group + 1]!);
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const word = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : null;
    if (word === null) return null;
    groups.push((word >>> 16) & 0xffff, word & 0xffff);
  }
  return groups;
}

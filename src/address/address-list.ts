/**
 * Lists of IP addresses and ranges (CIDR notation, RFC 4632 §3.1, RFC 4291 §2.3), and whether an address is in one.
 *
 * In:    text of addresses ("10.1.2.3", "::1") and ranges ("10.0.0.0/8", "fc00::/7"), when a list is made.
 * Out:   `AddressList` with `includes`.
 * Keeps: IPv4 and IPv6 are separate ("::/0" contains no IPv4 address), but an IPv4-mapped address is the IPv4 address it
 *        carries. Bits of a range's address beyond its prefix are ignored.
 * Cost:  a look-up is a binary search without allocation: two ranges are disjoint or one contains the other, so inner
 *        ones are left out and the nearest one below the address decides (bench/micro/client-limits.bench.ts).
 * Fails: `AddressError` naming the entry, when a list is made. Text that is not an address is in no list.
 */
import { Address, Family, ipv6Words, parseAddress } from "./address.ts";

export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Loopback, private (RFC 1918), unique local (RFC 4193) and link-local (RFC 4291 §2.5.6) addresses. */
export const LOCAL_RANGES: readonly string[] = [
  "127.0.0.0/8",
  "::1/128",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
];

/** Addresses whose first `prefix` bits are those of `words`; the others are 0. */
interface Range {
  readonly family: Family;
  readonly words: readonly number[];
  readonly prefix: number;
}

const asked = new Address();

export class AddressList {
  readonly isEmpty: boolean;
  private readonly ipv4: RangeTable;
  private readonly ipv6: RangeTable;

  /** Throws `AddressError` for an entry that is neither an address nor a range. */
  constructor(entries: Iterable<string>) {
    const ranges = Array.from(entries, parseRange);
    this.isEmpty = ranges.length === 0;
    this.ipv4 = new RangeTable(ranges.filter(({ family }) => family === Family.Ipv4));
    this.ipv6 = new RangeTable(ranges.filter(({ family }) => family === Family.Ipv6));
  }

  includes({ family, word0, word1, word2, word3 }: Address): boolean {
    if (family === Family.Ipv4) return this.ipv4.includes(word0, 0, 0, 0);
    return family === Family.Ipv6 && this.ipv6.includes(word0, word1, word2, word3);
  }

  /** Whether the address that `text` spells is in the list; text that spells none is not. */
  includesText(text: string): boolean {
    return parseAddress(text, asked) && this.includes(asked);
  }
}

/** True for a single address or a range such as 10.0.0.0/8 or fc00::/7. */
export function isAddressRange(text: string): boolean {
  try {
    parseRange(text);
    return true;
  } catch (error) {
    if (error instanceof AddressError) return false;
    throw error;
  }
}

/** Ranges of one family, sorted, none inside another. Words are kept unsigned, so that they sort as addresses do. */
class RangeTable {
  private readonly words: Uint32Array;
  private readonly masks: Uint32Array;
  private readonly count: number;

  constructor(ranges: readonly Range[]) {
    const sorted = [...ranges].sort((a, b) => compareWords(a.words, b.words) || a.prefix - b.prefix);
    const outer: Range[] = [];
    for (const range of sorted) {
      const before = outer.at(-1);
      if (before === undefined || !holds(before, range)) outer.push(range);
    }
    this.count = outer.length;
    this.words = Uint32Array.from(outer.flatMap(({ words }) => words));
    this.masks = Uint32Array.from(
      outer.flatMap(({ prefix }) => [0, 1, 2, 3].map((word) => maskOf(prefix - 32 * word))),
    );
  }

  includes(word0: number, word1: number, word2: number, word3: number): boolean {
    const { words, masks } = this;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isAbove(words, middle * 4, word0 >>> 0, word1 >>> 0, word2 >>> 0, word3 >>> 0)) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return false;
    const at = (low - 1) * 4;
    return (
      ((words[at]! ^ word0) & masks[at]!) === 0 &&
      ((words[at + 1]! ^ word1) & masks[at + 1]!) === 0 &&
      ((words[at + 2]! ^ word2) & masks[at + 2]!) === 0 &&
      ((words[at + 3]! ^ word3) & masks[at + 3]!) === 0
    );
  }
}

/** Whether the range at `at` begins above an address. */
function isAbove(words: Uint32Array, at: number, word0: number, word1: number, word2: number, word3: number): boolean {
  if (words[at]! !== word0) return words[at]! > word0;
  if (words[at + 1]! !== word1) return words[at + 1]! > word1;
  if (words[at + 2]! !== word2) return words[at + 2]! > word2;
  return words[at + 3]! > word3;
}

function compareWords(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((word, position) => word !== b[position]);
  return index < 0 ? 0 : (a[index]! >>> 0) - (b[index]! >>> 0);
}

function holds(outer: Range, inner: Range): boolean {
  return inner.words.every((word, index) => ((word ^ outer.words[index]!) & maskOf(outer.prefix - 32 * index)) === 0);
}

function parseRange(entry: string): Range {
  const [text = "", prefixText, ...rest] = entry.split("/");
  const address = new Address();
  if (text.includes("%") || rest.length > 0 || !parseAddress(text, address)) {
    throw new AddressError(`"${entry}" is neither an IP address nor a range such as 10.0.0.0/8 or fc00::/7`);
  }
  const bits = text.includes(":") ? 128 : 32;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : -1;
  if (prefix < 0 || prefix > bits) {
    throw new AddressError(`"${entry}": the number after the slash must be in 0..${bits}`);
  }
  if (bits === 32) return rangeOf(Family.Ipv4, [address.word0, 0, 0, 0], prefix);
  // A range written with an IPv4-mapped address is a range of IPv4 addresses, unless it is wider than the mapped block.
  if (address.family === Family.Ipv4 && prefix >= 96)
    return rangeOf(Family.Ipv4, [address.word0, 0, 0, 0], prefix - 96);
  return rangeOf(Family.Ipv6, ipv6Words(text)!, prefix);
}

function rangeOf(family: Family, words: readonly number[], prefix: number): Range {
  return { family, words: words.map((word, index) => word & maskOf(prefix - 32 * index)), prefix };
}

function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}

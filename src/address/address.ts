/**
 * One IP address, and reading it from text (RFC 4291 §2.2; dotted decimal for IPv4).
 *
 * In:    octets or a string: "10.1.2.3", "::1", "fe80::1%eth0", "::ffff:10.1.2.3".
 * Out:   true, and the address in a reusable object; false, and Family.None in it.
 * Units: words of 32 bits, signed, most significant first: one for IPv4, four for IPv6.
 * Keeps: allocates nothing; reads only [start, end). An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is the IPv4 address
 *        it carries, for that is what a dual-stack socket shows of an IPv4 peer. A zone ("%eth0") is dropped.
 *        Decimal octets with leading zeros are refused: some parsers read them as octal.
 */

export enum Family {
  None = 0,
  Ipv4 = 4,
  Ipv6 = 6,
}

export class Address {
  family: Family = Family.None;
  word0 = 0;
  word1 = 0;
  word2 = 0;
  word3 = 0;

  /** Copies the value of another address. */
  copyFrom(other: Address): void {
    this.family = other.family;
    this.word0 = other.word0;
    this.word1 = other.word1;
    this.word2 = other.word2;
    this.word3 = other.word3;
  }

  isEqual(other: Address): boolean {
    return (
      this.family === other.family &&
      this.word0 === other.word0 &&
      this.word1 === other.word1 &&
      this.word2 === other.word2 &&
      this.word3 === other.word3
    );
  }

  clear(): void {
    this.setIpv4(0);
    this.family = Family.None;
  }

  setIpv4(word: number): void {
    this.family = Family.Ipv4;
    this.word0 = word;
    this.word1 = 0;
    this.word2 = 0;
    this.word3 = 0;
  }

  /** An IPv6 address, or the IPv4 address that it carries. */
  setIpv6(word0: number, word1: number, word2: number, word3: number): void {
    if (word0 === 0 && word1 === 0 && word2 === 0xffff) return this.setIpv4(word3);
    this.family = Family.Ipv6;
    this.word0 = word0;
    this.word1 = word1;
    this.word2 = word2;
    this.word3 = word3;
  }
}

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;
const ZERO = 0x30;

/** Longer text is not an address, whatever the name of its zone. */
const TEXT_OCTETS_MAX = 64;

const scratch = new Uint8Array(TEXT_OCTETS_MAX);
const groups = new Int32Array(8);

/** The value of a hexadecimal digit; 255 for every other octet. */
const HEX = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) {
  HEX[value.toString(16).charCodeAt(0)] = value;
  HEX[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/** Reads the address that `text` spells into `address`. */
export function parseAddress(text: string, address: Address): boolean {
  const octets = text.length;
  address.clear();
  if (octets > TEXT_OCTETS_MAX) return false;
  for (let index = 0; index < octets; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    scratch[index] = code;
  }
  return parseAddressOctets(scratch, 0, octets, address);
}

/** Reads the address that `bytes[start, end)` spells into `address`. */
export function parseAddressOctets(bytes: Uint8Array, start: number, end: number, address: Address): boolean {
  address.clear();
  if (end - start > TEXT_OCTETS_MAX) return false;
  if (parseIpv6Groups(bytes, start, end)) {
    address.setIpv6(wordOf(0), wordOf(2), wordOf(4), wordOf(6));
    return true;
  }
  const word = parseIpv4Word(bytes, start, end);
  if (word < 0) return false;
  address.setIpv4(word | 0);
  return true;
}

/** The four words of an IPv6 address as written, mapped or not; null for any other text. For ranges. */
export function ipv6Words(text: string): readonly [number, number, number, number] | null {
  const bytes = new TextEncoder().encode(text);
  return parseIpv6Groups(bytes, 0, bytes.length) ? [wordOf(0), wordOf(2), wordOf(4), wordOf(6)] : null;
}

function wordOf(group: number): number {
  return (groups[group]! << 16) | groups[group + 1]!;
}

/** Four decimal numbers with dots between them, as an unsigned number; -1 for anything else. */
function parseIpv4Word(bytes: Uint8Array, start: number, end: number): number {
  let word = 0;
  let position = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (position >= end || bytes[position++] !== DOT)) return -1;
    const first = position;
    let value = 0;
    while (position < end && bytes[position]! >= ZERO && bytes[position]! <= ZERO + 9 && position - first < 3) {
      value = value * 10 + bytes[position++]! - ZERO;
    }
    const digits = position - first;
    if (digits === 0 || value > 255 || (digits > 1 && bytes[first] === ZERO)) return -1;
    word = word * 256 + value;
  }
  return position === end ? word : -1;
}

/** Eight groups of hexadecimal digits, "::" for one run of zeros, the last two perhaps as IPv4; fills `groups`. */
function parseIpv6Groups(bytes: Uint8Array, start: number, end: number): boolean {
  const stop = withoutZone(bytes, start, end);
  let count = 0;
  let gap = -1;
  let position = start;
  if (stop - start >= 2 && bytes[start] === COLON && bytes[start + 1] === COLON) {
    gap = 0;
    position += 2;
  }
  while (position < stop) {
    const first = position;
    let value = 0;
    while (position < stop && HEX[bytes[position]!]! < 16) value = ((value << 4) | HEX[bytes[position++]!]!) & 0xfffff;
    if (position < stop && bytes[position] === DOT) {
      const word = parseIpv4Word(bytes, first, stop);
      if (word < 0 || count > 6) return false;
      groups[count++] = word >>> 16;
      groups[count++] = word & 0xffff;
      break;
    }
    if (position === first || position - first > 4 || count === 8) return false;
    groups[count++] = value;
    if (position === stop) break;
    if (bytes[position++] !== COLON || position === stop) return false;
    if (bytes[position] !== COLON) continue;
    if (gap >= 0) return false;
    gap = count;
    position++;
  }
  if (gap < 0) return count === 8;
  if (count === 8) return false;
  groups.copyWithin(8 - (count - gap), gap, count);
  groups.fill(0, gap, 8 - (count - gap));
  return true;
}

/** Where the address ends and its zone begins (RFC 4007 §11); `end` when there is none, `start` when it is wrong. */
function withoutZone(bytes: Uint8Array, start: number, end: number): number {
  let percent = end;
  for (let position = start; position < end; position++) {
    if (bytes[position] !== PERCENT) continue;
    if (percent < end || position + 1 === end) return start;
    percent = position;
  }
  return percent;
}

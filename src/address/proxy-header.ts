/**
 * The header of the PROXY protocol, versions 1 and 2: a load balancer's statement of who the client is,
 * before the first octet of the connection proper.
 *
 *   v1   PROXY TCP4 203.0.113.7 192.0.2.1 56324 443 CRLF          at most 107 octets; TCP6; UNKNOWN
 *   v2   signature (12) · version and command · family and transport · length (2) · addresses · TLVs
 *
 * In:    octets in any pieces. Out: `outcome`, and `source` where the header names an address.
 * Keeps: the verdict depends on the octets alone, never on how they were split. At most 107 octets are held: of v2 the
 *        addresses; what follows them (TLVs, names of UNIX sockets) is counted and dropped, 65 535 octets at most.
 *        What follows the header is left in place for the caller.
 * Fails: ProxyOutcome.Malformed at the first octet that can't belong to a header.
 * Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, sections 2.1 and 2.2.
 */
import { Address, Family, parseAddress } from "./address.ts";

export enum ProxyOutcome {
  /** More octets have to come. */
  Incomplete,
  /** The client is `source`. */
  Named,
  /** The client is the peer itself: LOCAL, UNKNOWN, or an address of a family that isn't IP. */
  Unnamed,
  Malformed,
}

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const WORD = new TextEncoder().encode("PROXY ");

/** The longest line of version 1, its CRLF included. */
const LINE_OCTETS_MAX = 107;
/** Version 2: everything up to and including the length. */
const FIXED_OCTETS = 16;

const CR = 0x0d;
const LF = 0x0a;

/** Version 2 in the upper half of an octet. */
const VERSION_2 = 0x20;
enum Command {
  Local = 0,
  Proxy = 1,
}

/** The header of a peer that connects on its own behalf: version 2, LOCAL, no addresses. */
export const LOCAL_HEADER: Uint8Array = Uint8Array.of(...SIGNATURE, VERSION_2 | Command.Local, 0, 0, 0);

/** Family in the upper half, transport in the lower: TCP over IPv4 and over IPv6. */
const TCP4 = 0x11;
const TCP6 = 0x21;
/** AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX; UNSPEC, STREAM, DGRAM. Everything above is not assigned. */
const FAMILY_MAX = 3;
const TRANSPORT_MAX = 2;
/** Two addresses and two ports. */
const ADDRESSES4_OCTETS = 12;
const ADDRESSES6_OCTETS = 36;

const PORT = "(0|[1-9]\\d{0,4})";
const LINE4 = new RegExp(`^PROXY TCP4 ([\\d.]+) ([\\d.]+) ${PORT} ${PORT}$`);
const LINE6 = new RegExp(`^PROXY TCP6 ([\\da-fA-F:.]+) ([\\da-fA-F:.]+) ${PORT} ${PORT}$`);
const LINE_UNKNOWN = /^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/;

const decoder = new TextDecoder("latin1");
const destination = new Address();

export class ProxyHeader {
  outcome = ProxyOutcome.Incomplete;
  readonly source = new Address();
  private readonly held = new Uint8Array(LINE_OCTETS_MAX);
  private count = 0;
  /** Octets of version 2 to be held, and octets after them to be dropped. */
  private wanted = FIXED_OCTETS;
  private dropped = 0;

  /** Takes what belongs to the header from `bytes[start, end)`; returns where the rest begins. Then see `outcome`. */
  consume(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (position < end && this.outcome === ProxyOutcome.Incomplete) {
      if (this.count === this.wanted && this.dropped > 0) {
        const octets = Math.min(this.dropped, end - position);
        this.dropped -= octets;
        position += octets;
      } else {
        this.held[this.count++] = bytes[position++]!;
        this.examine();
      }
      if (this.count === this.wanted && this.dropped === 0) this.conclude();
    }
    return position;
  }

  /** Checks the octet that was taken last. */
  private examine(): void {
    const { count, held } = this;
    const isLine = held[0] === WORD[0];
    const prefix = isLine ? WORD : SIGNATURE;
    if (count <= prefix.length) {
      if (held[count - 1] !== prefix[count - 1]) this.outcome = ProxyOutcome.Malformed;
      else if (isLine) this.wanted = LINE_OCTETS_MAX + 1; // ends with its line
    } else if (!isLine) {
      if (count === FIXED_OCTETS) this.readFixed();
    } else if (held[count - 1] === LF) {
      this.outcome = held[count - 2] === CR ? this.readLine() : ProxyOutcome.Malformed;
    } else if (count === LINE_OCTETS_MAX) {
      this.outcome = ProxyOutcome.Malformed;
    }
  }

  private readLine(): ProxyOutcome {
    const line = decoder.decode(this.held.subarray(0, this.count - 2));
    if (LINE_UNKNOWN.test(line)) return ProxyOutcome.Unnamed;
    const isIpv6 = line.startsWith("PROXY TCP6");
    const [, from, to, ...ports] = (isIpv6 ? LINE6 : LINE4).exec(line) ?? [];
    if (from === undefined || to === undefined) return ProxyOutcome.Malformed;
    if (ports.some((port) => Number(port) > 0xffff)) return ProxyOutcome.Malformed;
    // An IPv4 address may be written as an IPv6 one, but not the other way round.
    if (isIpv6 && !(from.includes(":") && to.includes(":"))) return ProxyOutcome.Malformed;
    const isGood = parseAddress(to, destination) && parseAddress(from, this.source);
    return isGood ? ProxyOutcome.Named : ProxyOutcome.Malformed;
  }

  /** The fixed part of version 2, and how many octets follow it. */
  private readFixed(): void {
    const { held } = this;
    const command = held[12]! - VERSION_2;
    const family = held[13]!;
    const length = (held[14]! << 8) | held[15]!;
    const isKnown = family >> 4 <= FAMILY_MAX && (family & 0x0f) <= TRANSPORT_MAX;
    if ((command !== Command.Local && command !== Command.Proxy) || !isKnown) {
      this.outcome = ProxyOutcome.Malformed;
      return;
    }
    const octets = command === Command.Local ? 0 : addressesOctets(family);
    if (length < octets) this.outcome = ProxyOutcome.Malformed;
    this.wanted = FIXED_OCTETS + octets;
    this.dropped = length - octets;
  }

  /** Version 2 is complete. */
  private conclude(): void {
    if (this.outcome !== ProxyOutcome.Incomplete) return;
    const { source } = this;
    if (this.wanted === FIXED_OCTETS + ADDRESSES4_OCTETS) source.setIpv4(this.wordAt(FIXED_OCTETS));
    if (this.wanted === FIXED_OCTETS + ADDRESSES6_OCTETS) {
      source.setIpv6(this.wordAt(16), this.wordAt(20), this.wordAt(24), this.wordAt(28));
    }
    this.outcome = source.family === Family.None ? ProxyOutcome.Unnamed : ProxyOutcome.Named;
  }

  private wordAt(offset: number): number {
    const { held } = this;
    return (held[offset]! << 24) | (held[offset + 1]! << 16) | (held[offset + 2]! << 8) | held[offset + 3]!;
  }
}

function addressesOctets(family: number): number {
  return family === TCP4 ? ADDRESSES4_OCTETS : family === TCP6 ? ADDRESSES6_OCTETS : 0;
}

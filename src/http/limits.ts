/**
 * Bounds of one request, and what follows from them.
 *
 * Units: octets, except for `fieldCountMax` (field lines). All are integers from 0; `contentOctetsMax` may be Infinity.
 * The four of `Limits` are settings; the constants below bound what no setting needs to reach.
 */

export interface Limits {
  /** From the first octet given to the parser to the empty line that ends the head, both included; else 431. */
  readonly headOctetsMax: number;
  /** Length of the request-target; else 414. */
  readonly targetOctetsMax: number;
  /** Field lines of the head, and of a trailer section; else 431. */
  readonly fieldCountMax: number;
  /** Content after transfer decoding; else 413. */
  readonly contentOctetsMax: number;
}

/** Longest method looked at; the longest registered one has 17 octets (UPDATEREDIRECTREF). A longer one gets 501. */
export const METHOD_OCTETS_MAX = 32;

/**
 * Empty lines ignored before a request-line: RFC 9112 §2.2 asks for at least one; old clients send one after content.
 */
export const EMPTY_LINES_MAX = 4;

/** All chunk extensions of one message: hardly any client sends them, and they are the cheapest way to waste a server's time. */
export const CHUNK_EXTENSION_OCTETS_MAX = 4096;

/** Digits of one chunk-size, leading zeros included: 16 reach beyond 2^53. */
export const CHUNK_SIZE_DIGITS_MAX = 16;

/** method SP request-target SP HTTP-version CRLF, each at its longest. */
export function requestLineOctetsMax(limits: Limits): number {
  return METHOD_OCTETS_MAX + 1 + limits.targetOctetsMax + 1 + "HTTP/1.1\r\n".length;
}

/**
 * Numbers as decimal digits, put straight among octets: Content-Length and Content-Range of a range, numbers of a log.
 *
 * Keeps: makes no string; writes only from `at` to the offset it returns.
 */

const ZERO = 0x30;

/**
 * Writes a number, 0..Number.MAX_SAFE_INTEGER, without its fraction, in decimal and returns the offset after it; at most
 * 16 octets. Anything below (a clock that was set back) or NaN is written as 0.
 */
export function putDecimal(value: number, into: Uint8Array, at: number): number {
  if (!(value > 0)) return putDigits(0, 1, into, at);
  if (value >= 1_000_000_000) {
    // Integer arithmetic below holds for 31 bits: cut larger numbers into groups of nine digits.
    const high = Math.floor(value / 1_000_000_000);
    at = putDecimal(high, into, at);
    return putDigits((value - high * 1_000_000_000) | 0, 9, into, at);
  }
  const small = value | 0;
  return putDigits(small, decimalDigits(small), into, at);
}

function decimalDigits(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1_000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}

function putDigits(value: number, digits: number, into: Uint8Array, at: number): number {
  for (let index = at + digits - 1; index >= at; index--) {
    const rest = (value / 10) | 0;
    into[index] = ZERO + (value - rest * 10);
    value = rest;
  }
  return at + digits;
}

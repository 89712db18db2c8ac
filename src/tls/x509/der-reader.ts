/**
 * Reading DER (X.690), as far as a server looks into certificates by itself: one level at a time.
 *
 * In:    octets. Out: the values that lie in them, one after the other.
 * Keeps: pure; reads nothing beyond the octets.
 * Fails: throws a RangeError where the octets are no DER.
 */

export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** The values of which the octets are made. */
export function derValues(octets: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < octets.length;) {
    const value = valueAt(octets, at);
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

function valueAt(octets: Uint8Array, start: number): DerValue {
  const tag = octets[start]!;
  const { length, octets: lengthOctets } = lengthAt(octets, start + 1);
  const contentStart = start + 1 + lengthOctets;
  const end = contentStart + length;
  if (end > octets.length) throw new RangeError("DER: a value is longer than what holds it");
  return { tag, content: octets.subarray(contentStart, end), whole: octets.subarray(start, end) };
}

/** Four octets hold more than any file here has. */
const LENGTH_OCTETS_MAX = 4;

/** X.690 §8.1.3 */
function lengthAt(octets: Uint8Array, start: number): { length: number; octets: number } {
  const first = octets[start] ?? Number.NaN;
  if (first < 0x80) return { length: first, octets: 1 };
  const count = first & 0x7f;
  if (!(count > 0 && count <= LENGTH_OCTETS_MAX)) throw new RangeError("DER: no length that can be read");
  let length = 0;
  for (let index = 1; index <= count; index++) length = length * 0x100 + (octets[start + index] ?? Number.NaN);
  if (Number.isNaN(length)) throw new RangeError("DER: a length is cut off");
  return { length, octets: 1 + count };
}

/** UTCTime or GeneralizedTime in the form that RFC 5280 §4.1.2.5 demands; NaN for any other. */
export function timeOf({ content }: DerValue): number {
  const text = Buffer.from(content).toString("latin1");
  const digits = text.length === 13 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

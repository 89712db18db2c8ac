/**
 * Values in DER (X.690): what a certificate is made of.
 *
 * Out:   the octets of one value: tag, length, content.
 * Keeps: pure. Definite lengths in as few octets as possible (§10.1).
 */

/** Identifier octets (X.690 §8.1.2): class, constructed or not, number. */
enum Tag {
  Boolean = 0x01,
  Integer = 0x02,
  BitString = 0x03,
  OctetString = 0x04,
  ObjectIdentifier = 0x06,
  Utf8String = 0x0c,
  UtcTime = 0x17,
  GeneralizedTime = 0x18,
  Sequence = 0x30,
  Set = 0x31,
  /** Context-specific 0, to which the number is added. */
  Context = 0x80,
  ContextConstructed = 0xa0,
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => encode(Tag.Sequence, ...parts);
export const setOf = (part: Uint8Array): Buffer => encode(Tag.Set, part);
export const octetString = (content: Uint8Array): Buffer => encode(Tag.OctetString, content);
export const utf8String = (text: string): Buffer => encode(Tag.Utf8String, Buffer.from(text));
export const boolean = (value: boolean): Buffer => encode(Tag.Boolean, Buffer.from([value ? 0xff : 0]));

/** `content` is in two's complement, most significant octet first; here always of a number that isn't negative. */
export const integer = (content: Uint8Array): Buffer => {
  const first = content.findIndex((octet) => octet !== 0);
  const bare = content.subarray(first === -1 ? content.length - 1 : first);
  return encode(Tag.Integer, bare[0]! >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), bare);
};

/** The bits from the most significant one on, the last `unused` of them left out (X.690 §8.6). */
export const bitString = (content: Uint8Array, unused = 0): Buffer => encode(Tag.BitString, Buffer.of(unused), content);

/** `[number]`: a primitive value where the tag is implicit, or a constructed one around others. */
export const context = (number: number, content: Uint8Array): Buffer => encode(Tag.Context + number, content);
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  encode(Tag.ContextConstructed + number, ...parts);

/** `2.5.29.17`; the first two numbers share an octet (X.690 §8.19.4). */
export function objectIdentifier(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  return encode(Tag.ObjectIdentifier, Buffer.from([first! * 40 + second!, ...rest.flatMap(base128)]));
}

/** Seven bits in each octet; all but the last have the eighth set. */
function base128(number: number): number[] {
  const octets = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) octets.unshift(0x80 | (rest & 0x7f));
  return octets;
}

const FIRST_YEAR_OF_GENERALIZED_TIME = 2050;

/** Seconds in UTC, in the form that the year demands (RFC 5280 §4.1.2.5). */
export function time(timeMs: number): Buffer {
  const date = new Date(timeMs);
  const text = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`;
  if (date.getUTCFullYear() >= FIRST_YEAR_OF_GENERALIZED_TIME) return encode(Tag.GeneralizedTime, Buffer.from(text));
  return encode(Tag.UtcTime, Buffer.from(text.slice(2)));
}

function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const octets = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(octets)]), ...parts]);
}

/** X.690 §8.1.3: up to 127 in one octet; otherwise how many octets follow, and these. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 0x100)) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}

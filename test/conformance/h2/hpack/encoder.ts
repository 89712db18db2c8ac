/**
 * HPACK representations as octets (RFC 7541 §5, §6): the right forms, and by their arguments the wrong ones.
 *
 * Keeps: stateless. Whoever writes a row knows what the decoder's table holds.
 */
import { encodeHuffman } from "./huffman.ts";

/** Integer with a prefix of so many bits below `pattern` (§5.1); `paddingOctets` of 0x80 make it longer than it need be. */
export function integer(value: number, prefixBits: number, pattern = 0, paddingOctets = 0): Uint8Array {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Uint8Array.of(pattern | value);
  const octets = [pattern | most];
  let rest = value - most;
  while (rest >= 128) {
    octets.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  if (paddingOctets === 0) return Uint8Array.from([...octets, rest]);
  return Uint8Array.from([...octets, rest | 0x80, ...Array<number>(paddingOctets - 1).fill(0x80), 0]);
}

/** String literal (§5.2), plain or Huffman-coded. */
export function stringLiteral(text: string, huffman = false): Uint8Array {
  const octets = huffman ? encodeHuffman(text) : Buffer.from(text, "latin1");
  return Buffer.concat([integer(octets.length, 7, huffman ? 0x80 : 0), octets]);
}

/** A string literal out of octets that are said to be Huffman-coded. */
export function huffmanOctets(octets: Uint8Array): Uint8Array {
  return Buffer.concat([integer(octets.length, 7, 0x80), octets]);
}

/** Indexed field line (§6.1). */
export const indexed = (index: number): Uint8Array => integer(index, 7, 0x80);

export type LiteralForm = "plain" | "indexing" | "never";

/** Pattern and bits of the name's index (§6.2.1 to §6.2.3). */
const FORMS: Readonly<Record<LiteralForm, readonly [pattern: number, prefixBits: number]>> = {
  indexing: [0x40, 6],
  plain: [0x00, 4],
  never: [0x10, 4],
};

/** Literal field line: a name as text or as an index, a value as text or as a string literal's octets. */
export function literal(
  name: string | number | Uint8Array,
  value: string | Uint8Array,
  form: LiteralForm = "plain",
  huffman = false,
): Uint8Array {
  const [pattern, prefixBits] = FORMS[form];
  const octetsOf = (part: string | Uint8Array): Uint8Array =>
    typeof part === "string" ? stringLiteral(part, huffman) : part;
  if (typeof name === "number") return Buffer.concat([integer(name, prefixBits, pattern), octetsOf(value)]);
  return Buffer.concat([Uint8Array.of(pattern), octetsOf(name), octetsOf(value)]);
}

/** Dynamic table size update (§6.3). */
export const tableSizeUpdate = (octets: number): Uint8Array => integer(octets, 5, 0x20);

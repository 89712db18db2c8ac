/**
 * The Huffman code of RFC 7541 Appendix B, coded and decoded a bit at a time: slow and obvious.
 *
 * The code is canonical: codes of one length are consecutive in the order of their symbols, so the symbols of each
 * length say everything.
 * Fails: `HuffmanBreach` for EOS inside a string, for padding of eight bits or more, and for padding that isn't ones (§5.2).
 */

export const EOS = 256;

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const chars = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));

/** Code length to its symbols. */
const SYMBOLS_BY_LENGTH: readonly (readonly [bits: number, symbols: readonly number[]])[] = [
  [5, chars("012aceiost")],
  [6, chars(" %-./3456789=A_bdfghlmnpru")],
  [7, chars(":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz")],
  [8, chars("&*,;XZ")],
  [10, chars('!"()?')],
  [11, chars("'+|")],
  [12, chars("#>")],
  [13, [0, ...chars("$@[]~")]],
  [14, chars("^}")],
  [15, chars("<`{")],
  [19, [92, 195, 208]],
  [20, [128, 130, 131, 162, 184, 194, 224, 226]],
  [21, [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]],
  [
    22,
    [
      129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198,
      228, 232, 233,
    ],
  ],
  [
    23,
    [
      1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174, 175, 180, 182,
      183, 188, 191, 197, 231, 239,
    ],
  ],
  [24, [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]],
  [25, [199, 207, 234, 235]],
  [26, [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]],
  [27, [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254]],
  [28, [...range(2, 8), 11, 12, ...range(14, 21), ...range(23, 31), 127, 220, 249]],
  [30, [10, 13, 22, EOS]],
];

/** Symbol to its code, as text of binary digits. */
export const CODES: ReadonlyMap<number, string> = makeCodes();
const SYMBOLS: ReadonlyMap<string, number> = new Map([...CODES].map(([symbol, code]) => [code, symbol]));
const CODE_BITS_MAX = 30;

function makeCodes(): Map<number, string> {
  const codes = new Map<number, string>();
  let next = 0;
  let length = 0;
  for (const [bits, symbols] of SYMBOLS_BY_LENGTH) {
    next *= 2 ** (bits - length);
    length = bits;
    for (const symbol of [...symbols].sort((a, b) => a - b))
      codes.set(symbol, (next++).toString(2).padStart(bits, "0"));
  }
  return codes;
}

export class HuffmanBreach extends Error {}

/** Bits of ones up to the octet's end, as §5.2 asks; `padding` replaces them. */
export function encodeHuffman(text: string, padding?: string): Uint8Array {
  let bits = chars(text)
    .map((symbol) => CODES.get(symbol)!)
    .join("");
  bits += padding ?? "1".repeat((8 - (bits.length % 8)) % 8);
  return bitsToOctets(bits);
}

export function bitsToOctets(bits: string): Uint8Array {
  if (bits.length % 8 !== 0) throw new Error(`${bits.length} bits are no whole octets`);
  return Uint8Array.from({ length: bits.length / 8 }, (_, index) =>
    Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2),
  );
}

export function decodeHuffman(octets: Uint8Array): string {
  let text = "";
  let pending = "";
  for (const octet of octets) {
    for (let bit = 7; bit >= 0; bit--) {
      pending += (octet >> bit) & 1;
      const symbol = SYMBOLS.get(pending);
      if (symbol === EOS) throw new HuffmanBreach("EOS inside a Huffman-coded string");
      if (symbol === undefined && pending.length > CODE_BITS_MAX) throw new HuffmanBreach("no Huffman code");
      if (symbol === undefined) continue;
      text += String.fromCharCode(symbol);
      pending = "";
    }
  }
  if (pending.length > 7) throw new HuffmanBreach("padding of eight bits or more");
  if (pending.includes("0")) throw new HuffmanBreach("padding that isn't ones");
  return text;
}

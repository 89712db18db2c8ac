/**
 * The Huffman code of HPACK (RFC 7541 §5.2, Appendix B), and coding by it.
 *
 * The code is canonical: among symbols of one length codes count up in the order of symbols, and shorter codes come first. So their
 * lengths say everything.
 *
 * In:    ISO 8859-1 texts. Out: octets of a coded string, padded with ones.
 */

/** Octets and EOS. */
export const SYMBOLS = 257;
export const EOS = 256;
/** Bits of the shortest code, and of the longest. */
export const BITS_MIN = 5;
const BITS_MAX = 30;

/** Bits of each symbol's code, in digits of base 36. */
const LENGTH_DIGITS = [
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca",
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds",
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn",
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq",
  "u",
].join("");

/** By symbol. */
export const CODE_LENGTHS = Uint8Array.from(LENGTH_DIGITS, (digit) => parseInt(digit, 36));
export const CODES = buildCodes();

function buildCodes(): Uint32Array {
  const codes = new Uint32Array(SYMBOLS);
  let code = 0;
  for (let length = BITS_MIN; length <= BITS_MAX; length++) {
    code <<= 1;
    for (let symbol = 0; symbol < SYMBOLS; symbol++) if (CODE_LENGTHS[symbol] === length) codes[symbol] = code++;
  }
  return codes;
}

/** Octets that `text` takes when coded. */
export function codedOctets(text: string): number {
  let bits = 0;
  for (let index = 0; index < text.length; index++) bits += CODE_LENGTHS[text.charCodeAt(index)]!;
  return Math.ceil(bits / 8);
}

/** A code that is longer is put in two parts, so that 32 bits hold what waits for its octet and a part. */
const PART_BITS = 16;

/** Puts `text`, coded, into `into` from `at` on; returns its end. */
export function putHuffman(text: string, into: Uint8Array, at: number): number {
  let bits = 0;
  let waiting = 0; // how many of `bits`, from the lowest on, have yet to be put
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index);
    const code = CODES[symbol]!;
    let length = CODE_LENGTHS[symbol]!;
    if (length > PART_BITS) {
      length -= PART_BITS;
      bits = (bits << length) | (code >>> PART_BITS);
      for (waiting += length; waiting >= 8; waiting -= 8) into[at++] = bits >>> (waiting - 8);
      length = PART_BITS;
    }
    bits = (bits << length) | (code & 0xffff);
    for (waiting += length; waiting >= 8; waiting -= 8) into[at++] = bits >>> (waiting - 8);
  }
  if (waiting > 0) into[at++] = (bits << (8 - waiting)) | (0xff >> waiting);
  return at;
}

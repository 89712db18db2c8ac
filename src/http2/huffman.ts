/**
 * The Huffman code of HPACK (RFC 7541 §5.2, Appendix B).
 *
 * The code is canonical: among symbols of one length codes count up in the order of symbols, and shorter ones come first. So the
 * lengths say everything. Decoding walks the code's tree an octet at a time: a table has, for each inner node and octet, the node that
 * it leads to and the symbols passed on the way, at most two, as no code is shorter than 5 bits.
 *
 * In:    octets [start, end) of a coded string. Out: the text, and what its octets are (field-octets.ts).
 * Keeps: n octets become at most `decodedOctetsMax(n)`; decoding checks no bound, the caller has room for as many.
 * Fails: EOS in the string, padding of more than 7 bits or of other than ones (§5.2: a decoding error each).
 * Cost:  decoding is one read of a table of 256 KiB per octet, whose usual part is a few KiB. It is made at first use, in 4 ms
 *        (bench/micro/hpack.bench.ts).
 */
import { octetsOf } from "../http/octets.ts";
import { FAULTS, Fault } from "./field-octets.ts";

/** Octets and EOS. */
const SYMBOLS = 257;
const EOS = 256;
const BITS_MIN = 5;
const BITS_MAX = 30;

/** Bits of each symbol's code, in digits of base 36. */
const LENGTH_DIGITS = [
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca",
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds",
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn",
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq",
  "u",
].join("");

const LENGTHS = Uint8Array.from(LENGTH_DIGITS, (digit) => parseInt(digit, 36));
const CODES = buildCodes();

function buildCodes(): Uint32Array {
  const codes = new Uint32Array(SYMBOLS);
  let code = 0;
  for (let length = BITS_MIN; length <= BITS_MAX; length++) {
    code <<= 1;
    for (let symbol = 0; symbol < SYMBOLS; symbol++) if (LENGTHS[symbol] === length) codes[symbol] = code++;
  }
  return codes;
}

/** Most octets that `octets` of a coded string can stand for. */
export function decodedOctetsMax(octets: number): number {
  return Math.floor((octets * 8) / BITS_MIN);
}

/** Octets that `text` takes when coded. */
export function codedOctets(text: Uint8Array): number {
  let bits = 0;
  for (const octet of text) bits += LENGTHS[octet]!;
  return Math.ceil(bits / 8);
}

/** `text` coded, padded with ones. Makes a buffer: for set-up. */
export function encodeHuffman(text: string | Uint8Array): Uint8Array {
  const octets = typeof text === "string" ? octetsOf(text) : text;
  const coded = new Uint8Array(codedOctets(octets));
  let at = 0;
  let room = 8; // bits of coded[at] that are free
  for (const octet of octets) {
    let left = LENGTHS[octet]!;
    while (left > 0) {
      const taken = Math.min(left, room);
      left -= taken;
      room -= taken;
      coded[at]! |= ((CODES[octet]! >>> left) & ((1 << taken) - 1)) << room;
      if (room > 0) continue;
      room = 8;
      at++;
    }
  }
  if (room < 8) coded[at]! |= (1 << room) - 1;
  return coded;
}

/**
 * A step of decoding, in one integer:
 *
 *     bits 0-7    the node that it leads to
 *     bit  8      the step passes a symbol: bits 16-23
 *     bit  9      and another one: bits 24-31
 *     bit  10     it passes EOS
 *     bits 11-12  flags of `Fault` of what it passes
 */
const NODE_MASK = 0xff;
const PASSES_ONE = 1 << 8;
const PASSES_TWO = 1 << 9;
const PASSES_EOS = 1 << 10;
const FAULT_SHIFT = 11;
const FIRST_SHIFT = 16;
const SECOND_SHIFT = 24;
const FAULT_MASK = Fault.InName | Fault.InValue;

/** Inner nodes of the tree: one less than symbols. The root is node 0. */
const NODES = SYMBOLS - 1;
const PADDING_BITS_MAX = 7;

interface DecodingTable {
  /** By node * 256 + octet. */
  readonly steps: Int32Array;
  /** By node: 1 where a string may end, which is where it has no more than padding behind its last symbol. */
  readonly mayEnd: Uint8Array;
}

/** By node * 2 + bit: the node below; or, for a symbol, -1 - symbol. */
function buildTree(): Int16Array {
  const below = new Int16Array(NODES * 2);
  let nodes = 1;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    let node = 0;
    for (let bit = LENGTHS[symbol]! - 1; bit > 0; bit--) {
      const branch = node * 2 + ((CODES[symbol]! >>> bit) & 1);
      if (below[branch] === 0) below[branch] = nodes++;
      node = below[branch]!;
    }
    below[node * 2 + (CODES[symbol]! & 1)] = -1 - symbol;
  }
  if (nodes !== NODES) throw new Error("these are not the lengths of a complete code");
  return below;
}

function buildDecodingTable(): DecodingTable {
  const below = buildTree();
  const steps = new Int32Array(NODES * 256);
  for (let node = 0; node < NODES; node++) {
    for (let octet = 0; octet < 256; octet++) steps[node * 256 + octet] = stepOf(below, node, octet);
  }
  const mayEnd = new Uint8Array(NODES);
  for (let bits = 0, node = 0; bits <= PADDING_BITS_MAX; bits++, node = below[node * 2 + 1]!) mayEnd[node] = 1;
  return { steps, mayEnd };
}

function stepOf(below: Int16Array, start: number, octet: number): number {
  let node = start;
  let step = 0;
  for (let bit = 7; bit >= 0; bit--) {
    node = below[node * 2 + ((octet >> bit) & 1)]!;
    if (node >= 0) continue;
    const symbol = -1 - node;
    if (symbol === EOS) return PASSES_EOS;
    step |= FAULTS[symbol]! << FAULT_SHIFT;
    step |= (step & PASSES_ONE) === 0 ? PASSES_ONE | (symbol << FIRST_SHIFT) : PASSES_TWO | (symbol << SECOND_SHIFT);
    node = 0;
  }
  return step | node;
}

export class HuffmanDecoder {
  /** Flags of `Fault`: what the octets of the text decoded last are wrong in. */
  faults = 0;
  private table: DecodingTable | null = null;

  /** Decodes `source[start, end)` into `target` from `at` on, where there is room enough; returns the end of the text, or -1. */
  decode(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
    const { steps, mayEnd } = (this.table ??= buildDecodingTable());
    let node = 0;
    let seen = 0;
    for (let position = start; position < end; position++) {
      const step = steps[(node << 8) | source[position]!]!;
      node = step & NODE_MASK;
      seen |= step;
      if ((step & PASSES_ONE) === 0) continue;
      target[at++] = step >> FIRST_SHIFT;
      if ((step & PASSES_TWO) !== 0) target[at++] = step >> SECOND_SHIFT;
    }
    this.faults = (seen >> FAULT_SHIFT) & FAULT_MASK;
    return (seen & PASSES_EOS) === 0 && mayEnd[node] === 1 ? at : -1;
  }

  /** How many octets `source[start, end)` stands for; -1: it is malformed. For strings that may be too long to be decoded. */
  measure(source: Uint8Array, start: number, end: number): number {
    const { steps, mayEnd } = (this.table ??= buildDecodingTable());
    let node = 0;
    let seen = 0;
    let octets = 0;
    for (let position = start; position < end; position++) {
      const step = steps[(node << 8) | source[position]!]!;
      node = step & NODE_MASK;
      seen |= step;
      octets += ((step & PASSES_ONE) >> 8) + ((step & PASSES_TWO) >> 9);
    }
    return (seen & PASSES_EOS) === 0 && mayEnd[node] === 1 ? octets : -1;
  }
}

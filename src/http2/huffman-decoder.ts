/**
 * Decoding of the Huffman code (RFC 7541 §5.2).
 *
 * The code's tree is walked an octet at a time: a table has, for each inner node and octet, the node that it leads to and the symbols
 * passed on the way, at most two, as no code is shorter than 5 bits.
 *
 * In:    octets [start, end) of a coded string. Out: the text, and what its octets are wrong in (field-octets.ts).
 * Keeps: n octets become at most `decodedOctetsMax(n)`; decoding checks no bound, the caller has room for as many.
 * Fails: EOS in the string; padding of more than 7 bits, or of other bits than ones (§5.2: a decoding error each).
 * Cost:  decoding is one read per octet from a table of 256 KiB, whose usual part is a few KiB. It is made at first use, in 3 ms
 *        (bench/micro/hpack.bench.ts).
 */
import { FAULTS, Fault } from "./field-octets.ts";
import { BITS_MIN, CODE_LENGTHS, CODES, EOS, SYMBOLS } from "./huffman-code.ts";

/** Most octets that `octets` of a coded string can stand for. */
export function decodedOctetsMax(octets: number): number {
  return Math.floor((octets * 8) / BITS_MIN);
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
const FAULT_BITS = (Fault.InName | Fault.InValue) << FAULT_SHIFT;

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
    for (let bit = CODE_LENGTHS[symbol]! - 1; bit > 0; bit--) {
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
  const steps = doubled(doubled(doubled(Int32Array.from(below, stepOfBit), 1), 2), 4);
  const mayEnd = new Uint8Array(NODES);
  for (let bits = 0, node = 0; bits <= PADDING_BITS_MAX; bits++, node = below[node * 2 + 1]!) mayEnd[node] = 1;
  return { steps, mayEnd };
}

/** The step of one bit to what is below a node. Behind a symbol it is at the root. */
function stepOfBit(below: number): number {
  if (below >= 0) return below;
  const symbol = -1 - below;
  if (symbol === EOS) return PASSES_EOS;
  return PASSES_ONE | (FAULTS[symbol]! << FAULT_SHIFT) | (symbol << FIRST_SHIFT);
}

/** Steps of twice as many bits, from those of `bits` bits by node and bits. */
function doubled(steps: Int32Array, bits: number): Int32Array {
  const twice = new Int32Array(steps.length << bits);
  for (let first = 0; first < steps.length; first++) {
    const step = steps[first]!;
    const next = (step & NODE_MASK) << bits;
    for (let second = 0; second < 1 << bits; second++) {
      twice[(first << bits) | second] = joined(step, steps[next | second]!);
    }
  }
  return twice;
}

/** One step in place of two. */
function joined(step: number, next: number): number {
  if (((step | next) & PASSES_EOS) !== 0) return PASSES_EOS;
  if ((step & PASSES_ONE) === 0) return next;
  if ((next & PASSES_ONE) === 0) return (step & ~NODE_MASK) | (next & NODE_MASK);
  const second = (next >> FIRST_SHIFT) & 0xff;
  return (step & ~NODE_MASK) | (next & (NODE_MASK | FAULT_BITS)) | PASSES_TWO | (second << SECOND_SHIFT);
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
    this.faults = (seen & FAULT_BITS) >> FAULT_SHIFT;
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

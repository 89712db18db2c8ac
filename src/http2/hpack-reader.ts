/**
 * The two forms that a block is made of: integers and strings (RFC 7541 §5).
 *
 * In:    octets of a whole block. Out: numbers; text, put where the caller says.
 * Keeps: reads only [position, end); allocates nothing, but for the table of the Huffman code at its first use. A string that has
 *        no room is read and checked like any other, and not kept.
 * Fails: an integer that is cut short or has more than INTEGER_OCTETS_MAX octets behind its prefix (§5.1 leaves the limit to us: 2^28
 *        is beyond any length or index here); a string that is cut short, or malformed as huffman-decoder.ts says.
 */
import { FAULTS } from "./field-octets.ts";
import { decodedOctetsMax, HuffmanDecoder } from "./huffman-decoder.ts";

const INTEGER_OCTETS_MAX = 4;
const MORE = 0x80;
const IS_HUFFMAN = 0x80;
const LENGTH_PREFIX = 0x7f;
const NO_OCTETS = new Uint8Array(0);

/** What `string` answers in place of the end of the text. */
export enum StringFailure {
  Malformed = -1,
  /** It is well-formed, and longer than there is room for: `textOctets` octets. */
  NoRoom = -2,
}

export class HpackReader {
  /** What is read next. */
  position = 0;
  end = 0;
  /** Flags of `Fault` of the string read last, if it was kept. */
  faults = 0;
  /** Octets of text of the string read last. */
  textOctets = 0;
  private source: Uint8Array = NO_OCTETS;
  private readonly huffman = new HuffmanDecoder();

  /** Begins with `source[start, end)`. */
  begin(source: Uint8Array, start: number, end: number): void {
    this.source = source;
    this.position = start;
    this.end = end;
  }

  /** The octet that is read next. */
  get next(): number {
    return this.source[this.position]!;
  }

  /** The integer in the bits `prefix` of the next octet and those that follow; -1: malformed. There is a next octet. */
  integer(prefix: number): number {
    const { source } = this;
    const first = source[this.position++]! & prefix;
    return first === prefix ? this.longInteger(first) : first;
  }

  private longInteger(prefix: number): number {
    const { end, source } = this;
    let value = prefix;
    for (let count = 0; count < INTEGER_OCTETS_MAX; count++) {
      if (this.position === end) return -1;
      const octet = source[this.position++]!;
      value += (octet & ~MORE) << (7 * count);
      if (octet < MORE) return value;
    }
    return -1;
  }

  /** Reads a string into `target[at, limit)`; returns where its text ends, or a StringFailure. */
  string(target: Uint8Array, at: number, limit: number): number {
    if (this.position === this.end) return StringFailure.Malformed;
    const isHuffman = this.next >= IS_HUFFMAN;
    const octets = this.integer(LENGTH_PREFIX);
    const start = this.position;
    if (octets < 0 || octets > this.end - start) return StringFailure.Malformed;
    this.position = start + octets;
    return isHuffman ? this.coded(start, target, at, limit) : this.plain(start, target, at, limit);
  }

  private plain(start: number, target: Uint8Array, at: number, limit: number): number {
    const { position: end, source } = this;
    this.textOctets = end - start;
    if (at + end - start > limit) return StringFailure.NoRoom;
    let faults = 0;
    for (let position = start; position < end; position++) {
      const octet = source[position]!;
      faults |= FAULTS[octet]!;
      target[at++] = octet;
    }
    this.faults = faults;
    return at;
  }

  private coded(start: number, target: Uint8Array, at: number, limit: number): number {
    const { huffman, position: end, source } = this;
    if (at + decodedOctetsMax(end - start) > limit) {
      const octets = huffman.measure(source, start, end);
      if (octets < 0) return StringFailure.Malformed;
      this.textOctets = octets;
      if (at + octets > limit) return StringFailure.NoRoom;
    }
    const textEnd = huffman.decode(source, start, end, target, at);
    if (textEnd < 0) return StringFailure.Malformed;
    this.textOctets = textEnd - at;
    this.faults = huffman.faults;
    return textEnd;
  }
}

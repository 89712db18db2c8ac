/**
 * Field lines out of the field blocks a server sends (RFC 7541), strictly and without haste.
 *
 * In:    field blocks in the order received; the table size that SETTINGS allow, once they are acknowledged.
 * Out:   field lines in order. Fails: `HpackBreach` for whatever the RFC calls a decoding error.
 */
import { DEFAULT_TABLE_SIZE } from "../protocol.ts";
import { decodeHuffman, HuffmanBreach } from "./huffman.ts";
import { STATIC_TABLE } from "./static-table.ts";

export type FieldLine = readonly [name: string, value: string];

export class HpackBreach extends Error {}

/** What an entry counts for beside its octets (§4.1). */
const ENTRY_OVERHEAD = 32;
const INTEGER_OCTETS_MAX = 6;

export class HpackDecoder {
  /** Newest first. */
  private table: FieldLine[] = [];
  private limit = DEFAULT_TABLE_SIZE;
  private octets: Uint8Array = new Uint8Array(0);
  private offset = 0;
  private maximum = DEFAULT_TABLE_SIZE;
  /** The next block must begin with a table size update (RFC 7541 §4.2, RFC 9113 §4.3.1). */
  private owesUpdate = false;

  setMaximum(octets: number): void {
    this.maximum = octets;
    if (octets < this.limit) this.owesUpdate = true;
  }

  decode(block: Uint8Array): FieldLine[] {
    this.octets = block;
    this.offset = 0;
    if (this.owesUpdate && (block[0]! & 0xe0) !== 0x20)
      throw new HpackBreach("no table size update after its reduction");
    this.owesUpdate = false;
    const lines: FieldLine[] = [];
    while (this.offset < block.length) {
      const first = block[this.offset]!;
      if (first & 0x80) lines.push(this.entry(this.integer(7)));
      else if (first & 0x40) lines.push(this.insert(this.literal(6)));
      else if (first & 0x20) this.updateSize(lines.length);
      else lines.push(this.literal(4));
    }
    return lines;
  }

  private entry(index: number): FieldLine {
    const found = index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.table[index - STATIC_TABLE.length - 1];
    if (!found) throw new HpackBreach(`index ${index} is in neither table`);
    return found;
  }

  private literal(prefixBits: number): FieldLine {
    const index = this.integer(prefixBits);
    const name = index === 0 ? this.string() : this.entry(index)[0];
    return [name, this.string()];
  }

  private insert(line: FieldLine): FieldLine {
    this.table.unshift(line);
    this.evict();
    return line;
  }

  private updateSize(linesBefore: number): void {
    const size = this.integer(5);
    if (linesBefore > 0) throw new HpackBreach("a table size update after a field line");
    if (size > this.maximum) throw new HpackBreach(`a table size of ${size}, above ${this.maximum}`);
    this.limit = size;
    this.evict();
  }

  private evict(): void {
    let size = 0;
    const kept = this.table.findIndex(([name, value]) => {
      size += name.length + value.length + ENTRY_OVERHEAD;
      return size > this.limit;
    });
    if (kept >= 0) this.table = this.table.slice(0, kept);
  }

  private string(): string {
    const isHuffman = (this.next(0) & 0x80) !== 0;
    const length = this.integer(7);
    const end = this.offset + length;
    if (end > this.octets.length) throw new HpackBreach("a string that goes beyond the block");
    const octets = this.octets.subarray(this.offset, end);
    this.offset = end;
    if (!isHuffman) return Buffer.from(octets).toString("latin1");
    try {
      return decodeHuffman(octets);
    } catch (problem) {
      throw problem instanceof HuffmanBreach ? new HpackBreach(problem.message) : problem;
    }
  }

  private integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.next(1) & most;
    if (value < most) return value;
    for (let count = 0, scale = 1; count < INTEGER_OCTETS_MAX; count++, scale *= 128) {
      const octet = this.next(1);
      value += (octet & 0x7f) * scale;
      if ((octet & 0x80) === 0) return value;
    }
    throw new HpackBreach("an integer of too many octets");
  }

  /** The octet at the offset, which moves on by `step`. */
  private next(step: number): number {
    if (this.offset >= this.octets.length) throw new HpackBreach("a block that ends within a field line");
    const octet = this.octets[this.offset]!;
    this.offset += step;
    return octet;
  }
}

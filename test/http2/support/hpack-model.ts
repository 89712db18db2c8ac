/**
 * An HPACK decoder that is slow and obvious: arrays, strings, bits as text. It is the definition that the real one is held against in
 * property tests. Of the real one it has the table of 4096 octets, the limits of the list, and integers of four octets.
 */
import { encodeHuffman } from "./coded-text.ts";
import { STATIC_COUNT, STATIC_ENTRIES, STATIC_TEXT } from "../../../src/http2/static-table.ts";
import { textOf } from "../../../src/http/octets.ts";
import type { TextField } from "./decoding.ts";

const TABLE_OCTETS_MAX = 4096;
/** A list so many times the limit isn't decoded to its end. */
const LIST_EXCESS = 4;

const STATIC: readonly TextField[] = Array.from({ length: STATIC_COUNT }, (_, position) => {
  const [start, middle, end] = STATIC_ENTRIES.subarray((position + 1) * 4);
  return [textOf(STATIC_TEXT, start!, middle!), textOf(STATIC_TEXT, middle!, end!)];
});

/** Bits of each octet's code: eight times the same octet fill as many octets as the code has bits. */
const SYMBOL_OF_CODE = new Map(
  Array.from({ length: 256 }, (_, octet) => {
    const coded = encodeHuffman(new Uint8Array(8).fill(octet));
    return [bitsOf(coded).slice(0, coded.length), octet] as const;
  }),
);

function bitsOf(octets: Iterable<number>): string {
  return Array.from(octets, (octet) => octet.toString(2).padStart(8, "0")).join("");
}

class CompressionError extends Error {}

/** The text of a coded string; null: it is malformed. */
export function modelHuffman(octets: Iterable<number>): string | null {
  let text = "";
  let code = "";
  for (const bit of bitsOf(octets)) {
    code += bit;
    const symbol = SYMBOL_OF_CODE.get(code);
    if (symbol === undefined) continue;
    text += String.fromCharCode(symbol);
    code = "";
  }
  return /^1{0,7}$/.test(code) ? text : null;
}

const sizeOf = ([name, value]: TextField) => name.length + value.length + 32;
const sizeOfAll = (fields: readonly TextField[]) => fields.reduce((sum, field) => sum + sizeOf(field), 0);

export type ModelOutcome = "Done" | "TooLarge" | "Excessive" | "Malformed";

export class HpackModel {
  /** Newest entry first. */
  table: TextField[] = [];
  /** Of the block decoded last, as many as the list has room for. */
  fields: TextField[] = [];
  private sizeMax = TABLE_OCTETS_MAX;
  private rest: number[] = [];

  constructor(private readonly listOctetsMax: number) {}

  get tableSize(): number {
    return sizeOfAll(this.table);
  }

  decode(block: Iterable<number>): ModelOutcome {
    this.rest = [...block];
    const all: TextField[] = [];
    try {
      while (this.rest.length > 0) {
        const field = this.next(all.length === 0);
        if (field !== null) all.push(field);
        if (sizeOfAll(all) > LIST_EXCESS * this.listOctetsMax) return "Excessive";
      }
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      return "Malformed";
    }
    this.fields = [];
    for (const field of all) {
      if (sizeOfAll(this.fields) + sizeOf(field) > this.listOctetsMax) return "TooLarge";
      this.fields.push(field);
    }
    return "Done";
  }

  private next(isFirst: boolean): TextField | null {
    const first = this.rest[0]!;
    if (first >= 0x80) return this.entry(this.integer(7));
    if (first >= 0x40) {
      const field = this.literal(6);
      this.table.unshift(field);
      this.evict();
      return field;
    }
    if (first < 0x20) return this.literal(4);
    const size = this.integer(5);
    if (!isFirst || size > TABLE_OCTETS_MAX) throw new CompressionError();
    this.sizeMax = size;
    this.evict();
    return null;
  }

  private literal(prefixBits: number): TextField {
    const index = this.integer(prefixBits);
    const name = index === 0 ? this.string() : this.entry(index)[0];
    return [name, this.string()];
  }

  private evict(): void {
    while (this.tableSize > this.sizeMax) this.table.pop();
  }

  private entry(index: number): TextField {
    const field = index === 0 ? undefined : [...STATIC, ...this.table][index - 1];
    if (field === undefined) throw new CompressionError();
    return field;
  }

  private integer(prefixBits: number): number {
    const full = 2 ** prefixBits - 1;
    let value = this.octet() % (full + 1);
    if (value < full) return value;
    for (let count = 0; count < 4; count++) {
      const octet = this.octet();
      value += (octet % 128) * 128 ** count;
      if (octet < 128) return value;
    }
    throw new CompressionError();
  }

  private string(): string {
    if (this.rest.length === 0) throw new CompressionError();
    const isHuffman = this.rest[0]! >= 128;
    const length = this.integer(7);
    if (length > this.rest.length) throw new CompressionError();
    const octets = this.rest.splice(0, length);
    const text = isHuffman ? modelHuffman(octets) : String.fromCharCode(...octets);
    if (text === null) throw new CompressionError();
    return text;
  }

  private octet(): number {
    const octet = this.rest.shift();
    if (octet === undefined) throw new CompressionError();
    return octet;
  }
}

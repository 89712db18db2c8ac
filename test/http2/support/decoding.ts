/** Blocks of octets, and what the decoder makes of them, as text. */
import { textOf } from "../../../src/http/octets.ts";
import { FIELD_NUMBERS, FieldStore } from "../../../src/http2/field-store.ts";
import { HpackDecoder, HpackOutcome } from "../../../src/http2/hpack-decoder.ts";
import { STATIC_COUNT } from "../../../src/http2/static-table.ts";

export type TextField = readonly [name: string, value: string];

export const LIST_OCTETS_MAX = 4096;

/** The octets of a block, given in hexadecimal. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replace(/\s+/g, ""), "hex");
}

/** The fields that a store has now. */
export function fieldsOf({ bytes, fieldCount, fields }: FieldStore): TextField[] {
  return Array.from({ length: fieldCount }, (_, index) => {
    const at = index * FIELD_NUMBERS;
    const textAt = (from: number) => textOf(bytes, fields[at + from]!, fields[at + from + 1]!);
    return [textAt(0), textAt(2)];
  });
}

/** A decoder with a store of its own, or of several decoders. */
export class Decoding {
  readonly decoder: HpackDecoder;

  constructor(readonly store: FieldStore = new FieldStore(LIST_OCTETS_MAX)) {
    this.decoder = new HpackDecoder(store);
  }

  /** Decodes a block out of a larger buffer. */
  outcome(block: Uint8Array): HpackOutcome {
    const source = Buffer.concat([Buffer.from([0xbe]), block, Buffer.from([0x82])]);
    return this.decoder.decode(source, 1, 1 + block.length);
  }

  /** The fields of a block; or what became of it instead. */
  fields(block: Uint8Array): TextField[] | string {
    const outcome = this.outcome(block);
    return outcome === HpackOutcome.Done ? fieldsOf(this.store) : HpackOutcome[outcome];
  }

  /** The dynamic table, newest entry first. */
  get table(): TextField[] {
    const entries: TextField[] = [];
    for (let index = STATIC_COUNT + 1; ; index++) {
      const block = index < 127 ? [0x80 | index] : [0xff, ...integerRest(index - 127)];
      if (this.outcome(Uint8Array.from(block)) !== HpackOutcome.Done) return entries;
      entries.push(...fieldsOf(this.store));
    }
  }

  get tableSize(): number {
    return this.decoder.tableSize;
  }
}

/** What follows a prefix that is full (RFC 7541 §5.1). */
export function integerRest(value: number): number[] {
  return value < 0x80 ? [value] : [0x80 | (value & 0x7f), ...integerRest(Math.floor(value / 0x80))];
}

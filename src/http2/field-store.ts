/**
 * The fields of the block decoded last, and the octets that they refer to. One store serves all connections of a worker.
 *
 *     bytes = static table / text of a dynamic table / literals of the block
 *
 * A field is FIELD_NUMBERS numbers, whatever its length: where its name starts and ends, where its value starts and ends, its kind
 * (field-kind.ts). So a field that is repeated by an index costs those numbers, and its octets are never copied.
 *
 * Units: octets; offsets into `bytes`, in pairs [start, end).
 * Keeps: what a block decodes to is bounded, whatever its octets: each field counts its name, its value and FIELD_OVERHEAD
 *        (RFC 9113 §10.5.1: what an index refers to, too), and what goes beyond `listOctetsMax` is not stored. Everything is valid until
 *        the next block is decoded, of whatever connection: who needs it longer copies it (copy-request.ts).
 */
import { Pseudo } from "./field-kind.ts";
import { HpackReader } from "./hpack-reader.ts";
import { ENTRY_NUMBERS, STATIC_TEXT } from "./static-table.ts";

/** Name start, name end, value start, value end, kind. */
export const FIELD_NUMBERS = 5;

/** What a field counts beyond its octets, in a list (RFC 9113 §6.5.2) and in a table (RFC 7541 §4.1). */
export const FIELD_OVERHEAD = 32;

/** SETTINGS_HEADER_TABLE_SIZE: the value that holds until another is sent, which saker never does (RFC 9113 §6.5.2). */
export const TABLE_OCTETS_MAX = 4096;

/** A list this many times its limit is no mistake of somebody who has too many cookies: what it holds isn't looked at any more. */
export const LIST_EXCESS = 4;

/** Text of a table that isn't used any more may lie before what is, up to here; then it is moved. */
export const TABLE_TEXT_TIDY = 2 * TABLE_OCTETS_MAX;

export class FieldStore {
  readonly bytes: Buffer;
  /** Reads blocks; its table of the Huffman code is made once for all. */
  readonly reader: HpackReader = new HpackReader();
  /** FIELD_NUMBERS for each field. */
  readonly fields: Int32Array;
  /** The most fields a block can have. A head that takes them has room for as many lines. */
  readonly fieldCountMax: number;
  /** The fields of the block are `fields[0, fieldsEnd)`. */
  fieldsEnd = 0;
  /** By `Pseudo`, once the block's fields are taken: where the pseudo-field's numbers are in `fields`; -1: it is not there. */
  readonly pseudoFields = new Int32Array(Pseudo.count);
  /** The kinds of all fields, ORed. */
  kinds = 0;
  /** Size of the list so far, those fields included that went beyond the limit. */
  listOctets = 0;
  /** Of a value that alone went beyond the limit: the field's kind (-1: there is none), and how long it is. */
  oversizedKind = -1;
  oversizedOctets = 0;

  /** Where the next literal goes that enters no table. */
  literalsEnd: number;
  /** The room of a dynamic table's text, and whose it is now. */
  readonly tableStart: number = STATIC_TEXT.length;
  readonly tableEnd: number;
  tableOwner: object | null = null;

  /** `listOctetsMax`: SETTINGS_MAX_HEADER_LIST_SIZE, for which saker has `head_octets_max`. */
  constructor(readonly listOctetsMax: number) {
    // What a block adds to a table, the last literal in full although it goes beyond the limit.
    this.tableEnd = this.tableStart + TABLE_TEXT_TIDY + listOctetsMax + TABLE_OCTETS_MAX;
    this.literalsEnd = this.tableEnd;
    this.bytes = Buffer.from(new ArrayBuffer(this.tableEnd + listOctetsMax));
    this.bytes.set(STATIC_TEXT);
    this.fieldCountMax = Math.floor(listOctetsMax / FIELD_OVERHEAD);
    this.fields = new Int32Array(this.fieldCountMax * FIELD_NUMBERS);
  }

  /** A block begins. */
  begin(): void {
    this.fieldsEnd = 0;
    this.kinds = 0;
    this.listOctets = 0;
    this.oversizedKind = -1;
    this.literalsEnd = this.tableEnd;
  }

  get fieldCount(): number {
    return this.fieldsEnd / FIELD_NUMBERS;
  }

  get isTooLarge(): boolean {
    return this.listOctets > this.listOctetsMax;
  }

  /** Whether the list is so much too large that the rest of its block doesn't matter. */
  get isExcessive(): boolean {
    return this.listOctets > this.listOctetsMax * LIST_EXCESS;
  }

  /** Octets of name and value that the list still takes. */
  get room(): number {
    return Math.max(0, this.listOctetsMax - this.listOctets - FIELD_OVERHEAD);
  }

  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, kind: number): void {
    this.listOctets += nameEnd - nameStart + valueEnd - valueStart + FIELD_OVERHEAD;
    if (this.listOctets > this.listOctetsMax) return;
    const { fields } = this;
    const at = this.fieldsEnd;
    this.fieldsEnd = at + FIELD_NUMBERS;
    fields[at] = nameStart;
    fields[at + 1] = nameEnd;
    fields[at + 2] = valueStart;
    fields[at + 3] = valueEnd;
    fields[at + 4] = kind;
    this.kinds |= kind;
  }

  /** The field of a table's entry at `entries[from]`. */
  addEntry(entries: Int32Array, from: number): void {
    const valueStart = entries[from + 1]!;
    this.add(entries[from]!, valueStart, valueStart, entries[from + 2]!, entries[from + 3]!);
  }

  /** A field whose value has no room: nothing of it is here. */
  addOversized(nameOctets: number, valueOctets: number, kind: number): void {
    if (!this.isTooLarge) {
      this.oversizedKind = kind;
      this.oversizedOctets = valueOctets;
    }
    this.listOctets += nameOctets + valueOctets + FIELD_OVERHEAD;
  }

  /** The octets of fields beyond the limit are needed elsewhere: those before it are forgotten as well. */
  forgetFields(): void {
    this.fieldsEnd = 0;
  }
}

if (ENTRY_NUMBERS !== FIELD_NUMBERS - 1) throw new Error("an entry is a field whose name ends where its value starts");

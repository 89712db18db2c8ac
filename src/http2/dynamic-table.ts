/**
 * The dynamic table of one connection (RFC 7541 §2.3.2, §4): entries, newest first, their text in the store.
 *
 * The store has room for the text of one table: that of the connection whose block was decoded last. Each table keeps a copy of its
 * own, from which `enter` brings it back where another table's text lies in the store meanwhile: one copy of as many octets as
 * the entries have, at most 4 KiB, once for all blocks that come in a row. So a connection that doesn't index costs nothing, an idle
 * one what its entries take, and all offsets of a request are into one buffer.
 *
 * Units: octets; an entry's size is its name, its value and 32 (§4.1).
 * Keeps: `size` ≤ `sizeMax` ≤ TABLE_OCTETS_MAX. Text is only appended while a block is decoded, so what its fields refer to stays
 *        although the entry is evicted.
 * Memory: at most 4 KiB of text and 2 KiB of entries (128 of them), in steps as they are needed: 10 000 connections can't make it
 *        more than 60 MiB. Resident memory grows by 1.2 KiB with the table of a browser (14 entries), by 4.7 KiB with one of 128
 *        entries (10 000 tables, two-core VM). `release` gives everything back.
 */
import { type FieldStore, FIELD_OVERHEAD, TABLE_OCTETS_MAX, TABLE_TEXT_TIDY } from "./field-store.ts";
import { ENTRY_NUMBERS } from "./static-table.ts";

const ENTRIES_MIN = 16;
const TEXT_OCTETS_MIN = 256;

const NO_ENTRIES = new Int32Array(0);
const NO_TEXT = Buffer.alloc(0);

/** Where the text was before it was moved isn't its place any more. */
const NOWHERE = -1;

export class DynamicTable {
  /** A ring of entries, ENTRY_NUMBERS each: a power of two of them, or none. */
  entries: Int32Array = NO_ENTRIES;
  /** How many entries there are. */
  count = 0;
  size = 0;
  sizeMax: number = TABLE_OCTETS_MAX;
  /** Where the text of the next entry goes, in the store. */
  textEnd: number;
  /** The place of the newest entry in the ring. */
  newest = 0;
  /** A copy of the text that begins at `keptStart` in the store, `keptEnd - keptStart` octets of it. */
  private kept: Buffer = NO_TEXT;
  private keptStart: number;
  private keptEnd: number;
  private hasChanged = false;

  constructor(private readonly store: FieldStore) {
    this.textEnd = this.keptStart = this.keptEnd = store.tableStart;
  }

  /** Memory that is this table's own. */
  get octetsHeld(): number {
    return this.entries.byteLength + this.kept.length;
  }

  /** A block begins: the text is in its place. */
  enter(): void {
    const { store } = this;
    if (this.count === 0) this.textEnd = store.tableStart;
    else if (store.tableOwner !== this) this.kept.copy(store.bytes, this.keptStart, 0, this.keptEnd - this.keptStart);
    store.tableOwner = this;
    if (this.textEnd - store.tableStart > TABLE_TEXT_TIDY) this.tidy();
  }

  /** A block has been decoded: what it added is kept. */
  leave(): void {
    if (this.hasChanged) this.keep();
  }

  /** Where the entry is that was inserted `age` entries before the newest; `age` is below `count`. */
  at(age: number): number {
    return placeOf(this.entries, this.newest, age);
  }

  /** Inserts the field whose name starts at `start` and whose value ends at `end`, the new `textEnd` (§4.4). */
  insert(start: number, valueStart: number, end: number, kind: number): void {
    this.textEnd = end;
    this.hasChanged = true;
    const size = end - start + FIELD_OVERHEAD;
    this.evict(this.sizeMax - size);
    if (size > this.sizeMax) return;
    if (this.count * ENTRY_NUMBERS === this.entries.length) this.grow();
    const { entries } = this;
    this.newest = (this.newest + 1) & (entries.length / ENTRY_NUMBERS - 1);
    const at = this.at(0);
    entries[at] = start;
    entries[at + 1] = valueStart;
    entries[at + 2] = end;
    entries[at + 3] = kind;
    this.count++;
    this.size += size;
  }

  /** An entry larger than any table leaves an empty one (§4.4). */
  clear(): void {
    this.hasChanged = true;
    this.evict(0);
  }

  /** Another maximum, at most TABLE_OCTETS_MAX (§4.3). */
  resize(sizeMax: number): void {
    this.sizeMax = sizeMax;
    this.hasChanged = true;
    this.evict(sizeMax);
  }

  /** Makes room for the text of any entry, at the expense of what the block's fields refer to. */
  makeRoom(): void {
    if (this.textEnd + TABLE_OCTETS_MAX <= this.store.tableEnd) return;
    this.tidy();
    this.store.forgetFields();
  }

  /** The connection has ended, or another one begins. */
  release(): void {
    const { store } = this;
    if (store.tableOwner === this) store.tableOwner = null;
    this.empty();
    this.sizeMax = TABLE_OCTETS_MAX;
    this.hasChanged = false;
  }

  /** Evicts the oldest entries until the rest has no more than `octets`. */
  private evict(octets: number): void {
    while (this.size > octets && this.count > 0) {
      const oldest = this.at(this.count - 1);
      this.size -= this.entries[oldest + 2]! - this.entries[oldest]! + FIELD_OVERHEAD;
      this.count--;
    }
  }

  private grow(): void {
    const { count, entries } = this;
    const grown = new Int32Array(Math.max(ENTRIES_MIN * ENTRY_NUMBERS, entries.length * 2));
    for (let age = 0; age < count; age++) {
      const from = this.at(age);
      grown.set(entries.subarray(from, from + ENTRY_NUMBERS), (count - 1 - age) * ENTRY_NUMBERS);
    }
    this.entries = grown;
    this.newest = count - 1;
  }

  /** Moves the text to the beginning of its room. */
  private tidy(): void {
    const { count, entries, store } = this;
    this.hasChanged = true;
    this.keptStart = NOWHERE;
    if (count === 0) {
      this.textEnd = store.tableStart;
      return;
    }
    const start = entries[this.at(count - 1)]!;
    const shift = start - store.tableStart;
    store.bytes.copyWithin(store.tableStart, start, this.textEnd);
    this.textEnd -= shift;
    for (let age = 0; age < count; age++) {
      const at = this.at(age);
      entries[at]! -= shift;
      entries[at + 1]! -= shift;
      entries[at + 2]! -= shift;
    }
  }

  /** Copies what is new of the text; or all that is used, where there is no room for that behind what was kept. */
  private keep(): void {
    const { store } = this;
    this.hasChanged = false;
    if (this.count === 0) return this.empty();
    if (this.keptStart === NOWHERE || this.textEnd - this.keptStart > this.kept.length) {
      this.keptStart = this.keptEnd = this.entries[this.at(this.count - 1)]!;
      const needed = this.textEnd - this.keptStart;
      if (needed > this.kept.length) this.kept = Buffer.allocUnsafeSlow(roomFor(needed));
    }
    store.bytes.copy(this.kept, this.keptEnd - this.keptStart, this.keptEnd, this.textEnd);
    this.keptEnd = this.textEnd;
  }

  private empty(): void {
    this.entries = NO_ENTRIES;
    this.kept = NO_TEXT;
    this.count = 0;
    this.size = 0;
    this.newest = 0;
    this.textEnd = this.keptStart = this.keptEnd = this.store.tableStart;
  }
}

/** Where in a ring the entry is that was inserted `age` entries before the one in place `newest`. */
export function placeOf(entries: Int32Array, newest: number, age: number): number {
  return ((newest - age) * ENTRY_NUMBERS) & (entries.length - 1);
}

/** Powers of two, so that a table that grows is copied a few times at most. */
function roomFor(octets: number): number {
  let room = TEXT_OCTETS_MIN;
  while (room < octets) room *= 2;
  return room;
}

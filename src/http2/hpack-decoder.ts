/**
 * HPACK decoding: from the octets of a block to the fields of a store (RFC 7541 §6).
 *
 *     block = *( size update ) *( indexed field / literal field )
 *
 * In:    a whole block (HEADERS and its CONTINUATIONs, joined): octets [start, end) of `source`. One decoder per connection.
 * Out:   the fields in the store, until the next block of any connection; an HpackOutcome.
 * Keeps: never throws, whatever the octets. Work is linear in the octets of the block and of the fields, and a field beyond the limit of
 *        the list costs no more than its octets here. TooLarge leaves the table as it must be: decoding went on. A list that is
 *        LIST_EXCESS times the limit isn't decoded to its end. What a name or a value may be is no matter of HPACK (field-kind.ts).
 * Fails: index 0 or beyond the tables (§2.3.3), an integer or string that is malformed (hpack-reader.ts), a size update behind a
 *        field or above TABLE_OCTETS_MAX (§4.2, §6.3): the connection can't go on (COMPRESSION_ERROR, RFC 9113 §4.3).
 * The maximum we advertise is the initial one and never becomes less, so no size update is ever owed to us (§4.2).
 */
import { Field } from "../http/field.ts";
import { DynamicTable, placeOf } from "./dynamic-table.ts";
import { kindOfName, kindWithValue } from "./field-kind.ts";
import { FIELD_NUMBERS, FIELD_OVERHEAD, type FieldStore, LIST_EXCESS, TABLE_OCTETS_MAX } from "./field-store.ts";
import { StringFailure } from "./hpack-reader.ts";
import { ENTRY_NUMBERS, STATIC_COUNT, STATIC_ENTRIES } from "./static-table.ts";

export enum HpackOutcome {
  Done,
  /** The list is larger than the limit: the request gets 431 (RFC 6585 §5). The store has the fields up to it. */
  TooLarge,
  /** It is so much larger that decoding wasn't gone on with, and the table isn't as it must be: the connection can't go on. */
  Excessive,
  /** COMPRESSION_ERROR. */
  Malformed,
}

/** First octets of the representations (§6), and the bits that are theirs to use. */
const INDEXED = 0x80;
const INDEXED_PREFIX = 0x7f;
const WITH_INDEXING = 0x40;
const WITH_INDEXING_PREFIX = 0x3f;
const SIZE_UPDATE = 0x20;
const SIZE_UPDATE_PREFIX = 0x1f;
/** Without indexing, and never indexed: the difference is for intermediaries. */
const OTHER_PREFIX = 0x0f;

export class HpackDecoder {
  private readonly table: DynamicTable;

  constructor(private readonly store: FieldStore) {
    this.table = new DynamicTable(store);
  }

  /** Decodes the block `source[start, end)`. After Malformed the table is not what the peer thinks it is: there must be no other. */
  decode(source: Uint8Array, start: number, end: number): HpackOutcome {
    const { store, table } = this;
    store.begin();
    table.enter();
    store.reader.begin(source, start, end);
    // What begins otherwise, as nearly all blocks do, has no size update (§4.2).
    const isValid = (source[start]! < WITH_INDEXING ? this.sizeUpdates(end) : true) && this.fields(source, end);
    table.leave();
    if (!isValid) return HpackOutcome.Malformed;
    if (store.isExcessive) return HpackOutcome.Excessive;
    return store.isTooLarge ? HpackOutcome.TooLarge : HpackOutcome.Done;
  }

  /** The connection has ended: its table is given back. Afterwards the decoder is as new. */
  release(): void {
    this.table.release();
  }

  /** Octets of the dynamic table, as RFC 7541 §4.1 counts them. */
  get tableSize(): number {
    return this.table.size;
  }

  /** What a block may begin with (§4.2, §6.3); as little as nothing. */
  private sizeUpdates(end: number): boolean {
    const { reader } = this.store;
    while (reader.position < end && reader.next >= SIZE_UPDATE && reader.next < WITH_INDEXING) {
      const size = reader.integer(SIZE_UPDATE_PREFIX);
      if (size < 0 || size > TABLE_OCTETS_MAX) return false;
      this.table.resize(size);
    }
    return true;
  }

  private fields(source: Uint8Array, end: number): boolean {
    const { reader } = this.store;
    while (this.readIndexed(source, end) < end) {
      if (this.store.isExcessive) return true;
      const octet = reader.next;
      let isValid: boolean;
      if (octet >= INDEXED) isValid = this.indexed();
      else if (octet >= WITH_INDEXING) isValid = this.indexedLiteral();
      else isValid = octet < SIZE_UPDATE && this.literal();
      if (!isValid) return false;
    }
    return true;
  }

  /**
   * Reads indexed fields (§6.1) as long as each is one octet and there is such an entry, which is most of any request; returns
   * where it stopped. `indexed` is the definition; this is it without a call per field.
   */
  private readIndexed(source: Uint8Array, end: number): number {
    const { store, table } = this;
    const { fields, listOctetsMax, reader } = store;
    const { count, entries: dynamic, newest } = table;
    let { kinds, listOctets } = store;
    let to = store.fieldsEnd;
    let { position } = reader;
    for (; position < end; position++) {
      const index = source[position]! - INDEXED;
      if (index <= 0 || index === INDEXED_PREFIX) break;
      let entries: Int32Array = STATIC_ENTRIES;
      let at = index * ENTRY_NUMBERS;
      if (index > STATIC_COUNT) {
        const age = index - STATIC_COUNT - 1;
        if (age >= count) break;
        entries = dynamic;
        at = placeOf(dynamic, newest, age);
      }
      const nameStart = entries[at]!;
      const valueStart = entries[at + 1]!;
      const valueEnd = entries[at + 2]!;
      listOctets += valueEnd - nameStart + FIELD_OVERHEAD;
      if (listOctets > listOctetsMax) {
        if (listOctets > listOctetsMax * LIST_EXCESS) break;
        continue;
      }
      const kind = entries[at + 3]!;
      fields[to] = nameStart;
      fields[to + 1] = valueStart;
      fields[to + 2] = valueStart;
      fields[to + 3] = valueEnd;
      fields[to + 4] = kind;
      to += FIELD_NUMBERS;
      kinds |= kind;
    }
    store.kinds = kinds;
    store.listOctets = listOctets;
    store.fieldsEnd = to;
    reader.position = position;
    return position;
  }

  private indexed(): boolean {
    const { store, table } = this;
    const index = store.reader.integer(INDEXED_PREFIX);
    if (index <= 0) return false;
    if (index <= STATIC_COUNT) store.addEntry(STATIC_ENTRIES, index * ENTRY_NUMBERS);
    else if (index - STATIC_COUNT <= table.count) store.addEntry(table.entries, table.at(index - STATIC_COUNT - 1));
    else return false;
    return true;
  }

  /** A literal that enters no table (§6.2.2, §6.2.3). */
  private literal(): boolean {
    const { store } = this;
    const { bytes, reader } = store;
    const index = reader.integer(OTHER_PREFIX);
    if (index < 0) return false;
    const start = store.literalsEnd;
    let limit = start + store.room;
    let nameStart = start;
    let nameEnd = start;
    let valueStart = start;
    let kind: number;
    if (index === 0) {
      nameEnd = reader.string(bytes, start, limit);
      if (nameEnd < 0) return nameEnd === StringFailure.NoRoom && this.skipValue();
      kind = kindOfName(bytes, start, nameEnd, reader.faults);
      valueStart = nameEnd;
    } else {
      const at = this.entryAt(index);
      if (at < 0) return false;
      const entries = this.entriesOf(index);
      nameStart = entries[at]!;
      nameEnd = entries[at + 1]!;
      kind = entries[at + 3]!;
      limit -= nameEnd - nameStart;
    }
    const valueEnd = reader.string(bytes, valueStart, limit);
    if (valueEnd < 0) {
      if (valueEnd === StringFailure.Malformed) return false;
      store.addOversized(nameEnd - nameStart, reader.textOctets, kind);
      return true;
    }
    store.literalsEnd = valueEnd;
    store.add(
      nameStart,
      nameEnd,
      valueStart,
      valueEnd,
      kindWithValue(kind, bytes, valueStart, valueEnd, reader.faults),
    );
    return true;
  }

  /** A literal that enters the dynamic table (§6.2.1), whether or not the list has room for it. */
  private indexedLiteral(): boolean {
    const { store, table } = this;
    const { bytes, reader } = store;
    const index = reader.integer(WITH_INDEXING_PREFIX);
    if (index < 0) return false;
    if (store.isTooLarge) table.makeRoom();
    const start = table.textEnd;
    // What has no room here is larger than any table.
    const limit = start + Math.max(store.room, TABLE_OCTETS_MAX);
    let nameEnd: number;
    let kind: number;
    if (index === 0) {
      nameEnd = reader.string(bytes, start, limit);
      if (nameEnd === StringFailure.Malformed) return false;
      if (nameEnd === StringFailure.NoRoom) {
        table.clear();
        return this.skipValue();
      }
      kind = kindOfName(bytes, start, nameEnd, reader.faults);
    } else {
      const at = this.entryAt(index);
      if (at < 0) return false;
      const entries = this.entriesOf(index);
      nameEnd = copyName(bytes, entries[at]!, entries[at + 1]!, start);
      kind = entries[at + 3]!;
    }
    const valueEnd = reader.string(bytes, nameEnd, limit);
    if (valueEnd < 0) {
      if (valueEnd === StringFailure.Malformed) return false;
      store.addOversized(nameEnd - start, reader.textOctets, kind);
      table.clear();
      return true;
    }
    kind = kindWithValue(kind, bytes, nameEnd, valueEnd, reader.faults);
    store.add(start, nameEnd, nameEnd, valueEnd, kind);
    table.insert(start, nameEnd, valueEnd, kind);
    return true;
  }

  /** Where the entry with this index, above 0, is in `entriesOf(index)`; -1: there is none. */
  private entryAt(index: number): number {
    if (index <= STATIC_COUNT) return index * ENTRY_NUMBERS;
    const { table } = this;
    return index - STATIC_COUNT <= table.count ? table.at(index - STATIC_COUNT - 1) : -1;
  }

  private entriesOf(index: number): Int32Array {
    return index <= STATIC_COUNT ? STATIC_ENTRIES : this.table.entries;
  }

  /** Reads the value behind a name that had no room. */
  private skipValue(): boolean {
    const { store } = this;
    const { bytes, reader } = store;
    const nameOctets = reader.textOctets;
    if (reader.string(bytes, 0, -1) === StringFailure.Malformed) return false;
    store.addOversized(nameOctets, reader.textOctets, Field.count);
    return true;
  }
}

/** Names are shorter, but for those of who wants to see us copy: a literal of two octets may refer to one of 4 KiB. */
const NAME_OCTETS_USUAL = 32;

/** Copies a name in front of its new value: the entry that it comes from may be evicted for it (§4.4). Returns its end. */
function copyName(bytes: Uint8Array, start: number, end: number, to: number): number {
  if (end - start > NAME_OCTETS_USUAL) bytes.copyWithin(to, start, end);
  else for (let offset = 0; offset < end - start; offset++) bytes[to + offset] = bytes[start + offset]!;
  return to + end - start;
}

/**
 * HPACK encoding of responses (RFC 7541 §6): references to the static table and literals without indexing, and nothing else. So a block
 * depends on no table: it is right for every connection at any moment, can be made once, and further literals put behind it.
 *
 * In:    a status and field lines, as http/response-head.ts has them.
 * Out:   octets of a field block. Those of a head are kept with it from first use on.
 * Keeps: names in lower case (RFC 9113 §8.2.1); fields about a connection are left out (§8.2.2); no white space around a value (§8.2.1).
 *        Strings are Huffman-coded where that is shorter; dates are plain, so that they can be overwritten.
 *        Throws on a name or value that could not be sent.
 */
import { putDecimal } from "../http/decimal.ts";
import { HTTP_DATE_OCTETS, formatHttpDate } from "../http/http-date.ts";
import { PartialHead } from "../http/partial-head.ts";
import type { MoreLines } from "../http/reply.ts";
import { checkedName, checkedValue, EncodedHead, type FieldLine, type ResponseHead } from "../http/response-head.ts";
import { codedOctets, putHuffman } from "./huffman-code.ts";
import { staticIndexOf, staticIndexWithValue } from "./static-table.ts";

/** RFC 9113 §8.2.2. */
const ABOUT_CONNECTION = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);

const INDEXED = 0x80;
const INDEXED_PREFIX = 0x7f;
const WITHOUT_INDEXING = 0x00;
const WITHOUT_INDEXING_PREFIX = 0x0f;
const IS_HUFFMAN = 0x80;
const IS_PLAIN = 0x00;
const LENGTH_PREFIX = 0x7f;

const DATE_PLACEHOLDER = formatHttpDate(0);
const STATUS = staticIndexOf(":status");

/** The field block of a head; without what `MoreLines` add to it. */
export function fieldBlockOf(head: ResponseHead): EncodedHead {
  return (head.h2 ??= head instanceof PartialHead ? encodePartialHead(head) : encodeHead(head.status, head.fields));
}

/** What follows the block of a head that has these lines as well. */
export function moreLinesBlockOf(lines: MoreLines): Buffer {
  return (lines.h2 ??= encodeFields(lines.fields));
}

/** Field lines without a status, none of them a date: trailers, or what is put behind a head. */
export function encodeFields(fields: readonly FieldLine[]): Buffer {
  const writer = new BlockWriter(fields);
  for (const [name, value] of fields) writer.field(name, value!);
  return writer.block;
}

/** A head that nothing else shares: an interim response, too. */
export function encodeHead(status: number, fields: readonly FieldLine[]): EncodedHead {
  const writer = new BlockWriter(fields);
  writer.indexedName(STATUS, String(status));
  let dateOffset = -1;
  let expiresOffset = -1;
  let expiresSeconds = 0;
  for (const [name, value, secondsLater] of fields) {
    if (value !== null) {
      writer.field(name, value);
    } else if (secondsLater === undefined) {
      dateOffset = writer.date(name);
    } else {
      expiresOffset = writer.date(name);
      expiresSeconds = secondsLater;
    }
  }
  return headOf(writer.block, dateOffset, expiresOffset, expiresSeconds);
}

function headOf(block: Buffer, dateOffset: number, expiresOffset: number, expiresSeconds: number): EncodedHead {
  return new EncodedHead(block, block.length, block.length, dateOffset, expiresOffset, expiresSeconds);
}

/** Writes fields behind each other. */
class BlockWriter {
  private readonly octets: Buffer;
  private end = 0;

  /** `fields`: those that will be written, besides a status. */
  constructor(fields: readonly FieldLine[]) {
    let octetsMax = FIELD_OCTETS_MAX + 3;
    for (const [name, value] of fields)
      octetsMax += FIELD_OCTETS_MAX + name.length + (value ?? DATE_PLACEHOLDER).length;
    this.octets = Buffer.allocUnsafe(octetsMax);
  }

  /** A copy of what was written, that takes no more than that. */
  get block(): Buffer {
    const block = Buffer.allocUnsafeSlow(this.end);
    this.octets.copy(block, 0, 0, this.end);
    return block;
  }

  field(name: string, value: string): void {
    const lowerCase = checkedName(name).toLowerCase();
    if (ABOUT_CONNECTION.has(lowerCase)) return;
    const text = withoutOws(checkedValue(name, value));
    const index = staticIndexOf(lowerCase);
    if (index > 0) return this.indexedName(index, text);
    this.name(lowerCase);
    this.string(text);
  }

  /** The field whose name entry `index` is the first with. */
  indexedName(index: number, value: string): void {
    const exact = staticIndexWithValue(index, value);
    if (exact > 0) return this.integer(exact, INDEXED_PREFIX, INDEXED);
    this.integer(index, WITHOUT_INDEXING_PREFIX, WITHOUT_INDEXING);
    this.string(value);
  }

  /** A date to be written over; returns its offset. */
  date(name: string): number {
    this.name(checkedName(name).toLowerCase());
    this.integer(HTTP_DATE_OCTETS, LENGTH_PREFIX, IS_PLAIN);
    const offset = this.end;
    this.end += this.octets.write(DATE_PLACEHOLDER, offset, "latin1");
    return offset;
  }

  /** The name of a literal. */
  private name(lowerCase: string): void {
    const index = staticIndexOf(lowerCase);
    this.integer(index, WITHOUT_INDEXING_PREFIX, WITHOUT_INDEXING);
    if (index === 0) this.string(lowerCase);
  }

  private string(text: string): void {
    const coded = codedOctets(text);
    if (coded < text.length) {
      this.integer(coded, LENGTH_PREFIX, IS_HUFFMAN);
      this.end = putHuffman(text, this.octets, this.end);
    } else {
      this.integer(text.length, LENGTH_PREFIX, IS_PLAIN);
      this.end += this.octets.write(text, this.end, "latin1");
    }
  }

  /** RFC 7541 §5.1; `flags` are the bits before the prefix. */
  private integer(value: number, prefix: number, flags: number): void {
    const { octets } = this;
    if (value < prefix) {
      octets[this.end++] = flags | value;
      return;
    }
    octets[this.end++] = flags | prefix;
    let rest = value - prefix;
    for (; rest >= 0x80; rest >>>= 7) octets[this.end++] = (rest & 0x7f) | 0x80;
    octets[this.end++] = rest;
  }
}

/** What a field takes beyond its name and its value: three integers at their longest. */
const FIELD_OCTETS_MAX = 3 * 6;

function withoutOws(value: string): string {
  return /^[ \t]|[ \t]$/.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, "") : value;
}

const CONTENT_RANGE = literalName("content-range");
const CONTENT_LENGTH = literalName("content-length");
const BYTES_UNIT = Buffer.from("bytes ", "latin1");
const MINUS = 0x2d;
const SLASH = 0x2f;

/** Of a partial response beyond what all have: two names, the octets of two lengths, the unit, two marks, four numbers below 2^53. */
const OWN_OCTETS_MAX = CONTENT_RANGE.length + CONTENT_LENGTH.length + 2 + BYTES_UNIT.length + 2 + 4 * 16;

/** How a literal without indexing begins whose name is in the static table. */
function literalName(lowerCase: string): Buffer {
  return Buffer.of(WITHOUT_INDEXING_PREFIX, staticIndexOf(lowerCase) - WITHOUT_INDEXING_PREFIX);
}

/** What all heads of partial responses begin with is encoded once for them; the rest is numbers, short enough for a length of one octet. */
function encodePartialHead({ first, last, shared, status }: PartialHead): EncodedHead {
  const start = (shared.h2 ??= encodeHead(status, shared.fields));
  const octets = Buffer.allocUnsafe(start.end + OWN_OCTETS_MAX);
  let end = start.octets.copy(octets);
  end += CONTENT_RANGE.copy(octets, end);
  const range = end++;
  end += BYTES_UNIT.copy(octets, end);
  end = putDecimal(first, octets, end);
  octets[end++] = MINUS;
  end = putDecimal(last, octets, end);
  octets[end++] = SLASH;
  end = putDecimal(shared.representationOctets, octets, end);
  octets[range] = end - range - 1;
  end += CONTENT_LENGTH.copy(octets, end);
  const length = end++;
  end = putDecimal(last - first + 1, octets, end);
  octets[length] = end - length - 1;
  return new EncodedHead(octets, end, end, start.dateOffset, start.expiresOffset, start.expiresSeconds);
}

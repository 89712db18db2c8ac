/**
 * HPACK encoding of responses (RFC 7541 §6): references to the static table and literals without indexing, and nothing else. So a block
 * depends on no table, and one is right for every connection and every moment; it can be made once, and further literals put behind it.
 *
 * In:    a status and field lines, as http/response-head.ts has them: checked.
 * Out:   octets. Those of a head are kept with it from first use on.
 * Keeps: names in lower case (RFC 9113 §8.2.1); fields about a connection are left out (§8.2.2); no white space around a value (§8.2.1).
 *        Strings are Huffman-coded where that is shorter, except for dates, which are plain so that they can be overwritten.
 *        For set-up: it makes strings.
 */
import { HTTP_DATE_OCTETS, formatHttpDate } from "../http/http-date.ts";
import { octetsOf } from "../http/octets.ts";
import { PartialHead } from "../http/partial-head.ts";
import type { MoreLines } from "../http/reply.ts";
import { EncodedHead, type FieldLine, type ResponseHead } from "../http/response-head.ts";
import { encodeHuffman } from "./huffman.ts";
import { staticIndexOf, staticNameIndexOf } from "./static-table.ts";

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
  const block = new BlockWriter();
  for (const [name, value] of fields) block.field(name, value!);
  return Buffer.from(block.octets);
}

/** A head of its own, that nothing else shares: an interim response, too. */
export function encodeHead(status: number, fields: readonly FieldLine[]): EncodedHead {
  const block = new BlockWriter();
  block.field(":status", String(status));
  let dateOffset = -1;
  let expiresOffset = -1;
  let expiresSeconds = 0;
  for (const [name, value, secondsLater] of fields) {
    if (value !== null) {
      block.field(name, value);
    } else if (secondsLater === undefined) {
      dateOffset = block.date(name);
    } else {
      expiresOffset = block.date(name);
      expiresSeconds = secondsLater;
    }
  }
  const octets = Buffer.from(block.octets);
  return new EncodedHead(octets, octets.length, octets.length, dateOffset, expiresOffset, expiresSeconds);
}

/** What all heads of partial responses begin with is encoded once for them. */
function encodePartialHead(head: PartialHead): EncodedHead {
  const { shared } = head;
  const start = (shared.h2 ??= encodeHead(head.status, shared.fields));
  const own = encodeFields(head.ownFields);
  const octets = Buffer.concat([start.octets, own]);
  const { dateOffset, expiresOffset, expiresSeconds } = start;
  return new EncodedHead(octets, octets.length, octets.length, dateOffset, expiresOffset, expiresSeconds);
}

class BlockWriter {
  readonly octets: number[] = [];

  field(name: string, value: string): void {
    const lowerCase = name.toLowerCase();
    if (ABOUT_CONNECTION.has(lowerCase)) return;
    const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, "");
    const index = staticIndexOf(lowerCase, trimmed);
    if (index > 0) return this.integer(index, INDEXED_PREFIX, INDEXED);
    this.name(lowerCase);
    this.string(trimmed);
  }

  /** A date to be written over; returns its offset. */
  date(name: string): number {
    this.name(name.toLowerCase());
    this.plain(octetsOf(DATE_PLACEHOLDER));
    return this.octets.length - HTTP_DATE_OCTETS;
  }

  private name(lowerCase: string): void {
    const index = staticNameIndexOf(lowerCase);
    this.integer(index, WITHOUT_INDEXING_PREFIX, WITHOUT_INDEXING);
    if (index === 0) this.string(lowerCase);
  }

  private string(text: string): void {
    const plain = octetsOf(text);
    const coded = encodeHuffman(plain);
    if (coded.length >= plain.length) return this.plain(plain);
    this.integer(coded.length, LENGTH_PREFIX, IS_HUFFMAN);
    this.octets.push(...coded);
  }

  private plain(octets: Uint8Array): void {
    this.integer(octets.length, LENGTH_PREFIX, IS_PLAIN);
    this.octets.push(...octets);
  }

  /** RFC 7541 §5.1; `flags` are the bits before the prefix. */
  private integer(value: number, prefix: number, flags: number): void {
    if (value < prefix) {
      this.octets.push(flags | value);
      return;
    }
    this.octets.push(flags | prefix);
    let rest = value - prefix;
    for (; rest >= 0x80; rest >>>= 7) this.octets.push((rest & 0x7f) | 0x80);
    this.octets.push(rest);
  }
}

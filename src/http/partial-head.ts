/**
 * The heads of one representation's 206 responses (RFC 9110 §15.3.7), which differ in their numbers alone: those of
 * Content-Range (§14.4) and Content-Length.
 *
 * In:    the field lines that all of them have; the first and last octet of a range.
 * Out:   a head for each response, which is nobody else's.
 * Units: octets.
 * Keeps: a head costs a copy of what all of them begin with, and the digits of four numbers. Its list of field lines is made when
 *        it is asked for, which HTTP/1.1 doesn't.
 */
import { putDecimal } from "./decimal.ts";
import {
  buildResponseHead,
  EMPTY_LINE_OCTETS,
  EncodedHead,
  type FieldLine,
  type ResponseHead,
} from "./response-head.ts";

export class PartialHeads {
  /** What all heads begin with, up to the value of Content-Range: `[0, startOctets)`. Its date is never set. */
  private readonly start: EncodedHead;
  private readonly startOctets: number;
  /** The same as HTTP/2 says it, without Content-Range: made at first use (http2/hpack-encoder.ts). */
  h2: EncodedHead | null = null;
  /** What stands between the last octet's number and the number of octets. */
  private readonly middle: Buffer;

  /** `fields`: of every head, Content-Range and Content-Length not among them. */
  constructor(
    readonly fields: readonly FieldLine[],
    readonly representationOctets: number,
  ) {
    this.start = buildResponseHead(206, [...fields, ["Content-Range", "bytes "]]).h1;
    this.startOctets = this.start.fieldsEnd - LINE_END_OCTETS;
    this.middle = Buffer.from(`/${representationOctets}\r\nContent-Length: `, "latin1");
  }

  /** The head of the response with the octets from `first` to `last`, both included. */
  of(first: number, last: number): ResponseHead {
    return new PartialHead(this, first, last, this.encode(first, last));
  }

  private encode(first: number, last: number): EncodedHead {
    const { middle, start, startOctets } = this;
    const octets = Buffer.allocUnsafe(startOctets + middle.length + NUMBERS_OCTETS_MAX);
    let end = putDecimal(first, octets, start.octets.copy(octets, 0, 0, startOctets));
    octets[end++] = MINUS;
    end = putDecimal(last, octets, end);
    end += middle.copy(octets, end);
    end = putDecimal(last - first + 1, octets, end);
    end += END_OF_HEAD.copy(octets, end);
    return new EncodedHead(
      octets,
      end,
      end - EMPTY_LINE_OCTETS,
      start.dateOffset,
      start.expiresOffset,
      start.expiresSeconds,
    );
  }
}

export class PartialHead implements ResponseHead {
  readonly status = 206;
  h2: EncodedHead | null = null;

  constructor(
    readonly shared: PartialHeads,
    private readonly first: number,
    private readonly last: number,
    readonly h1: EncodedHead,
  ) {}

  get fields(): readonly FieldLine[] {
    return [...this.shared.fields, ...this.ownFields];
  }

  /** Those that no other range has. */
  get ownFields(): readonly FieldLine[] {
    const { first, last } = this;
    return [
      ["Content-Range", `bytes ${first}-${last}/${this.shared.representationOctets}`],
      ["Content-Length", String(last - first + 1)],
    ];
  }
}

const MINUS = 0x2d;
const LINE_END_OCTETS = 2;
const END_OF_HEAD = Buffer.from("\r\n\r\n", "latin1");

/** Three numbers below 2^53, a minus sign, and the end of the head. */
const NUMBERS_OCTETS_MAX = 3 * 16 + 1 + END_OF_HEAD.length;

/**
 * The heads of one representation's 206 responses (RFC 9110 §15.3.7), which differ in their numbers alone: those of
 * Content-Range (§14.4) and Content-Length.
 *
 * In:    the field lines that all of them have; the first and last octet of a range.
 * Out:   a head for each response, which is nobody else's.
 * Units: octets.
 * Keeps: a head is two numbers, and is written where it is sent from: a copy of what all of them begin with, dates included, and the
 *        digits of three numbers. Octets of its own, or a list of field lines, are made for those who ask for them.
 */
import { putDecimal } from "./decimal.ts";
import { buildResponseHead, EncodedHead, type FieldLine, type ResponseHead } from "./response-head.ts";

export class PartialHeads {
  /** What all heads begin with, up to the value of Content-Range: `[0, startOctets)`. */
  readonly start: EncodedHead;
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
    this.startOctets = this.start.fieldsEnd - LINE_END.length;
    this.middle = Buffer.from(`/${representationOctets}\r\nContent-Length: `, "latin1");
  }

  /** The head of the response with the octets from `first` to `last`, both included. */
  of(first: number, last: number): ResponseHead {
    return new PartialHead(this, first, last);
  }

  get octetsMax(): number {
    return this.startOctets + this.middle.length + NUMBERS_OCTETS_MAX;
  }

  /** Puts the head of a range at the start of `octets`, but for the empty line; returns where it ends. */
  put(first: number, last: number, octets: Buffer): number {
    const { middle, start, startOctets } = this;
    let end = putDecimal(first, octets, start.octets.copy(octets, 0, 0, startOctets));
    octets[end++] = MINUS;
    end = putDecimal(last, octets, end);
    end += middle.copy(octets, end);
    end = putDecimal(last - first + 1, octets, end);
    return end + LINE_END.copy(octets, end);
  }

  /** The same as octets of its own. */
  encode(first: number, last: number): EncodedHead {
    const { dateOffset, expiresOffset, expiresSeconds } = this.start;
    const octets = Buffer.allocUnsafe(this.octetsMax);
    const fieldsEnd = this.put(first, last, octets);
    const end = fieldsEnd + LINE_END.copy(octets, fieldsEnd);
    return new EncodedHead(octets, end, fieldsEnd, dateOffset, expiresOffset, expiresSeconds);
  }
}

export class PartialHead implements ResponseHead {
  readonly status = 206;
  h2: EncodedHead | null = null;
  private encoded: EncodedHead | null = null;

  constructor(
    readonly shared: PartialHeads,
    readonly first: number,
    readonly last: number,
  ) {}

  get isShared(): boolean {
    return false;
  }

  get h1(): EncodedHead {
    return (this.encoded ??= this.shared.encode(this.first, this.last));
  }

  get dated(): EncodedHead {
    return this.shared.start;
  }

  get fieldsOctetsMax(): number {
    return this.shared.octetsMax;
  }

  put(target: Buffer): number {
    return this.shared.put(this.first, this.last, target);
  }

  get fields(): readonly FieldLine[] {
    const { first, last } = this;
    const { fields, representationOctets } = this.shared;
    return [
      ...fields,
      ["Content-Range", `bytes ${first}-${last}/${representationOctets}`],
      ["Content-Length", String(last - first + 1)],
    ];
  }
}

const MINUS = 0x2d;
const LINE_END = Buffer.from("\r\n", "latin1");

/** Three numbers below 2^53, a minus sign, the end of the line and the empty line. */
const NUMBERS_OCTETS_MAX = 3 * 16 + 1 + 2 * LINE_END.length;

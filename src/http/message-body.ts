/**
 * Where the message body of a request ends, whatever pieces it comes in (RFC 9112 §6, §7.1).
 *
 * In:    the framing the head told, then the octets that follow it, in order, each once.
 * Out:   `consume` returns the offset after the last octet that belongs to the body; `done` and `error` say whether
 *        that was the end. After an error the offset is that of the octet at fault, and nothing more is consumed.
 * Units: octets.
 * Keeps: allocates nothing; every state is resumable at every octet; the content itself is not kept. Content, chunk
 *        extensions and trailer section are bounded: by `contentOctetsMax`, a constant, and the limits of a head.
 * Fails: 413 as soon as a chunk-size goes beyond what is left of `contentOctetsMax`; 431 for a trailer section beyond
 *        the limits of a head; 400 for the rest.
 *
 * Chunk extensions and trailer fields are checked and ignored (RFC 9112 §7.1.1, §7.1.2; chunk-extension.ts).
 */

import { stepChunkExtension } from "./chunk-extension.ts";
import { ChunkState } from "./chunk-state.ts";
import { Framing } from "./request-head.ts";
import { CHUNK_EXTENSION_OCTETS_MAX, CHUNK_SIZE_DIGITS_MAX, type Limits } from "./limits.ts";
import { FIELD_VALUE, HEX, HEX_NONE, Octet, OWS, TCHAR } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import type { FieldLine } from "./response-head.ts";

const NO_LIMITS: Limits = { headOctetsMax: 0, targetOctetsMax: 0, fieldCountMax: 0, contentOctetsMax: 0 };

/** Takes content as it is found in a body. */
export interface ContentTaker {
  /** Takes `bytes[start, end)`, lent for the time of the call. False: no more for now. */
  take(bytes: Uint8Array, start: number, end: number): boolean;
}

export class MessageBody {
  /** Who takes the content; null: it is dropped. */
  taker: ContentTaker | null = null;
  /** The taker wants no more for now: `consume` stops behind what it took. */
  isHeld = false;
  /** The body is whole. */
  done = true;
  /** What was wrong with it, if anything. */
  error: ParseCode = ParseCode.None;
  /** Octets of content consumed so far, chunked framing excluded. */
  contentOctets = 0;

  state: ChunkState = ChunkState.Done;
  private framing: Framing = Framing.None;
  private limits: Limits = NO_LIMITS;
  /** Octets left of the content, or of this chunk. */
  private remaining = 0;
  private sizeDigits = 0;
  private extensionOctets = 0;
  private trailerOctets = 0;
  private trailerCount = 0;
  /** The trailer section, where somebody takes the content. */
  private trailerSection = "";

  /** Expects the body that a head with this framing announces; `contentOctets` is what its Content-Length says. */
  reset(framing: Framing, contentOctets: number, limits: Limits): void {
    this.framing = framing;
    this.limits = limits;
    this.taker = null;
    this.isHeld = false;
    this.trailerSection = "";
    this.done = framing === Framing.None || (framing === Framing.Length && contentOctets === 0);
    this.error = ParseCode.None;
    this.contentOctets = 0;
    this.state = framing === Framing.Chunked ? ChunkState.Size : ChunkState.Data;
    this.remaining = framing === Framing.Length ? contentOctets : 0;
    this.sizeDigits = 0;
    this.extensionOctets = 0;
    this.trailerOctets = 0;
    this.trailerCount = 0;
  }

  /** Consumes what belongs to the body of octets [start, end), and returns the offset after it. */
  consume(bytes: Uint8Array, start: number, end: number): number {
    this.isHeld = false;
    if (this.done || this.error !== ParseCode.None) return start;
    if (this.framing === Framing.Chunked) return this.consumeChunked(bytes, start, end);
    const position = this.takeContent(bytes, start, end);
    this.done = this.remaining === 0;
    return position;
  }

  /** Field lines behind the content (RFC 9112 §7.1.2), once it is done; none where nobody took the content. */
  get trailers(): readonly FieldLine[] {
    const lines = this.trailerSection.split("\r\n").filter((line) => line !== "");
    return lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), trimOws(line.slice(colon + 1))];
    });
  }

  private takeContent(bytes: Uint8Array, start: number, end: number): number {
    const octets = Math.min(this.remaining, end - start);
    this.remaining -= octets;
    this.contentOctets += octets;
    if (this.taker !== null && octets > 0) this.isHeld = !this.taker.take(bytes, start, start + octets);
    return start + octets;
  }

  private consumeChunked(bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (position < end && !this.done && !this.isHeld) {
      if (this.state === ChunkState.Data) {
        position = this.takeContent(bytes, position, end);
        if (this.remaining === 0) this.state = ChunkState.DataCr;
        continue;
      }
      this.state = this.step(bytes[position]!);
      if (this.error !== ParseCode.None) return position;
      this.done = this.state === ChunkState.Done;
      position++;
    }
    return position;
  }

  private step(octet: number): ChunkState {
    switch (this.state) {
      case ChunkState.Size:
        return this.startSize(octet);
      case ChunkState.SizeMore:
        return this.continueSize(octet);
      case ChunkState.ExtensionSpace:
      case ChunkState.ExtensionStart:
      case ChunkState.ExtensionName:
      case ChunkState.ExtensionNameSpace:
      case ChunkState.ExtensionValueStart:
      case ChunkState.ExtensionToken:
      case ChunkState.ExtensionQuoted:
      case ChunkState.ExtensionQuotedPair:
      case ChunkState.ExtensionQuotedEnd:
      case ChunkState.ExtensionValueSpace:
        return this.stepExtension(octet);
      case ChunkState.SizeLf:
        return this.endSize(octet);
      case ChunkState.DataCr:
        return octet === Octet.Cr ? ChunkState.DataLf : this.fail(ParseCode.BadChunkEnd);
      case ChunkState.DataLf:
        return octet === Octet.Lf ? ChunkState.Size : this.fail(ParseCode.BadChunkEnd);
      case ChunkState.Trailer:
      case ChunkState.TrailerName:
      case ChunkState.TrailerValue:
      case ChunkState.TrailerLf:
      case ChunkState.EndLf:
        return this.stepTrailer(octet);
      case ChunkState.Data:
      case ChunkState.Done:
        throw new Error(`no step from ${ChunkState[this.state]}`);
    }
  }

  private startSize(octet: number): ChunkState {
    this.remaining = 0;
    this.sizeDigits = 0;
    return HEX[octet] === HEX_NONE ? this.fail(ParseCode.BadChunkSize) : this.continueSize(octet);
  }

  /** chunk-size = 1*HEXDIG; it never grows beyond `contentOctetsMax` by more than one digit, so it stays exact. */
  private continueSize(octet: number): ChunkState {
    const digit = HEX[octet]!;
    if (digit !== HEX_NONE) {
      if (++this.sizeDigits > CHUNK_SIZE_DIGITS_MAX) return this.fail(ParseCode.BadChunkSize);
      this.remaining = this.remaining * 16 + digit;
      const total = this.contentOctets + this.remaining;
      if (total > this.limits.contentOctetsMax || total > Number.MAX_SAFE_INTEGER) {
        return this.fail(ParseCode.ContentTooLarge);
      }
      return ChunkState.SizeMore;
    }
    if (octet === Octet.Cr) return ChunkState.SizeLf;
    if (octet === Octet.Semicolon) return ChunkState.ExtensionStart;
    return OWS[octet] === 1 ? ChunkState.ExtensionSpace : this.fail(ParseCode.BadChunkSize);
  }

  private endSize(octet: number): ChunkState {
    if (octet !== Octet.Lf) return this.fail(ParseCode.BadChunkSize);
    return this.remaining > 0 ? ChunkState.Data : ChunkState.Trailer;
  }

  private stepExtension(octet: number): ChunkState {
    if (++this.extensionOctets > CHUNK_EXTENSION_OCTETS_MAX) return this.fail(ParseCode.ChunkExtensionTooLarge);
    const next = stepChunkExtension(this.state, octet);
    if (next !== -1) return next;
    const isAfterSize = this.state === ChunkState.ExtensionSpace;
    return this.fail(isAfterSize ? ParseCode.BadChunkSize : ParseCode.BadChunkExtension);
  }

  /** trailer-section = *( field-line CRLF ), with the grammar and the limits of a head's field section. */
  private stepTrailer(octet: number): ChunkState {
    if (++this.trailerOctets > this.limits.headOctetsMax) return this.fail(ParseCode.TrailerTooLarge);
    if (this.taker !== null) this.trailerSection += String.fromCharCode(octet);
    switch (this.state) {
      case ChunkState.Trailer:
        return this.startTrailer(octet);
      case ChunkState.TrailerName:
        if (octet === Octet.Colon) return ChunkState.TrailerValue;
        return TCHAR[octet] === 1 ? ChunkState.TrailerName : this.fail(ParseCode.BadTrailer);
      case ChunkState.TrailerValue:
        if (octet === Octet.Cr) return ChunkState.TrailerLf;
        return FIELD_VALUE[octet] === 1 ? ChunkState.TrailerValue : this.fail(ParseCode.BadTrailer);
      case ChunkState.TrailerLf:
        return octet === Octet.Lf ? ChunkState.Trailer : this.fail(ParseCode.BadTrailer);
      default:
        return octet === Octet.Lf ? ChunkState.Done : this.fail(ParseCode.BadTrailer);
    }
  }

  private startTrailer(octet: number): ChunkState {
    if (octet === Octet.Cr) return ChunkState.EndLf;
    if (TCHAR[octet] === 0) return this.fail(ParseCode.BadTrailer);
    if (++this.trailerCount > this.limits.fieldCountMax) return this.fail(ParseCode.TrailerTooLarge);
    return ChunkState.TrailerName;
  }

  /** Notes the error and stays where it is. */
  private fail(code: ParseCode): ChunkState {
    this.error = code;
    return this.state;
  }
}

/** Without the optional whitespace around a field value (RFC 9110 §5.6.3). */
function trimOws(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

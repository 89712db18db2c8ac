/**
 * The parser alone, driven as a connection drives it: heads, contents and what is pipelined behind them.
 *
 * In:    octets in pieces: `feed` is given a buffer and how far it is filled.
 * Out:   `digest`: a number that stands for everything the parser has said, offsets included; equal digests, equal verdicts.
 * Keeps: makes no strings and no objects, so that a million inputs take minutes.
 */
import type { Limits } from "../../../src/http/limits.ts";
import { MessageBody } from "../../../src/http/message-body.ts";
import { ParseCode } from "../../../src/http/parse-code.ts";
import { parseRequestHead } from "../../../src/http/parse-request-head.ts";
import { FIELD_SLOTS, Framing, RequestHead } from "../../../src/http/request-head.ts";

export class MessageReader {
  digest = 0;
  /** Whole messages. */
  messages = 0;
  /** What was wrong, if anything; nothing is read behind it. */
  error: ParseCode = ParseCode.None;
  private readonly head: RequestHead;
  private readonly body = new MessageBody();
  private position = 0;
  private isInBody = false;

  constructor(private readonly limits: Limits) {
    this.head = new RequestHead(limits.fieldCountMax);
  }

  reset(): void {
    this.digest = 0x811c9dc5;
    this.messages = 0;
    this.error = ParseCode.None;
    this.position = 0;
    this.isInBody = false;
    this.head.reset(0);
  }

  /** Reads on in `bytes`, of which [0, end) are there; the rest is none of its business. */
  feed(bytes: Uint8Array, end: number): void {
    while (this.error === ParseCode.None && this.position <= end) {
      if (!(this.isInBody ? this.readBody(bytes, end) : this.readHead(bytes, end))) return;
    }
  }

  /** No more will come: what is unfinished counts, too. */
  finish(): void {
    this.note(this.error);
    this.note(this.messages);
    if (this.error === ParseCode.None) this.note(this.isInBody ? 1 : 0);
    if (this.error === ParseCode.None && this.isInBody) this.note(this.body.contentOctets);
  }

  private readHead(bytes: Uint8Array, end: number): boolean {
    const { head } = this;
    const verdict = parseRequestHead(bytes, end, head, this.limits);
    if (verdict === 0) return false;
    if (verdict < 0) {
      this.error = -verdict;
      return false;
    }
    this.noteHead();
    this.position = verdict;
    this.body.reset(head.framing, head.contentOctets, this.limits);
    this.isInBody = head.framing !== Framing.None && !this.body.done;
    if (!this.isInBody) this.nextMessage();
    return true;
  }

  private readBody(bytes: Uint8Array, end: number): boolean {
    const { body } = this;
    this.position = body.consume(bytes, this.position, end);
    this.error = body.error;
    if (!body.done || body.error !== ParseCode.None) return false;
    this.note(body.contentOctets);
    this.nextMessage();
    return true;
  }

  private nextMessage(): void {
    this.messages++;
    this.isInBody = false;
    this.note(this.position);
    this.head.reset(this.position);
  }

  private noteHead(): void {
    const { head } = this;
    this.note(head.method);
    this.note(head.targetForm);
    this.note(head.scheme);
    this.note(head.targetStart);
    this.note(head.targetEnd);
    this.note(head.authorityStart);
    this.note(head.authorityEnd);
    this.note(head.hostEnd);
    this.note(head.pathStart);
    this.note(head.pathEnd);
    this.note(head.queryStart);
    this.note(head.queryEnd);
    this.note(head.version);
    this.note(head.present);
    this.note(head.repeated);
    this.note(head.framing);
    this.note(head.contentOctets);
    this.note((head.persistent ? 1 : 0) + (head.expectContinue ? 2 : 0));
    for (let slot = 0; slot < head.fieldCount * FIELD_SLOTS; slot++) this.note(head.fields[slot]!);
  }

  /** FNV-1a over whole numbers. */
  private note(value: number): void {
    this.digest = Math.imul(this.digest ^ value, 0x01000193) ^ (this.digest >>> 15);
  }
}

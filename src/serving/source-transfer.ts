/**
 * Content that is made while it is sent (RFC 9112 §6.1, §7.1): chunked where its length isn't known, as it is where it is.
 *
 * In:    a source; the head of the response, which leaves with the first octets.
 * Units: octets.
 * Keeps: reads from the source only what the client takes: what a short write leaves over is kept, and nothing is read before
 *        it has left, so a slow client costs one piece. A source that gives more or less than it promised fails: the framing
 *        would lie to the client.
 */
import type { ContentSource } from "../http/content.ts";
import { SourceEnd } from "../http/content.ts";
import { encodeFieldLines } from "../http/response-head.ts";
import type { Link } from "../socket/link.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { type Transfer, TransferResult, TURN_OCTETS } from "./transfer.ts";

/** Room for a chunk-size line before a piece, and CRLF behind it. */
const SIZE_LINE_OCTETS_MAX = 10;
const CRLF = Buffer.from("\r\n", "latin1");
const NOTHING = Buffer.alloc(0);

export class SourceTransfer implements Transfer {
  record: ExchangeRecord | null = null;
  moved = 0;
  /** What was read and hasn't left: `[restStart, …)`. */
  private rest: Buffer = NOTHING;
  private restStart = 0;
  private given = 0;
  private isDone = false;
  private hasStopped = false;

  /**
   * @param head of the response; kept until it has left
   * @param room where a piece is put together; used within one call
   */
  constructor(
    private readonly source: ContentSource,
    head: Buffer,
    private readonly isChunked: boolean,
    private readonly room: Buffer,
    onReady: () => void,
  ) {
    this.rest = head;
    source.onReady = onReady;
  }

  pump(link: Link): TransferResult {
    this.moved = 0;
    const result = this.pumpOn(link);
    if (this.record !== null) this.tell(this.record);
    return result;
  }

  private pumpOn(link: Link): TransferResult {
    for (;;) {
      const sent = this.sendRest(link);
      if (sent !== TransferResult.Done || this.isDone) return sent;
      if (this.moved >= TURN_OCTETS) return TransferResult.TurnOver;
      const filled = this.fill();
      if (filled !== TransferResult.Done) return filled;
    }
  }

  /** How long the response is shows in the end: until then an octet is still to leave. */
  private tell(record: ExchangeRecord): void {
    record.contentOctets = this.given;
    record.octetsLeft = this.rest.length - this.restStart + (this.isDone ? 0 : 1);
  }

  end(): void {
    this.record = null;
    this.rest = NOTHING;
    this.stop();
  }

  private stop(): void {
    if (this.hasStopped) return;
    this.hasStopped = true;
    this.source.onReady = null;
    this.source.stop();
  }

  /** Done: everything read so far has left. */
  private sendRest(link: Link): TransferResult {
    const { rest, restStart } = this;
    const count = rest.length - restStart;
    if (count === 0) return TransferResult.Done;
    const taken = link.write(rest, restStart, count);
    if (taken < 0) return TransferResult.Gone;
    this.moved += taken;
    this.restStart += taken;
    if (taken === count) {
      this.rest = NOTHING;
      this.restStart = 0;
      return TransferResult.Done;
    }
    // What lies in the shared room has to outlive the call.
    if (rest.buffer === this.room.buffer) {
      this.rest = Buffer.from(rest.subarray(this.restStart));
      this.restStart = 0;
    }
    return TransferResult.Blocked;
  }

  /** Reads the next piece into the room. Done: there is something to send. */
  private fill(): TransferResult {
    const { isChunked, room, source } = this;
    const start = isChunked ? SIZE_LINE_OCTETS_MAX : 0;
    const end = isChunked ? room.length - CRLF.length : room.length;
    const octets = source.read(room, start, end);
    if (octets === 0) return TransferResult.Waiting;
    if (octets === SourceEnd.Done) return this.finish();
    if (octets < 0) return TransferResult.Failed;
    this.given += octets;
    if (source.octetCount >= 0 && this.given > source.octetCount) return TransferResult.Failed;
    this.rest = isChunked ? this.chunk(start, octets) : room.subarray(0, octets);
    return TransferResult.Done;
  }

  /** chunk = chunk-size CRLF chunk-data CRLF, around the data in the room. */
  private chunk(start: number, octets: number): Buffer {
    const line = `${octets.toString(16)}\r\n`;
    this.room.write(line, start - line.length, "latin1");
    CRLF.copy(this.room, start + octets);
    return this.room.subarray(start - line.length, start + octets + CRLF.length);
  }

  private finish(): TransferResult {
    const { source } = this;
    if (source.octetCount >= 0 && this.given !== source.octetCount) return TransferResult.Failed;
    this.isDone = true;
    if (this.isChunked) {
      // last-chunk, trailer-section, and the empty line (RFC 9112 §7.1).
      this.rest = Buffer.concat([Buffer.from("0\r\n", "latin1"), encodeFieldLines(source.trailers), CRLF]);
    }
    this.stop();
    return TransferResult.Done;
  }
}

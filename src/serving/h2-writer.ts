/**
 * The writing side of an HTTP/2 connection: replies and control frames in, one write per event out. Nothing else writes to the client.
 *
 *   a reply that fits the windows and a frame    leaves with the event that brought its request
 *   any other                                    sends its head, and is queued for its content: frame by frame, in the order of
 *                                                priorities (http2/send-queue.ts), as windows and the client allow
 *
 * What the client doesn't take stays as `unsent` frames until `resume` has sent it; while there are any, no content is read.
 *
 * Units: octets.
 * Keeps: the room for frames, which all connections share, is empty at the end of every event. A client that reads slowly costs a
 *        batch of frames and what came before it was noticed; what its windows hold back costs references.
 */
import { type Content, ContentKind, type OctetsContent } from "../http/content.ts";
import { CacheOutcome, type Reply } from "../http/reply.ts";
import type { EncodedHead, FieldLine } from "../http/response-head.ts";
import { SendWindow } from "../http2/flow-window.ts";
import { Flag, FRAME_HEAD_OCTETS, FRAME_OCTETS_MAX, FrameType, putFrameHead } from "../http2/frame.ts";
import type { GlitchBudget } from "../http2/glitch-budget.ts";
import { encodeFields, fieldBlockOf, moreLinesBlockOf } from "../http2/hpack-encoder.ts";
import { SendQueue } from "../http2/send-queue.ts";
import { putWholeReply, wholeReply } from "../http2/whole-reply.ts";
import type { Link } from "../socket/link.ts";
import { Counter } from "../stats/layout.ts";
import type { Clock } from "./clock.ts";
import { ReadEnd } from "./content-reader.ts";
import type { ExchangeRecord, ExchangeRecords } from "./exchange-record.ts";
import { BATCH_OCTETS, type FrameRoom, UnsentFrames } from "./frame-room.ts";
import type { H2Life } from "./h2-life.ts";
import type { H2Stream } from "./h2-stream.ts";
import { TURN_OCTETS } from "./transfer.ts";
import type { UnfinishedExchanges } from "./unfinished.ts";

const NONE: readonly ExchangeRecord[] = [];

/** Whether the client knows that our field blocks use no table of HPACK's (RFC 7541 §4.2, §6.3). */
enum TableUse {
  Unsaid,
  ToBeGivenUp,
  GivenUp,
}

/** A table size update to 0. */
const TABLE_SIZE_ZERO = 0x20;

export interface H2WriterParts {
  readonly clock: Clock;
  readonly records: ExchangeRecords;
  readonly unfinished: UnfinishedExchanges;
  readonly room: FrameRoom;
  /** Of this worker's statistics. */
  readonly counters: Float64Array;
}

/** Whose writer it is. */
export interface H2WriterOwner {
  /** It has sent for long enough: it goes on when others have had their turns. */
  awaitTurn(): void;
  /** The client is gone. */
  abort(): void;
  /** The source of a stream's content has more, or has come to its end. */
  sourceReady(stream: H2Stream): void;
  /** The last frame of a stream's response has been put together. */
  responseGiven(stream: H2Stream): void;
  /** The rest of a response can't be given. */
  responseFailed(stream: H2Stream): void;
}

export class H2Writer {
  /** What may be sent on all streams together. */
  readonly window = new SendWindow();
  private readonly queue = new SendQueue<H2Stream>();
  private unsent: UnsentFrames | null = null;
  /** The exchanges whose responses end in `unsent`. */
  private unfinished: readonly ExchangeRecord[] = NONE;
  /** Whether the next field block has to say that it uses no table; said once, it holds for all. */
  private table = TableUse.Unsaid;

  constructor(
    private readonly parts: H2WriterParts,
    private readonly link: Link,
    private readonly life: H2Life,
    private readonly budget: GlitchBudget,
    private readonly owner: H2WriterOwner,
  ) {}

  /** So much waits that nothing should be read that makes more. */
  get isFull(): boolean {
    return this.unsent !== null && this.unsent.count >= BATCH_OCTETS;
  }

  /** Whether the client has yet to take something. */
  get isBehind(): boolean {
    return this.unsent !== null;
  }

  /**
   * Sends a reply on stream `id`: its head and, if all of it may leave now, its content. False: the content has yet to be sent
   * (`begin`). `line`: a further field of this reply.
   */
  give(id: number, reply: Reply, line: Buffer | null, record: ExchangeRecord, streamWindow: number): boolean {
    const { content } = reply;
    const { octetCount } = content;
    if (reply.outcome !== CacheOutcome.None) this.countOutcome(reply.outcome);
    this.parts.records.respond(record, reply.status, octetCount < 0 ? Number.POSITIVE_INFINITY : octetCount);
    record.stream = id;
    if (octetCount === 0 && content.kind !== ContentKind.Source) {
      this.putHead(id, reply, line, Flag.EndStream);
    } else if (content.kind === ContentKind.Octets && this.fitsNow(octetCount, streamWindow)) {
      const whole = line === null && this.table !== TableUse.ToBeGivenUp ? wholeReply(reply) : null;
      if (whole === null) this.putParts(id, reply, content, line);
      else this.putWhole(id, whole, octetCount);
    } else {
      this.putHead(id, reply, line, Flag.None);
      return false;
    }
    this.expectEnd(record);
    return true;
  }

  /** Sends the head of a reply that is no more than that, on a stream that will be reset. */
  giveHead(id: number, reply: Reply, line: Buffer | null, record: ExchangeRecord): void {
    this.parts.records.respond(record, reply.status, 0);
    record.stream = id;
    this.putHead(id, reply, line, Flag.None);
    this.expectEnd(record);
  }

  /** Sends the content of a reply whose head has been sent, as it becomes possible. */
  begin(stream: H2Stream, content: Content, record: ExchangeRecord): void {
    const { response } = stream;
    response.record = record;
    record.octetsLeft = Number.POSITIVE_INFINITY;
    response.content.begin(content, () => this.owner.sourceReady(stream));
    stream.isSmall = response.content.remaining <= FRAME_OCTETS_MAX;
    this.queue.add(stream);
  }

  /** A stream can go on: its window has opened, or its source has more. */
  wake(stream: H2Stream): void {
    if (stream.response.record !== null) this.queue.add(stream);
  }

  /** A stream has been reset, or the connection is over: its response won't be whole. */
  drop(stream: H2Stream): void {
    const { record } = stream.response;
    this.queue.remove(stream);
    if (record === null) return;
    const { content, octetsGiven } = stream.response;
    const isKnown = Number.isFinite(content.remaining);
    if (!isKnown) record.contentOctets = octetsGiven;
    const left = (isKnown ? content.remaining : 0) + (this.unsent?.contentOctetsOf(stream.id) ?? 0);
    record.octetsLeft = Math.max(1, left);
    this.parts.records.end(record);
  }

  /** Room for a frame of control: whoever asks puts one of at most `octets` there, and returns the offset behind it. */
  control(octets: number, put: (target: Buffer, at: number) => number): void {
    const { room } = this.parts;
    this.ensure(octets);
    room.end = put(room.octets, room.end);
  }

  /** Sends a head that more follows, or trailers (`isLast`). */
  headers(id: number, block: Buffer, isLast: boolean): void {
    const { room } = this.parts;
    const start = this.beginBlock(block.length);
    room.addBlock(id, start + block.copy(room.octets, start), isLast ? Flag.EndStream : Flag.None);
  }

  /** Sends of the streams that can go on what windows and the client allow, in the order of their turns. */
  pump(): void {
    const { room } = this.parts;
    let moved = 0;
    while (!this.life.isBlocked && !this.queue.isEmpty) {
      if (moved >= TURN_OCTETS) return this.owner.awaitTurn();
      const stream = this.queue.next()!;
      const octets = this.sendFrame(stream);
      if (octets < 0) return this.noteWindow();
      moved += octets;
      if (room.isBatch && !this.flush()) return;
    }
  }

  /** Writes what the room holds. True when the client has taken everything; false when it hasn't yet, or is gone. */
  flush(): boolean {
    const { clock, room, unfinished } = this.parts;
    const octets = room.end;
    if (octets === 0) return this.unsent === null;
    room.end = 0;
    if (this.unsent !== null) {
      this.keepMore(this.unsent, octets);
      return false;
    }
    const taken = this.write(room.octets, 0, octets);
    if (taken < 0) return false;
    unfinished.sent(taken, clock.update());
    if (taken === octets) return true;
    this.unsent = new UnsentFrames(room.octets, taken, octets);
    this.unfinished = unfinished.takeRest();
    this.life.isBlocked = true;
    return false;
  }

  /** The client takes octets again: sends what was left over. True when it has taken all of that. */
  resume(): boolean {
    const { clock, unfinished } = this.parts;
    const { unsent } = this;
    if (unsent === null) return true;
    const taken = this.write(unsent.octets, unsent.start, unsent.count);
    if (taken < 0) return false;
    unfinished.putBack(this.unfinished);
    unfinished.sent(taken, clock.update());
    this.unfinished = unfinished.takeRest();
    unsent.advance(taken);
    if (unsent.count > 0) return false;
    this.unsent = null;
    this.life.isBlocked = false;
    return true;
  }

  /** The client has shrunk the table that our field blocks could have used: they never will. */
  giveUpTable(): void {
    if (this.table === TableUse.Unsaid) this.table = TableUse.ToBeGivenUp;
  }

  /** Forgets what was left over: the client won't get it. `ownsRoom`: nor what the room holds, which is for it. */
  abandon(ownsRoom: boolean): void {
    const { clock, records, room, unfinished } = this.parts;
    const nowMs = clock.update();
    if (ownsRoom) {
      room.end = 0;
      unfinished.abandon(nowMs);
    }
    const rest = this.unfinished;
    const { unsent } = this;
    this.unfinished = NONE;
    this.unsent = null;
    for (const record of rest) {
      record.octetsLeft = Math.max(1, unsent!.contentOctetsOf(record.stream));
      records.end(record, nowMs);
    }
  }

  private fitsNow(octets: number, streamWindow: number): boolean {
    return (
      octets <= FRAME_OCTETS_MAX &&
      octets <= streamWindow &&
      octets <= this.window.octets &&
      this.unsent === null &&
      this.queue.isEmpty
    );
  }

  /** There is room for `octets`. */
  private ensure(octets: number): void {
    const { room } = this.parts;
    if (room.end + octets > room.octets.length) this.flush();
  }

  /** Where a field block of `octets` goes. */
  private beginBlock(octets: number): number {
    const { room } = this.parts;
    if (!room.holdsBlock(octets + 1)) this.flush();
    const start = room.blockStart;
    if (this.table !== TableUse.ToBeGivenUp) return start;
    this.table = TableUse.GivenUp;
    room.octets[start] = TABLE_SIZE_ZERO;
    return start + 1;
  }

  private putHead(id: number, { head, lines }: Reply, line: Buffer | null, flags: Flag): void {
    const { clock, room } = this.parts;
    const block = fieldBlockOf(head);
    clock.stamp(block);
    const more = lines === null ? null : moreLinesBlockOf(lines);
    let end = this.beginBlock(block.end + (more?.length ?? 0) + (line?.length ?? 0));
    end += block.octets.copy(room.octets, end, 0, block.end);
    if (more !== null) end += more.copy(room.octets, end);
    if (line !== null) end += line.copy(room.octets, end);
    room.addBlock(id, end, flags);
  }

  /** Head and content, as they are kept for HTTP/2. */
  private putWhole(id: number, whole: EncodedHead, octetCount: number): void {
    const { clock, room } = this.parts;
    clock.stamp(whole);
    this.ensure(whole.end);
    room.end = putWholeReply(whole, room.octets, room.end, id);
    this.window.take(octetCount);
  }

  private putParts(
    id: number,
    reply: Reply,
    { end, octetCount, octets, start }: OctetsContent,
    line: Buffer | null,
  ): void {
    const { room } = this.parts;
    this.putHead(id, reply, line, Flag.None);
    this.ensure(FRAME_HEAD_OCTETS + octetCount);
    const at = putFrameHead(room.octets, room.end, octetCount, FrameType.Data, Flag.EndStream, id);
    octets.copy(room.octets, at, start, end);
    room.end = at + octetCount;
    this.window.take(octetCount);
  }

  private countOutcome(outcome: CacheOutcome): void {
    this.parts.counters[outcome === CacheOutcome.Hit ? Counter.CacheHits : Counter.CacheMisses]! += 1;
  }

  /** What was put into the room last is the end of a response. */
  private expectEnd(record: ExchangeRecord): void {
    const { room, unfinished } = this.parts;
    record.octetsLeft = room.end;
    unfinished.add(record);
  }

  /** Puts a frame of a stream into the room, if it may have one; returns its octets of content, or -1: the connection's window is closed. */
  private sendFrame(stream: H2Stream): number {
    const { response, sendWindow } = stream;
    const { content } = response;
    const { room } = this.parts;
    const allowed = Math.min(FRAME_OCTETS_MAX, sendWindow.octets, this.window.octets);
    response.isBlocked = allowed <= 0;
    if (allowed <= 0) {
      if (sendWindow.octets > 0) return -1;
      this.queue.remove(stream);
      stream.deadline.settle();
      return 0;
    }
    const octets = content.read(room.octets, room.end + FRAME_HEAD_OCTETS, allowed);
    if (octets === ReadEnd.Waiting) {
      this.queue.remove(stream);
      return 0;
    }
    if (octets === ReadEnd.Failed) {
      this.owner.responseFailed(stream);
      return 0;
    }
    if (octets === ReadEnd.Done) {
      this.sendEnd(stream, content.trailers);
      return 0;
    }
    const isLast = content.isDone;
    putFrameHead(room.octets, room.end, octets, FrameType.Data, isLast ? Flag.EndStream : Flag.None, stream.id);
    room.end += FRAME_HEAD_OCTETS + octets;
    sendWindow.take(octets);
    this.window.take(octets);
    response.octetsGiven += octets;
    this.budget.dataSent();
    if (isLast) this.finish(stream);
    return octets;
  }

  /** A source has come to its end. */
  private sendEnd(stream: H2Stream, trailers: readonly FieldLine[]): void {
    const { room } = this.parts;
    if (trailers.length > 0) this.headers(stream.id, encodeFields(trailers), true);
    else room.end = putFrameHead(room.octets, room.end, 0, FrameType.Data, Flag.EndStream, stream.id);
    stream.response.record!.contentOctets = stream.response.octetsGiven;
    this.finish(stream);
  }

  private finish(stream: H2Stream): void {
    const { response } = stream;
    const record = response.record!;
    this.queue.remove(stream);
    response.record = null;
    this.expectEnd(record);
    this.owner.responseGiven(stream);
  }

  /** Who could send if it weren't for the connection's window gets a deadline. */
  private noteWindow(): void {
    this.queue.forEach((stream) => {
      stream.response.isBlocked = true;
      stream.deadline.settle();
    });
  }

  private write(octets: Buffer, start: number, count: number): number {
    const taken = this.link.write(octets, start, count);
    if (taken < 0) this.owner.abort();
    else this.parts.counters[Counter.OctetsOut]! += taken;
    return taken;
  }

  private keepMore(unsent: UnsentFrames, octets: number): void {
    const { room, unfinished } = this.parts;
    const before = unsent.count;
    unsent.append(room.octets, octets);
    const further = unfinished.takeRest();
    if (further.length === 0) return;
    for (const record of further) record.octetsLeft += before;
    this.unfinished = [...this.unfinished, ...further];
  }
}

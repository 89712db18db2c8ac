/**
 * What each frame of a client means for the connection and its streams (RFC 9113 §5.1, §6): the tables say whether it may come now, and
 * this file what follows.
 *
 *   HEADERS          a request (h2-answerer.ts), or trailers      WINDOW_UPDATE    what may be sent
 *   DATA             content, and what may still come             RST_STREAM       the end of a stream
 *   PRIORITY(_UPDATE) whose turn it is                            the rest         h2-control.ts
 *
 * Keeps: a field block is decoded whatever becomes of its stream, or HPACK's table would be another than the client's (§4.3); DATA counts
 *        against the connection's window, whatever becomes of it (§6.9). Every frame that asks for nothing draws on the budget.
 */
import type { Limits } from "../http/limits.ts";
import { ParseCode, PARSE_FAILURE, reasonOf } from "../http/parse-code.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { FieldStore } from "../http2/field-store.ts";
import { ReceiveWindow } from "../http2/flow-window.ts";
import { ErrorCode, FRAME_HEAD_OCTETS, rstStreamFrame, windowUpdateFrame } from "../http2/frame.ts";
import type { FrameListener } from "../http2/frame-reader.ts";
import { Glitch, type GlitchBudget, WINDOW_INCREMENT_MIN } from "../http2/glitch-budget.ts";
import { HpackDecoder, HpackOutcome } from "../http2/hpack-decoder.ts";
import { parsePriority, type Priority } from "../http2/priority.ts";
import { isMalformed, takeRequestFields, takeTrailers } from "../http2/request-fields.ts";
import { RECEPTION, StreamFrame, StreamState, StreamStep, Verdict } from "../http2/stream-state.ts";
import { INITIAL_WINDOW_OCTETS } from "../http2/settings.ts";
import type { TimerWheel } from "../socket/timer-wheel.ts";
import { Counter } from "../stats/layout.ts";
import type { H2Answerer } from "./h2-answerer.ts";
import type { H2Control } from "./h2-control.ts";
import type { H2Life } from "./h2-life.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { H2Streams } from "./h2-streams.ts";
import type { H2Writer } from "./h2-writer.ts";

export interface H2FramesParts {
  readonly limits: Limits;
  /** The head of the request that was decoded last, valid during the call. */
  readonly head: RequestHead;
  /** The fields that were decoded last. */
  readonly fields: FieldStore;
  readonly wheel: TimerWheel;
  readonly counters: Float64Array;
}

/** The connection. */
export interface H2FramesOwner {
  /** It can't go on. */
  connectionError(code: ErrorCode, reason: string): void;
  /** The client has acknowledged our SETTINGS. */
  settingsAcknowledged(): void;
  /** The client has heard that the server leaves. */
  announcementHeard(): void;
}

/** A request is as much work as so many frames of other types, and one more for each 256 octets of its field section. */
const REQUEST_EFFORT = 8;
const DECODED_OCTETS_SHIFT = 8;

/** WINDOW_UPDATE and RST_STREAM. */
const SMALL_FRAME_OCTETS = FRAME_HEAD_OCTETS + 4;

export class H2Frames implements FrameListener {
  private readonly decoder: HpackDecoder;
  /** What may still come on all streams together. */
  private readonly window = new ReceiveWindow();
  /** Streams whose windows were widened. */
  private wideStreams = 0;
  /** What the field sections of this turn have cost, in frames (h2-session.ts). */
  effort = 0;
  /** Priorities of streams that have yet to begin (RFC 9218 §7). */
  private early: Map<number, Priority> | null = null;

  constructor(
    private readonly parts: H2FramesParts,
    private readonly life: H2Life,
    private readonly streams: H2Streams,
    private readonly writer: H2Writer,
    private readonly control: H2Control,
    private readonly answerer: H2Answerer,
    private readonly budget: GlitchBudget,
    private readonly owner: H2FramesOwner,
  ) {
    this.decoder = new HpackDecoder(parts.fields);
  }

  /** The connection is gone. */
  end(): void {
    this.decoder.release();
  }

  headers(bytes: Buffer, start: number, end: number, id: number, isLast: boolean, dependency: number): void {
    const { life, streams } = this;
    const outcome = this.decoder.decode(bytes, start, end);
    this.effort += REQUEST_EFFORT + (this.parts.fields.listOctets >>> DECODED_OCTETS_SHIFT);
    if (outcome !== HpackOutcome.Done && !this.goesOnAfter(outcome)) return;
    if (!streams.closed.isNew(id)) return this.furtherHeaders(id, streams.stateOf(id), isLast);
    streams.closed.open(id);
    if (!life.admitsStreams) return streams.closed.noteReset(id, StreamState.ResetByUs); // and the client knows
    if (dependency === id) return this.refuse(id, ErrorCode.ProtocolError);
    if (streams.isFull) return this.refuse(id, ErrorCode.RefusedStream);
    this.request(id, isLast);
  }

  /** Whether the connection goes on after a field block that isn't as it should be. */
  private goesOnAfter(outcome: HpackOutcome): boolean {
    if (outcome === HpackOutcome.TooLarge) return this.draws(Glitch.LargeFieldSection);
    if (outcome === HpackOutcome.Malformed) {
      this.owner.connectionError(ErrorCode.CompressionError, "a field block can't be decoded");
    } else {
      this.owner.connectionError(ErrorCode.EnhanceYourCalm, "a field section is many times too large");
    }
    return false;
  }

  private request(id: number, isLast: boolean): void {
    const { fields, head, limits } = this.parts;
    const code = takeRequestFields(fields, head, limits, isLast);
    if (code !== ParseCode.None) return this.refuseRequest(id, isLast, code);
    this.answerer.requestBegun(id, head, isLast, this.early === null ? null : (this.early.get(id) ?? null));
  }

  private refuseRequest(id: number, isLast: boolean, code: ParseCode): void {
    const { counters, head } = this.parts;
    counters[Counter.ParseErrors]! += 1;
    if (isMalformed(code)) {
      this.answerer.refuseMalformed(id, head, reasonOf(code));
      return this.refuse(id, ErrorCode.ProtocolError);
    }
    this.answerer.refuse(id, head, isLast, PARSE_FAILURE[code].status, reasonOf(code));
  }

  /** HEADERS for a stream that isn't new: trailers, or what may not come. */
  private furtherHeaders(id: number, state: StreamState, isLast: boolean): void {
    if (!this.admits(id, state, StreamFrame.Headers)) return;
    const { fields, limits } = this.parts;
    const stream = this.streams.find(id)!;
    const trailers = takeTrailers(fields, limits);
    if (trailers === ParseCode.TrailerTooLarge) {
      return this.answerer.refuseStream(stream, PARSE_FAILURE[trailers].status, reasonOf(trailers));
    }
    // Without END_STREAM it would be a second head (RFC 9113 §8.1).
    if (!isLast || typeof trailers === "number") return this.resetFor(stream, ErrorCode.ProtocolError);
    this.endRequest(stream, trailers);
  }

  data(bytes: Buffer, start: number, end: number, id: number, isLast: boolean, octets: number): void {
    const { window } = this;
    if (!window.receive(octets)) {
      return this.owner.connectionError(ErrorCode.FlowControlError, "more content than the connection's window allows");
    }
    // Streams don't wait for each other: what one has yet to deal with is held back by its own window alone.
    window.release(octets);
    this.giveBack(0, window);
    const state = this.streams.stateOf(id);
    if (start === end && !isLast && !this.draws(Glitch.EmptyData)) return;
    if (!this.admits(id, state, StreamFrame.Data)) return;
    this.content(this.streams.find(id)!, bytes, start, end, isLast, octets);
  }

  private content(stream: H2Stream, bytes: Buffer, start: number, end: number, isLast: boolean, octets: number): void {
    const { receiveWindow } = stream;
    const request = stream.request!;
    if (!receiveWindow.receive(octets)) return this.resetFor(stream, ErrorCode.FlowControlError);
    if (request.isOver) return this.drop(stream, isLast, octets);
    if (request.exceeds(end - start)) return this.resetFor(stream, ErrorCode.ProtocolError);
    if (request.octetsReceived + end - start > this.parts.limits.contentOctetsMax) {
      return this.answerer.refuseStream(stream, 413, reasonOf(ParseCode.ContentTooLarge));
    }
    const padding = octets - (end - start);
    receiveWindow.release(request.receive(bytes, start, end) + padding);
    if (stream.request === null) return; // the application has given up meanwhile
    if (isLast) return this.endRequest(stream, NO_TRAILERS);
    this.giveBack(stream.id, receiveWindow);
    stream.deadline.settle();
  }

  /** Content that nobody wants any more, while the response is on its way. */
  private drop(stream: H2Stream, isLast: boolean, octets: number): void {
    if (isLast) return stream.step(StreamStep.PeerEnded);
    stream.receiveWindow.release(octets);
    this.giveBack(stream.id, stream.receiveWindow);
  }

  private endRequest(stream: H2Stream, trailers: readonly FieldLine[]): void {
    const request = stream.request!;
    if (!request.isOver && !request.isComplete) return this.resetFor(stream, ErrorCode.ProtocolError);
    stream.step(StreamStep.PeerEnded);
    if (request.isOver) return;
    request.finish(trailers);
    this.answerer.requestEnded(stream);
  }

  /** An application wants a stream's content: more of it may be under way, where that holds no more than WIDE_STREAMS_MAX times as much. */
  contentWanted(stream: H2Stream): void {
    if (!stream.isReceiving || stream.receiveWindow.isWide || this.wideStreams === WIDE_STREAMS_MAX) return;
    this.wideStreams++;
    stream.receiveWindow.widen(WIDE_OCTETS - INITIAL_WINDOW_OCTETS);
    this.giveBack(stream.id, stream.receiveWindow);
    if (this.window.isWide) return;
    this.window.widen(WIDE_STREAMS_MAX * WIDE_OCTETS - INITIAL_WINDOW_OCTETS);
    this.giveBack(0, this.window);
  }

  /** An application has taken `octets` of what waited. */
  contentTaken(stream: H2Stream, octets: number): void {
    stream.receiveWindow.release(octets);
    if (stream.isReceiving) this.giveBack(stream.id, stream.receiveWindow);
  }

  private giveBack(id: number, window: ReceiveWindow): void {
    const increment = window.takeIncrement();
    if (increment === 0) return;
    this.writer.control(SMALL_FRAME_OCTETS, (target, at) => windowUpdateFrame(target, at, id, increment));
  }

  priority(id: number, dependency: number): void {
    if (!this.draws(Glitch.Priority)) return;
    // What it says is no longer of interest (§5.3.2), but it may not say that.
    if (dependency === id) this.streamError(id, ErrorCode.ProtocolError);
  }

  badLength(id: number): void {
    this.streamError(id, ErrorCode.FrameSizeError);
  }

  priorityUpdate(id: number, bytes: Buffer, start: number, end: number): void {
    if (!this.draws(Glitch.Priority)) return;
    const state = this.streams.stateOf(id);
    if (state === StreamState.Foreign) {
      return this.owner.connectionError(ErrorCode.ProtocolError, "a priority for a stream that can't be");
    }
    const priority = parsePriority(bytes, start, end);
    const stream = this.streams.find(id);
    if (stream !== null) stream.priority = priority;
    else if (state === StreamState.Idle) this.noteEarly(id, priority);
  }

  private noteEarly(id: number, priority: Priority): void {
    this.early ??= new Map();
    for (const known of this.early.keys()) if (known <= this.streams.last) this.early.delete(known);
    if (this.early.size < EARLY_MAX) this.early.set(id, priority);
  }

  rstStream(id: number): void {
    const state = this.streams.stateOf(id);
    // Its response is whole and under way: no fault, but what was asked for wasn't wanted.
    if (state === StreamState.Ended) return void this.draws(Glitch.LateReset);
    if (!this.admits(id, state, StreamFrame.RstStream)) return;
    const stream = this.streams.find(id)!;
    stream.step(StreamStep.PeerReset);
    this.remove(stream);
    this.noteReset(Glitch.Reset);
  }

  settings(bytes: Buffer, start: number, end: number): void {
    if (!this.draws(Glitch.Settings)) return;
    const error = this.control.takeSettings(bytes, start, end);
    if (error !== ErrorCode.NoError) this.owner.connectionError(error, "a setting has a value that it can't have");
  }

  settingsAck(): void {
    if (this.control.takeAck()) this.owner.settingsAcknowledged();
    else this.draws(Glitch.Settings);
  }

  ping(bytes: Buffer, start: number, isAck: boolean): void {
    if (!this.draws(Glitch.Ping)) return;
    if (!isAck) this.control.answerPing(bytes, start);
    else if (this.control.isHeard(bytes, start)) this.owner.announcementHeard();
  }

  /** Nothing is pushed, so there is nothing to refrain from (§6.8); its streams are served. */
  goAway(): void {}

  windowUpdate(id: number, increment: number): void {
    if (increment < WINDOW_INCREMENT_MIN && !this.draws(Glitch.SmallIncrement)) return;
    if (id === 0) return this.openWindow(increment);
    const state = this.streams.stateOf(id);
    if (!this.admits(id, state, StreamFrame.WindowUpdate)) return;
    const stream = this.streams.find(id)!;
    if (increment === 0) return this.resetFor(stream, ErrorCode.ProtocolError);
    if (!stream.sendWindow.grow(increment)) return this.resetFor(stream, ErrorCode.FlowControlError);
    if (stream.sendWindow.octets > 0) this.writer.wake(stream);
  }

  private openWindow(increment: number): void {
    if (increment === 0) return this.owner.connectionError(ErrorCode.ProtocolError, "a window opens by nothing");
    if (this.writer.window.grow(increment)) return;
    this.owner.connectionError(ErrorCode.FlowControlError, "the connection's window is too large");
  }

  continuation(): void {
    this.draws(Glitch.Continuation);
  }

  unknown(): void {
    this.draws(Glitch.Unknown);
  }

  failed(code: ErrorCode, reason: string): void {
    this.owner.connectionError(code, reason);
  }

  /** Whether a frame may come in this state; if not, does what is to be done about it. */
  private admits(id: number, state: StreamState, frame: StreamFrame): boolean {
    const { code, verdict } = RECEPTION[state][frame]!;
    switch (verdict) {
      case Verdict.Take:
        return true;
      case Verdict.Drop:
        this.draws(Glitch.ClosedStream);
        return false;
      case Verdict.StreamError:
        this.streamError(id, code);
        return false;
      case Verdict.ConnectionError:
        this.owner.connectionError(code, `${StreamFrame[frame]} on a stream that is ${StreamState[state]}`);
        return false;
    }
  }

  /** A frame that is wrong for its stream: an open one ends, a closed one is told so again. One that is idle can't be reset (§6.4). */
  private streamError(id: number, code: ErrorCode): void {
    const stream = this.streams.find(id);
    if (stream !== null) return this.resetFor(stream, code);
    if (this.streams.stateOf(id) === StreamState.Idle) {
      return this.owner.connectionError(code, "a frame is wrong for a stream that hasn't begun");
    }
    if (this.draws(Glitch.ProvokedReset)) this.sendReset(id, code);
  }

  /** Resets a stream that has no object. */
  private refuse(id: number, code: ErrorCode): void {
    this.streams.closed.noteReset(id, StreamState.ResetByUs);
    this.sendReset(id, code);
    this.noteReset(Glitch.ProvokedReset);
  }

  /** Resets a stream because of what its client has done. */
  private resetFor(stream: H2Stream, code: ErrorCode): void {
    this.reset(stream, code);
    this.noteReset(Glitch.ProvokedReset);
  }

  /** Resets a stream. */
  reset(stream: H2Stream, code: ErrorCode): void {
    stream.step(StreamStep.WeReset);
    this.remove(stream);
    this.sendReset(stream.id, code);
  }

  /** Takes out a stream that is closed, or whose client is gone. */
  remove(stream: H2Stream): void {
    if (stream.receiveWindow.isWide) this.wideStreams--;
    this.answerer.forget(stream);
    this.writer.drop(stream);
    this.streams.remove(stream);
  }

  private sendReset(id: number, code: ErrorCode): void {
    this.writer.control(SMALL_FRAME_OCTETS, (target, at) => rstStreamFrame(target, at, id, code));
  }

  private noteReset(glitch: Glitch): void {
    this.parts.counters[Counter.Http2StreamsReset]! += 1;
    this.draws(glitch);
  }

  /** Something that asks for nothing has come; false: it was too much, and the connection ends. */
  private draws(glitch: Glitch): boolean {
    if (this.budget.draw(glitch, this.parts.wheel.tick)) return true;
    this.owner.connectionError(ErrorCode.EnhanceYourCalm, `too much that asks for nothing: ${Glitch[glitch]}`);
    return false;
  }
}

/** What may be under way of content that an application wants, and of how many streams at a time: together what a slow application holds. */
const WIDE_OCTETS = 256 * 1024;
const WIDE_STREAMS_MAX = 4;

const NO_TRAILERS: readonly FieldLine[] = [];
/** Priorities kept for streams that have yet to begin. */
const EARLY_MAX = 128;

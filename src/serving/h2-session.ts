/**
 * One client's connection over HTTP/2 (RFC 9113), composed:
 *
 *   link      the way to the client (socket/link.ts)        life       how far it has come, what is waited for (h2-life.ts)
 *   reader    octets to frames (http2/frame-reader.ts)      deadline   until when (h2-deadline.ts)
 *   frames    what each frame means (h2-frames.ts)          control    SETTINGS, PING, GOAWAY (h2-control.ts)
 *   answerer  requests to replies (h2-answerer.ts)          streams    those that can't be answered at once (h2-streams.ts)
 *   writer    replies to frames (h2-writer.ts)              budget     how much misuse it may cost (http2/glitch-budget.ts)
 *
 * This file is the events: of the link, of the server, of time; and what follows from each before the next may come.
 *
 *   received ─► reader ─► frames ─► answerer ─► writer ─► finishEvent: streams in their turns, flush, go on with what waited, settle
 *
 * Units: octets; effort, of which a frame is one (h2-frames.ts).
 * Keeps: an event is short, whatever has come with it: beyond TURN_EFFORT the rest waits until other connections have had their turns.
 *        The room for frames, which all connections share, is empty whenever an event begins or ends: no client gets another's octets.
 */
import { assert } from "../assert.ts";
import { ErrorCode } from "../http2/frame.ts";
import { FrameReader } from "../http2/frame-reader.ts";
import { GlitchBudget } from "../http2/glitch-budget.ts";
import type { Link } from "../socket/link.ts";
import { Counter } from "../stats/layout.ts";
import type { Client } from "./client.ts";
import { H2Answerer, type H2AnswererOwner, type H2AnswererParts } from "./h2-answerer.ts";
import { H2Control, type H2ControlParts } from "./h2-control.ts";
import { H2Deadline, type H2DeadlineOwner } from "./h2-deadline.ts";
import { H2Frames, type H2FramesOwner, type H2FramesParts } from "./h2-frames.ts";
import { H2Life, Phase, Step, Wait } from "./h2-life.ts";
import type { H2Stream, H2StreamOwner } from "./h2-stream.ts";
import { StreamWait } from "./h2-stream-deadline.ts";
import { H2Streams, type H2StreamsParts } from "./h2-streams.ts";
import { H2Writer, type H2WriterOwner, type H2WriterParts } from "./h2-writer.ts";
import type { DeadlineParts, Timeouts } from "./timeouts.ts";
import type { Turns, TurnTaker } from "./turns.ts";
import { Seconds } from "../units.ts";

/**
 * How much of what has come is dealt with in one turn: 140 requests of a browser, or 2 000 frames that are none, about a millisecond.
 * A client that opens no more than the usual hundred streams at a time is never made to wait.
 */
const TURN_EFFORT = 2048;

/** What may still come from a client that was told goodbye: what windows have allowed it. One that sends more isn't waited for. */
const DISCARDED_OCTETS_MAX = 1024 * 1024;

export interface H2Parts
  extends DeadlineParts, H2AnswererParts, H2ControlParts, H2FramesParts, H2StreamsParts, H2WriterParts {
  readonly timeouts: Timeouts;
  readonly turns: Turns;
  /** An exception of our own; the connection that met it ends. */
  onError(error: unknown): void;
}

/** A FIN counts as an octet that is to be acknowledged (RFC 9293 §3.4); it comes behind all others, and close(2) sees to it. */
const FIN_OCTETS = 1;

export class H2Session
  implements H2AnswererOwner, H2DeadlineOwner, H2FramesOwner, H2StreamOwner, H2WriterOwner, TurnTaker
{
  private readonly life = new H2Life();
  private readonly writer: H2Writer;
  private readonly streams: H2Streams;
  private readonly control: H2Control;
  private readonly answerer: H2Answerer;
  private readonly frames: H2Frames;
  private readonly reader: FrameReader;
  private readonly deadline: H2Deadline;
  /** An event is being handled: what follows from it is done at its end. */
  private isInEvent = false;
  /** Octets that wait for a turn, or for the client to take more of what there is for it; nothing more is received meanwhile. */
  private input: Buffer | null = null;
  /** It has asked for a turn. */
  private awaitsTurn = false;
  /** What else has come isn't read before that turn. */
  private hasReadEnough = false;
  /** Octets that have come since the goodbye. */
  private discardedOctets = 0;

  constructor(
    private readonly parts: H2Parts,
    private readonly link: Link,
    private readonly client: Client,
  ) {
    const { life } = this;
    const budget = new GlitchBudget(parts.wheel.tick);
    this.writer = new H2Writer(parts, link, life, budget, this);
    this.streams = new H2Streams(parts, this);
    this.control = new H2Control(parts, life, this.writer, this.streams);
    this.answerer = new H2Answerer(parts, this.streams, this.writer, this.control, client, budget, this);
    this.frames = new H2Frames(parts, life, this.streams, this.writer, this.control, this.answerer, budget, this);
    this.reader = new FrameReader(this.frames);
    this.deadline = new H2Deadline(parts, link, this);
    this.event(() => this.control.begin());
  }

  // ── Events of the link ─────────────────────────────────────────────────────────────────────────────────────────

  received(octets: Buffer): void {
    const { clock, counters } = this.parts;
    counters[Counter.OctetsIn]! += octets.length;
    clock.update();
    if (!this.life.isOpen) return this.discard(octets.length);
    this.isInEvent = true;
    if (this.input === null) this.readFirst(octets);
    else this.input = Buffer.concat([this.input, octets]);
    this.finishEvent();
  }

  writable(): void {
    if (!this.life.isOpen) return;
    this.parts.clock.update();
    this.isInEvent = true;
    this.writer.resume();
    this.finishEvent();
  }

  /** The client has closed its side; what it has asked for is still answered. */
  ended(): void {
    if (!this.life.isOpen) return this.close();
    this.event(() => void (this.life.hasPeerEnded = true));
  }

  closed(): void {
    this.deadline.end();
    this.life.step(Step.Closed);
    this.abandon();
  }

  // ── Events of the server ───────────────────────────────────────────────────────────────────────────────────────

  takeTurn(): void {
    this.awaitsTurn = false;
    this.hasReadEnough = false;
    this.event(() => {});
  }

  sourceReady(stream: H2Stream): void {
    this.event(() => this.writer.wake(stream));
  }

  drain(): void {
    const { idleSeconds } = this.parts.keepAlive;
    if (!this.life.isOpen) return this.drainGoodbye();
    if (this.life.phase !== Phase.Preface) return this.event(() => this.leave());
    if (idleSeconds > 0 || this.link.hasQueuedOctets()) this.deadline.hasten(idleSeconds);
    else this.close();
  }

  /** A client that has everything isn't waited for until it closes its side. */
  private drainGoodbye(): void {
    if (this.link.unacknowledgedOctets() > FIN_OCTETS) this.deadline.hasten(Seconds(0));
    else this.close();
  }

  /** Its place is needed at once: the client isn't waited for, though it is told. */
  giveWay(): void {
    const { wait } = this;
    if (wait !== Wait.NextRequest && wait !== Wait.Preface) return;
    this.event(() => {
      this.control.nameLast();
      this.writer.flush();
      this.close();
    });
  }

  /** Refuses the connection before anything is read; HTTP/2 has no words for that (RFC 9113 §5.4.1). */
  reject(hasTime: boolean): void {
    this.event(() => this.control.fail(ErrorCode.EnhanceYourCalm));
    if (!hasTime) this.close();
  }

  fail(error: unknown): void {
    this.parts.onError(error);
    this.life.step(Step.Closed);
    this.abandon();
    this.link.terminate();
  }

  // ── Events of time ─────────────────────────────────────────────────────────────────────────────────────────────

  idle(): void {
    this.event(() => this.control.nameLast());
  }

  headLate(): void {
    this.event(() => this.connectionError(ErrorCode.EnhanceYourCalm, "a field block is not complete in time"));
  }

  unacknowledged(): void {
    this.event(() => this.connectionError(ErrorCode.SettingsTimeout, "SETTINGS are not acknowledged in time"));
  }

  announcementHeard(): void {
    this.event(() => this.control.nameLast());
  }

  late(stream: H2Stream, wait: StreamWait): void {
    this.event(() => {
      this.parts.counters[Counter.TimeoutsIdle]! += 1;
      if (wait === StreamWait.Window) this.reset(stream, ErrorCode.Cancel);
      else this.answerer.refuseStream(stream, 408, "the content arrives too slowly");
    });
  }

  // ── What parts ask for ─────────────────────────────────────────────────────────────────────────────────────────

  awaitTurn(): void {
    if (this.awaitsTurn) return;
    this.awaitsTurn = true;
    this.parts.turns.later(this);
  }

  leave(): void {
    if (this.life.phase === Phase.Open) this.control.announce();
  }

  reset(stream: H2Stream, code: ErrorCode): void {
    this.frames.reset(stream, code);
  }

  remove(stream: H2Stream): void {
    this.frames.remove(stream);
  }

  contentWanted(stream: H2Stream): void {
    this.frames.contentWanted(stream);
  }

  contentTaken(stream: H2Stream, octets: number): void {
    this.frames.contentTaken(stream, octets);
  }

  responseGiven(stream: H2Stream): void {
    this.answerer.responseGiven(stream);
  }

  responseFailed(stream: H2Stream): void {
    this.reset(stream, ErrorCode.InternalError);
  }

  settingsAcknowledged(): void {
    this.deadline.acknowledged();
  }

  connectionError(code: ErrorCode, reason: string): void {
    const { counters, refusals } = this.parts;
    if (!this.life.isOpen) return;
    if (code === ErrorCode.EnhanceYourCalm) counters[Counter.Http2Calmed]! += 1;
    if (refusals.isOn) refusals.noteConnection(this.client.address, ErrorCode[code], reason);
    this.reader.stop();
    this.control.fail(code);
    this.streams.forEach((stream) => this.frames.remove(stream));
  }

  // ── Reading, and the end of an event ───────────────────────────────────────────────────────────────────────────

  /** Reads what has just come. */
  private readFirst(octets: Buffer): void {
    this.read(octets);
    if (this.input !== null) this.link.pause();
  }

  /** Reads frames, as long as the client takes what follows from them, and its turn isn't over; the rest is kept. */
  private read(octets: Buffer): void {
    const { frames, parts, reader, writer } = this;
    const end = octets.length;
    let next = 0;
    while (next < end && !writer.isFull && frames.effort < TURN_EFFORT) {
      next = reader.read(octets, next, end);
      frames.effort++;
      if (parts.room.isGathered) writer.flush();
    }
    if (next === end || !this.life.isOpen) return;
    this.input = octets.subarray(next);
    if (frames.effort < TURN_EFFORT) return;
    this.hasReadEnough = true;
    this.awaitTurn();
  }

  /** What was under way is read until the client closes its side, or a reset would keep from it what it was told. */
  private discard(octets: number): void {
    this.discardedOctets += octets;
    if (this.discardedOctets > DISCARDED_OCTETS_MAX) this.close();
  }

  /** An event that doesn't come from the link; or one that comes while another is handled, as from an application at once. */
  event(step: () => void): void {
    if (!this.life.isOpen) return;
    if (this.isInEvent) return step();
    try {
      assert(this.parts.room.isEmpty, "the room for frames is empty when an event begins");
      this.parts.clock.update();
      this.isInEvent = true;
      step();
      this.finishEvent();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sends what there is to send, goes on with what waited, and waits for what comes next. */
  private finishEvent(): void {
    const { life, writer } = this;
    do {
      writer.pump();
      writer.flush();
    } while (this.mayReadInput && this.readInput());
    if (life.isOpen) this.settle();
    this.frames.effort = 0;
    this.isInEvent = false;
    assert(this.parts.room.isEmpty, "the room for frames is empty when an event ends");
  }

  private get mayReadInput(): boolean {
    return this.input !== null && !this.hasReadEnough && !this.writer.isFull && this.life.isOpen;
  }

  private readInput(): boolean {
    const input = this.input!;
    this.input = null;
    this.read(input);
    if (this.input === null) this.link.resume();
    return true;
  }

  private get wait(): Wait {
    return this.life.waitWith(this.reader.isInHeaders, this.streams.size > 0 || this.input !== null);
  }

  /** Ends the connection if nothing is left to do, else sets the deadline of what it waits for. */
  private settle(): void {
    if (this.life.hasPeerEnded && this.input === null) this.resetHopeless();
    const { wait } = this;
    if (wait === Wait.Nothing) this.finish();
    else this.deadline.settle(wait);
  }

  /** The client has closed its side: a request that isn't whole never will be, and windows don't open any more. */
  private resetHopeless(): void {
    this.streams.forEach((stream) => {
      if (stream.isReceiving || stream.response.isBlocked) this.reset(stream, ErrorCode.Cancel);
    });
    this.writer.flush();
  }

  /** The last response is sent. */
  private finish(): void {
    if (this.life.hasPeerEnded) return this.close();
    this.life.step(Step.SaidGoodbye);
    this.reader.stop();
    this.link.shutdown();
    this.deadline.settle(Wait.Goodbye);
  }

  close(): void {
    if (this.life.phase === Phase.Gone) return;
    this.life.step(Step.Closed);
    this.link.close();
  }

  abort(): void {
    if (this.life.phase === Phase.Gone) return;
    this.parts.counters[Counter.ConnectionsAborted]! += 1;
    this.life.step(Step.Closed);
    this.abandon();
    this.link.terminate();
  }

  /** The client is gone: what was for it is counted as aborted, what was from it is forgotten. */
  private abandon(): void {
    this.input = null;
    this.reader.stop();
    this.streams.forEach((stream) => this.frames.remove(stream));
    this.writer.abandon(this.isInEvent);
    this.frames.end();
  }
}

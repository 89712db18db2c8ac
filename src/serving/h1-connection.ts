/**
 * One client's connection over HTTP/1.1 (RFC 9112 §9), composed:
 *
 *   link      the way to the client (socket/link.ts)       life       which steps are legal, what is waited for (h1-life.ts)
 *   reader    octets to requests (h1-reader.ts)            deadline   until when (h1-deadline.ts)
 *   answerer  requests to replies (h1-answerer.ts)         client     who it is, what the gate says (client.ts)
 *   writer    replies to octets (h1-writer.ts)
 *
 * This file is the events: of the link, of the server, of time; and what follows from each before the next may come.
 *
 *   received ─► read ─┬─► reader: the next request                     ─► finishEvent: flush, go on with what waited, settle
 *                     └─► answerer ─► application, then writer
 *
 * Keeps: an event is short, however many requests have come with it: after TURN_REQUESTS the rest waits until other connections have had
 *        their turns. The outbox, which all connections share, is empty whenever an event begins or ends: no client gets another's octets.
 */
import { assert } from "../assert.ts";
import type { Link, SocketOwner } from "../socket/link.ts";
import { Counter } from "../stats/layout.ts";
import type { Client } from "./client.ts";
import { Entrance } from "./client-gate.ts";
import { H1Answerer, type H1AnswererOwner, type H1AnswererParts } from "./h1-answerer.ts";
import { H1Deadline, type H1DeadlineOwner } from "./h1-deadline.ts";
import { H1Life, Reading, Step, Wait, Writing } from "./h1-life.ts";
import { H1Reader, Read } from "./h1-reader.ts";
import { H1Writer, type H1WriterOwner } from "./h1-writer.ts";
import { PrefaceMatch, PrefaceReader } from "./preface-reader.ts";
import type { AcceptedConnection, CrowdedStatus, ServedConnection } from "./served-connection.ts";
import type { DeadlineParts } from "./timeouts.ts";
import type { Turns, TurnTaker } from "./turns.ts";
import { Seconds } from "../units.ts";

/** A FIN counts as an octet that is to be acknowledged (RFC 9293 §3.4); it comes behind all others, and close(2) sees to it. */
const FIN_OCTETS = 1;

/** Requests that are answered in one turn: more than anybody pipelines, and 0.1 ms for those that are known. */
const TURN_REQUESTS = 256;

export interface H1Parts extends H1AnswererParts, DeadlineParts {
  readonly turns: Turns;
  /** It answers for the server itself: the gate's limits aren't for its clients. */
  readonly isAdmin: boolean;
  /** Makes room for a connection, perhaps by closing an idle one; false: it was rejected. */
  makeRoomFor(connection: ServedConnection): boolean;
  /** Makes a connection that takes over from one whose client speaks HTTP/2 from the start (RFC 9113 §3.3); null: none may. */
  readonly http2: ((link: Link, client: Client) => ServedConnection) | null;
  /** An exception of our own; the connection that met it ends. */
  onError(error: unknown): void;
}

export class H1Connection implements AcceptedConnection, H1AnswererOwner, H1WriterOwner, H1DeadlineOwner, TurnTaker {
  place = -1;
  private readonly life = new H1Life();
  private readonly reader: H1Reader;
  private readonly answerer: H1Answerer;
  private readonly writer: H1Writer;
  private readonly deadline: H1Deadline;
  /** An event is being handled: what follows from it is done at its end. */
  private isInEvent = false;
  /** It is in the list of those that wait for a turn, perhaps since its former client. */
  private awaitsTurn = false;
  /** Who has the link, after a switch of protocols (RFC 9110 §7.8), or because the client speaks another from the start. */
  private successor: SocketOwner | null = null;
  private readonly preface = new PrefaceReader();

  constructor(
    private readonly parts: H1Parts,
    private readonly link: Link,
    private readonly client: Client,
  ) {
    const { life } = this;
    this.writer = new H1Writer(parts, link, life, this);
    this.deadline = new H1Deadline(parts, link, life, this);
    this.reader = new H1Reader(parts, link, life);
    this.answerer = new H1Answerer(parts, life, this.reader, this.writer, client, this.deadline, this);
  }

  // ── Events of the link ─────────────────────────────────────────────────────────────────────────────────────────

  begin(): void {
    this.isInEvent = false;
    this.successor = null;
    this.preface.begin();
    this.life.begin();
    this.reader.begin();
    this.answerer.begin();
    this.deadline.begin();
  }

  opened(hasTime: boolean): boolean {
    this.begin();
    const entrance = this.client.enter(this.parts.isAdmin);
    if (entrance === Entrance.AwaitsHeader) this.life.expectPreface();
    return this.pass(entrance, hasTime);
  }

  get awaitsHeader(): boolean {
    return this.life.reading === Reading.Preface;
  }

  received(octets: Buffer): void {
    if (this.successor !== null) return this.successor.received(octets); // who has the link counts what comes
    const { clock, counters } = this.parts;
    counters[Counter.OctetsIn]! += octets.length;
    clock.update();
    if (!this.life.isOpen) return; // discarded
    this.isInEvent = true;
    if (this.awaitsHeader) this.readProxyHeader(octets);
    else if (this.life.reading === Reading.Silent) this.readFirst(octets, 0);
    else this.read(octets, 0);
    this.finishEvent();
  }

  writable(): void {
    if (this.successor !== null) return this.successor.writable();
    if (!this.life.isOpen) return;
    this.parts.clock.update();
    this.isInEvent = true;
    this.resumeWriting();
    this.finishEvent();
  }

  /** The client has closed its side; what it has asked for is still answered (RFC 9112 §9.6). */
  ended(): void {
    if (this.successor !== null) return this.successor.ended();
    const { life, reader } = this;
    reader.hasPeerEnded = true;
    if (life.reads && reader.hasInput) return; // until its turn
    // A request that isn't whole never will be.
    if (life.reads || life.reading === Reading.Paused || life.reading === Reading.Preface || !life.isOpen) this.close();
  }

  closed(): void {
    this.client.leave();
    this.deadline.end();
    if (this.successor !== null) return this.successor.closed();
    this.life.step(Step.Closed);
    this.abandon();
  }

  // ── Events of the server ───────────────────────────────────────────────────────────────────────────────────────

  takeTurn(): void {
    this.awaitsTurn = false;
    this.event(() => this.resumeWriting());
  }

  sourceReady(): void {
    this.event(() => this.resumeWriting());
  }

  /** A request that has arrived and wasn't read yet is answered in any case. */
  drain(): void {
    const { idleSeconds } = this.parts.keepAlive;
    if (this.successor !== null) return this.successor.drain();
    if (!this.life.isOpen) return this.drainGoodbye();
    if (!this.isIdle) return;
    if (idleSeconds > 0 || this.link.hasQueuedOctets()) this.deadline.hasten(idleSeconds);
    else this.close();
  }

  /** A client that has taken its last response, and isn't expected to send any more, is not waited for until it closes its side. */
  private drainGoodbye(): void {
    if (this.life.lingers) return;
    if (this.link.unacknowledgedOctets() > FIN_OCTETS) this.deadline.hasten(Seconds(0));
    else this.close();
  }

  /** RFC 9112 §9.5. */
  giveWay(): void {
    if (this.isIdle) this.close();
  }

  private get isIdle(): boolean {
    const { wait } = this.life;
    return !this.reader.hasInput && (wait === Wait.NextRequest || wait === Wait.FirstRequest);
  }

  /** A request isn't whole in time. */
  late(): void {
    const { life, reader } = this;
    const isHead = life.reading === Reading.Head;
    const reason = isHead ? "the request head is not complete in time" : "the content arrives too slowly";
    this.event(() => this.answerer.refuse(reader.held!.head, 408, reader.held!.octetCount, reason));
  }

  reject(status: CrowdedStatus, hasTime: boolean): void {
    const { clock, head } = this.parts;
    clock.update();
    head.reset(0);
    this.answerer.refuse(
      head,
      status,
      0,
      status === 503 ? "too many connections" : "too many connections of this client",
    );
    this.writer.flush();
    if (hasTime) this.settle();
    else this.close();
  }

  fail(error: unknown): void {
    this.parts.onError(error);
    if (this.life.isOpen) this.life.step(Step.Closed);
    this.abandon();
    this.link.terminate();
  }

  takeContentReceived(): number {
    const { held } = this.reader;
    if (held === null) return 0;
    const octets = held.contentReceived;
    held.contentReceived = 0;
    return octets;
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────

  private pass(entrance: Entrance, hasTime: boolean): boolean {
    if (entrance === Entrance.Closed) this.close();
    if (entrance === Entrance.Crowded) this.reject(429, hasTime && this.client.hasTimeForGoodbye);
    return entrance === Entrance.Open || entrance === Entrance.AwaitsHeader;
  }

  /** Reads the PROXY protocol header, or a part of it, and the requests behind it. */
  private readProxyHeader(octets: Buffer): void {
    const next = this.client.readHeader(octets);
    const entrance = this.client.entranceAfterHeader();
    if (!this.pass(entrance, true) || entrance === Entrance.AwaitsHeader) return;
    this.life.step(Step.PrefaceRead);
    if (this.parts.makeRoomFor(this) && next < octets.length) this.readFirst(octets, next);
  }

  /** Reads the first octets of all: a request, or the preface of HTTP/2. */
  private readFirst(octets: Buffer, offset: number): void {
    const { parts, preface } = this;
    const match = parts.http2 === null ? PrefaceMatch.None : preface.read(octets, offset);
    if (match === PrefaceMatch.Whole) return this.giveTo(parts.http2!, preface.joined(octets, offset));
    if (match === PrefaceMatch.Partial) return;
    if (preface.isInPieces) this.read(preface.joined(octets, offset), 0);
    else this.read(octets, offset);
  }

  /** The client speaks HTTP/2: somebody else goes on, from the preface on. */
  private giveTo(http2: NonNullable<H1Parts["http2"]>, received: Buffer): void {
    const successor = http2(this.link, this.client);
    this.deadline.end();
    this.parts.counters[Counter.OctetsIn]! -= received.length; // it counts them, too
    this.successor = successor;
    successor.begin();
    successor.received(received);
  }

  /** Reads the requests in `octets` from `offset` on; what can't be read now is kept. */
  private read(octets: Buffer, offset: number): void {
    const { answerer, life, reader } = this;
    const end = octets.length;
    const requestsBefore = answerer.requests;
    const requestsMax = requestsBefore + TURN_REQUESTS;
    let next = offset;
    while (next < end && life.reads && answerer.requests < requestsMax) {
      const read = reader.read(octets, next);
      next = reader.next;
      if (read === Read.Request) answerer.requestRead(reader.head, reader.held);
      else if (read !== Read.Part) this.heed(read, next, end);
    }
    if (answerer.requests - requestsBefore > 1) life.lingers = true;
    if (next === end || !life.isOpen) return;
    if (this.successor !== null) return this.successor.received(octets.subarray(next));
    life.lingers = true;
    if (life.reading === Reading.Ended) return;
    reader.keep(octets, next);
    if (life.reads) this.awaitTurn();
  }

  /** What has been read is no whole request without content. */
  private heed(read: Read, next: number, end: number): void {
    const { answerer, reader } = this;
    switch (read) {
      case Read.ContentHead:
        return answerer.contentBegun(reader.held!, next < end);
      case Read.ContentEnd:
        return answerer.contentRead(reader.held!);
      case Read.Malformed:
        return answerer.malformed(reader.fault, end);
    }
  }

  awaitTurn(): void {
    if (this.awaitsTurn) return;
    this.awaitsTurn = true;
    this.parts.turns.later(this);
  }

  private resumeWriting(): void {
    if (this.writer.isWaiting && this.writer.resume()) this.answerer.noteSent();
  }

  // ── The end of an event ────────────────────────────────────────────────────────────────────────────────────────

  /** An event that doesn't come from the link; or one that comes while another is handled, as from an application at once. */
  event(step: () => void): void {
    if (!this.life.isOpen || this.successor !== null) return;
    if (this.isInEvent) return step();
    try {
      assert(this.parts.outbox.isEmpty, "the outbox is empty when an event begins");
      this.parts.clock.update();
      this.isInEvent = true;
      step();
      this.finishEvent();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Sends what there is to send, does what has become possible, and waits for what comes next. */
  private finishEvent(): void {
    this.writer.flush();
    // Mostly everything that was asked for has been answered, and taken.
    if (this.life.wait === Wait.NextRequest && this.reader.isReceptive) this.deadline.awaitRequest();
    else this.goOn();
    this.isInEvent = false;
    assert(this.parts.outbox.isEmpty, "the outbox is empty when an event ends");
  }

  /** The rest of an event that isn't over with what was sent. */
  private goOn(): void {
    const { life, reader, writer } = this;
    while (life.isOpen && this.successor === null && this.proceed()) writer.flush();
    if (!life.isOpen || this.successor !== null) return;
    this.settle();
    if (!reader.hasInput && life.reading !== Reading.Paused) reader.resume();
  }

  /** Goes on with what waited: a reply, a request, octets. False when there is nothing to go on with now. */
  private proceed(): boolean {
    const { answerer, life, reader } = this;
    if (answerer.hasPending) {
      answerer.givePending();
      return true;
    }
    if (life.reading === Reading.Held && life.writing === Writing.Idle) {
      answerer.requestRead(reader.held!.head, reader.held);
      return true;
    }
    if (!life.reads || !reader.hasInput || this.awaitsTurn) return false;
    this.read(reader.takeInput()!, 0);
    return true;
  }

  /** Ends the connection if nothing is left to do, else sets the deadline of what it waits for. */
  private settle(): void {
    const { life, reader } = this;
    if (!life.isOpen) return;
    const hasEnded = life.reading === Reading.Ended || (reader.hasPeerEnded && !reader.hasInput);
    if (hasEnded && life.writing === Writing.Idle) this.finish();
    else this.deadline.settle();
  }

  /** The last reply is sent. */
  private finish(): void {
    const { life, link, reader } = this;
    if (reader.hasPeerEnded || !(life.lingers || link.hasQueuedOctets())) return this.close();
    life.step(Step.Closed);
    reader.takeInput();
    link.shutdown();
    this.deadline.settle();
    reader.resume();
  }

  close(): void {
    if (this.life.isOpen) this.life.step(Step.Closed);
    this.link.close();
  }

  abort(): void {
    if (!this.life.isOpen) return;
    this.life.step(Step.Closed);
    this.parts.counters[Counter.ConnectionsAborted]! += 1;
    this.writer.abandon(this.isInEvent);
    this.link.terminate();
  }

  handOver(successor: (link: Link) => SocketOwner): void {
    this.deadline.end();
    const received = this.reader.takeInput();
    this.reader.resume();
    this.successor = successor(this.link);
    if (received !== null) this.successor.received(received);
  }

  /** The client is gone: what was for it is counted as aborted, what was from it is forgotten. */
  private abandon(): void {
    this.writer.abandon(this.isInEvent);
    this.answerer.abandon();
    this.isInEvent = false;
  }
}

/**
 * The life of a connection: the states it goes through, the deadline of each, and its end (RFC 9112 §9.3 to §9.6).
 *
 *   opened ─► settle ─► … ─► settle ─► finish ─► close
 *               │                        └─ first lingers where the client may still be sending
 *               └─ enters the state that follows from what is left to do, and sets its deadline
 *
 * In:    what is left to do: an exchange, input, octets that the client hasn't taken; the wheel's call when time is up.
 * Out:   steps of the table in connection-state.ts, and the socket's end.
 * Keeps: every open connection has a deadline. The client can read the last response before the connection is reset.
 */
import type { Socket } from "bun";
import type { RequestHead } from "../http/request-head.ts";
import { Counter } from "../stats/layout.ts";
import { DEFER_ACCEPT_SECONDS } from "../sys/listen-socket.ts";
import { retransmittedSegments } from "../sys/tcp-info.ts";
import { hasQueuedOctets, unacknowledgedOctets } from "../sys/transmit.ts";
import type { Connection } from "./connection.ts";
import { ConnectionState, isStep } from "./connection-state.ts";
import { type Exchange, ExchangePhase } from "./exchange.ts";
import type { Placed } from "./open-connections.ts";
import { descriptorOf, ReplySender } from "./reply-sender.ts";
import type { Waiter, WaitingList } from "./waiting-list.ts";

/** How long a closed connection's client may go on sending before it is cut off (RFC 9112 §9.6). */
const LINGER_SECONDS = 5;

/** A FIN counts as an octet that is to be acknowledged (RFC 9293 §3.4); it comes behind all others, and close(2) sees to it. */
const FIN_OCTETS = 1;

export abstract class ConnectionLife extends ReplySender implements Placed, Waiter {
  state = ConnectionState.Idle;
  place = -1;
  waitingList: WaitingList | null = null;
  waitingSince = 0;
  waitingNext: Waiter | null = null;
  waitingPrevious: Waiter | null = null;
  /** Octets received and not parsed yet. */
  protected input: Buffer | null = null;
  /** The request that couldn't be answered at once. */
  protected exchange: Exchange | null = null;
  /** The current reply is the last one. */
  protected isLast = false;
  /**
   * Octets that won't be read may still arrive, as from a client that pipelines requests, or that doesn't know yet that this
   * response is the last one: close in a way that lets it read the response first (RFC 9112 §9.6).
   */
  protected lingers = false;
  /** The client has closed its side. */
  protected peerEnded = false;
  protected isPaused = false;

  /**
   * Refuses a request that is malformed or not complete in time; the connection ends with it. Of the octets that `head` is
   * about, those before `octetsEnd` are there. `reason`: in words, for the error log.
   */
  protected abstract refuse(head: RequestHead, status: number, octetsEnd: number, reason: string): void;

  /** Begins a connection's life; the object may be reused. */
  protected opened(socket: Socket<Connection>): void {
    this.socket = socket;
    this.state = ConnectionState.Idle;
    this.isLast = false;
    this.lingers = false;
    this.peerEnded = false;
    this.isPaused = false;
    this.server.room.silent.add(this, this.server.wheel.tick);
    // A client that is still silent when it is handed over has mostly been silent for a while (deferred accept).
    const { header_timeout_seconds } = this.server.settings;
    this.server.wheel.setDeadline(this, Math.max(0, header_timeout_seconds - DEFER_ACCEPT_SECONDS));
  }

  /**
   * The server is going away: outstanding requests are answered; idle clients may send one more for a while, if they are given
   * one. A request that has arrived and wasn't read yet is answered in any case.
   */
  drain(): void {
    const { idleSeconds, wheel } = this.server;
    if (this.state === ConnectionState.Closing) return this.drainClosing();
    const isIdle = this.state === ConnectionState.KeepAlive || this.state === ConnectionState.Idle;
    if (!isIdle) return;
    if (idleSeconds > 0 || hasQueuedOctets(descriptorOf(this.socket!))) return wheel.setDeadline(this, idleSeconds);
    this.close();
  }

  /** A client that has taken its last response, and isn't expected to send any more, is not waited for until it closes its side. */
  private drainClosing(): void {
    if (this.socket === null || this.lingers) return;
    if (unacknowledgedOctets(descriptorOf(this.socket)) > FIN_OCTETS) return this.server.wheel.setDeadline(this, 0);
    this.close();
  }

  /** Closes an idle connection to make room for others (RFC 9112 §9.5). */
  giveWay(): void {
    if (this.state === ConnectionState.KeepAlive || this.state === ConnectionState.Idle) this.close();
  }

  /** The deadline of the current state has passed. */
  expired(): void {
    const { values } = this.server.slot;
    switch (this.state) {
      case ConnectionState.Idle:
        if (this.wasAcceptedEarly()) return this.server.wheel.setDeadline(this, DEFER_ACCEPT_SECONDS - 1);
        values[Counter.TimeoutsHeader]! += 1;
        return this.close();
      case ConnectionState.Reading:
        return this.readingExpired(this.exchange!);
      case ConnectionState.KeepAlive:
        values[Counter.TimeoutsKeepalive]! += 1;
        return this.close();
      case ConnectionState.Writing:
        if (this.keepsUp()) return this.server.wheel.setDeadline(this, this.server.writeSeconds);
        values[this.server.sendRateMin > 0 ? Counter.TimeoutsSendRate : Counter.TimeoutsIdle]! += 1;
        return this.abort();
      case ConnectionState.Processing: // the slow path answers in its own time
        return this.server.wheel.setDeadline(this, this.server.settings.timeout_seconds);
      case ConnectionState.Closing:
        if (this.keepsUp() && this.hasUnacknowledged) {
          return this.server.wheel.setDeadline(this, LINGER_SECONDS);
        }
        return this.close(); // not `abort`: what the kernel holds may still arrive
    }
  }

  /**
   * A request isn't complete in time: always fatal for a head; for content, only if it arrives slower than `min_receive_rate`.
   */
  private readingExpired(exchange: Exchange): void {
    const { settings, slot, wheel } = this.server;
    const isContent = exchange.phase === ExchangePhase.Content;
    const wanted = Math.max(1, settings.min_receive_rate * settings.timeout_seconds);
    if (isContent && exchange.contentReceived >= wanted) {
      exchange.contentReceived = 0;
      return wheel.setDeadline(this, settings.timeout_seconds);
    }
    slot.values[isContent ? Counter.TimeoutsIdle : Counter.TimeoutsHeader]! += 1;
    const reason = isContent ? "the content arrives too slowly" : "the request head is not complete in time";
    this.refuse(exchange.head, 408, exchange.octetCount, reason);
    this.flush();
    this.settle();
  }

  /**
   * A silent client that was handed over at once, as in a flood of them (SYN cookies), is owed the time by which its
   * deadline was brought forward. For connections whose accept(2) was deferred the kernel has retransmitted its SYN-ACK.
   */
  private wasAcceptedEarly(): boolean {
    const { settings, wheel } = this.server;
    const seconds = wheel.tick - this.waitingSince; // 1 perhaps a moment after it came: a tick lay in between
    return (
      seconds <= Math.ceil(settings.header_timeout_seconds) && retransmittedSegments(descriptorOf(this.socket!)) === 0
    );
  }

  protected get isOpen(): boolean {
    return this.state !== ConnectionState.Closing;
  }

  /** Enters the state that follows from what is left to do, with its deadline. */
  protected settle(): void {
    const { server } = this;
    const { settings, wheel } = server;
    if (!this.isOpen) return;
    const hasEnded = this.isLast || (this.peerEnded && this.input === null);
    if (!this.isBlocked && !hasEnded && !this.hasBegunRequest) return this.awaitRequest();
    this.waitingList?.remove(this);
    if (this.isBlocked) {
      this.awaitClient();
    } else if (this.exchange !== null && this.exchange.phase >= ExchangePhase.Waiting) {
      wheel.setDeadline(this, settings.timeout_seconds); // Processing
    } else if (hasEnded) {
      this.finish();
    } else {
      this.awaitRest(this.exchange!);
    }
  }

  /** Whether more has arrived than the empty lines that some clients send after a request (RFC 9112 §2.2). */
  private get hasBegunRequest(): boolean {
    const { exchange } = this;
    return exchange !== null && (exchange.phase > ExchangePhase.Head || exchange.head.hasBegun(exchange.octetCount));
  }

  /** The client has yet to receive its response. Its rate is measured over periods that begin with the wait. */
  private awaitClient(): void {
    const { sendRateMin, wheel, writeSeconds } = this.server;
    if (sendRateMin > 0 && this.state === ConnectionState.Writing) return;
    this.step(ConnectionState.Writing);
    this.noteProgress();
    wheel.setDeadline(this, writeSeconds);
  }

  /** Every request so far has been answered. */
  private awaitRequest(): void {
    const { idleSeconds, room, wheel } = this.server;
    if (this.state === ConnectionState.Idle) return; // its deadline runs from the start
    this.step(ConnectionState.KeepAlive);
    wheel.setDeadline(this, idleSeconds);
    room.keptAlive.add(this, wheel.tick);
  }

  /**
   * Part of a request has arrived. A head must be complete in time, however slowly it trickles in; content has its deadline
   * since its head, or since the previous response was received: it isn't read before.
   */
  private awaitRest(exchange: Exchange): void {
    const { settings, wheel } = this.server;
    if (exchange.phase === ExchangePhase.Head) {
      if (this.state !== ConnectionState.Reading) wheel.setDeadline(this, settings.header_timeout_seconds);
    } else if (this.state === ConnectionState.Writing) {
      exchange.contentReceived = 0;
      wheel.setDeadline(this, settings.timeout_seconds);
    }
    this.step(ConnectionState.Reading);
  }

  /** The last reply is sent. */
  private finish(): void {
    if (this.peerEnded || !(this.lingers || hasQueuedOctets(descriptorOf(this.socket!)))) return this.close();
    this.step(ConnectionState.Closing);
    this.input = null;
    this.socket!.shutdown();
    this.noteProgress();
    this.server.wheel.setDeadline(this, LINGER_SECONDS);
    if (this.isPaused) this.listenAgain();
  }

  protected listenAgain(): void {
    this.isPaused = false;
    this.socket!.resume();
  }

  protected close(): void {
    if (this.socket === null) return;
    this.step(ConnectionState.Closing);
    (this.socket as ClosableSocket).close();
  }

  protected override abort(): void {
    if (this.socket === null) return;
    this.step(ConnectionState.Closing);
    this.server.discardOutput();
    this.server.slot.values[Counter.ConnectionsAborted]! += 1;
    this.socket.terminate();
  }

  protected step(next: ConnectionState): void {
    if (!isStep(this.state, next)) {
      throw new Error(`connection: no step from ${ConnectionState[this.state]} to ${ConnectionState[next]}`);
    }
    this.state = next;
  }
}

/** `close` sends what the kernel holds and a FIN, like close(2); `end` costs one more system call. Not in the types. */
interface ClosableSocket extends Socket<Connection> {
  close(): void;
}

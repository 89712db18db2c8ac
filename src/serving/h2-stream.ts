/**
 * A stream that can't be answered at once (RFC 9113 §5): its request is still arriving, its reply is being made, or it is being sent.
 *
 * Keeps: a request that is whole and whose response leaves at once has no object of this class.
 */
import type { Priority } from "../http2/priority.ts";
import { PRIORITY_DEFAULT } from "../http2/priority.ts";
import { ReceiveWindow, SendWindow } from "../http2/flow-window.ts";
import type { Sendable } from "../http2/send-queue.ts";
import { StreamState, type StreamStep, stepped } from "../http2/stream-state.ts";
import { ContentReader } from "./content-reader.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { H2Exchange } from "./h2-exchange.ts";
import type { H2Request } from "./h2-request.ts";
import {
  H2StreamDeadline,
  type H2StreamDeadlineOwner,
  type H2StreamDeadlineParts,
  StreamWait,
} from "./h2-stream-deadline.ts";

/** Who is told that a stream's time is up. */
export interface H2StreamOwner {
  late(stream: H2Stream, wait: StreamWait): void;
}

export class H2Stream implements Sendable, H2StreamDeadlineOwner {
  state: StreamState = StreamState.Open;
  readonly sendWindow = new SendWindow();
  readonly receiveWindow = new ReceiveWindow();
  priority: Priority = PRIORITY_DEFAULT;
  isSmall = false;
  lastTurn = 0;
  isQueued = false;
  /** What it is asked; null once nothing more of it matters. */
  request: H2Request | null = null;
  /** Whether its reply is being made, or was: what comes of its content changes nothing. */
  isAnswered = false;
  /** The application that makes its reply. */
  exchange: H2Exchange | null = null;
  readonly deadline: H2StreamDeadline;
  readonly response = new Response();

  constructor(
    readonly id: number,
    parts: H2StreamDeadlineParts,
    private readonly owner: H2StreamOwner,
  ) {
    this.deadline = new H2StreamDeadline(parts, this);
  }

  step(step: StreamStep): void {
    this.state = stepped(this.state, step);
  }

  /** Whether the client may still send content. */
  get isReceiving(): boolean {
    return this.state === StreamState.Open || this.state === StreamState.HalfClosedLocal;
  }

  get wait(): StreamWait {
    if (this.response.isBlocked) return StreamWait.Window;
    return this.isReceiving && this.request !== null && this.request.isAwaited ? StreamWait.Content : StreamWait.None;
  }

  get octetsMoved(): number {
    return this.response.isBlocked ? this.response.octetsGiven : (this.request?.octetsReceived ?? 0);
  }

  late(wait: StreamWait): void {
    this.owner.late(this, wait);
  }
}

/** What is being sent on a stream, behind its head. */
class Response {
  readonly content = new ContentReader();
  /** Of the exchange, from the head on until the last frame has been put together. */
  record: ExchangeRecord | null = null;
  /** Octets of content that have been put into frames. */
  octetsGiven = 0;
  /** It could go on, but for the windows. */
  isBlocked = false;

  /** Lets go of everything. */
  end(): void {
    this.content.end();
    this.record = null;
    this.isBlocked = false;
  }
}

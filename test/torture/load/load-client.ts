/**
 * One client of the load generator, of HTTP/1.1 with or without TLS: sends a request, reads the answer octet by octet, and says what it came to.
 *
 * In:    a connection of its own (Bun.connect), requests one at a time.
 * Out:   `LoadOutcome` to the generator, exactly once per request.
 * Keeps: reads answers by Content-Length only, as all servers here send them; content is compared while it arrives, so
 *        that an answer is never held. A connection that ends is replaced for the next request.
 */
import type { Socket } from "bun";

export enum LoadOutcome {
  Answered,
  Refused,
  /** Connected, and ended before TLS was agreed upon. */
  HandshakeCut,
  Unanswered,
  Cut,
  Wrong,
}

export interface Request {
  readonly target: string;
  /** Of HTTP/1.1. */
  readonly octets: Buffer;
  /** What a 200 must have; null: anything. */
  readonly content: Buffer | null;
}

export interface LoadClientOwner {
  readonly port: number;
  readonly isPerRequest: boolean;
  readonly isSecure: boolean;
  connected(): void;
  closedBetween(): void;
  retried(): void;
  /** `status` is 0 unless Answered. */
  done(client: LoadClient, outcome: LoadOutcome, status: number): void;
}

/** What the generator sees of a client, whatever it speaks. */
export interface LoadClient {
  /** The request under way; null between two. */
  readonly request: Request | null;
  /** When the request was due, and sent. */
  readonly dueMs: number;
  readonly sentMs: number;
  start(request: Request, dueMs: number): void;
  /** Ends its connection without a word to the owner. */
  drop(): void;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/** A connection, or the attempt at one: over TLS it may end before it was open. */
interface Attempt {
  readonly client: H1LoadClient;
  isOpen: boolean;
}

const HANDLERS = {
  open(socket: Socket<Attempt>) {
    socket.data.isOpen = true;
    socket.data.client.opened(socket);
  },
  data(socket: Socket<Attempt>, octets: Buffer) {
    const { client } = socket.data;
    if (client.socket === socket) client.received(octets);
  },
  close(socket: Socket<Attempt>) {
    const { client, isOpen } = socket.data;
    if (!isOpen) client.cameToNothing(socket.data, LoadOutcome.HandshakeCut);
    else if (client.socket === socket) client.ended();
  },
  end(socket: Socket<Attempt>) {
    socket.end();
  },
  error() {},
  connectError() {},
};

export class H1LoadClient implements LoadClient {
  socket: Socket<Attempt> | null = null;
  private attempt: Attempt | null = null;
  /** The request under way; null between two. */
  request: Request | null = null;
  /** When the request was due, and sent. */
  dueMs = 0;
  sentMs = 0;
  private head: Buffer | null = null;
  private status = 0;
  private remaining = -1;
  private offset = 0;
  private isRight = true;
  private closes = false;

  constructor(private readonly owner: LoadClientOwner) {}

  start(request: Request, dueMs: number): void {
    this.request = request;
    this.dueMs = dueMs;
    this.sentMs = performance.now();
    this.head = null;
    this.remaining = -1;
    this.offset = 0;
    this.isRight = true;
    if (this.socket !== null) return void this.socket.write(request.octets);
    this.owner.connected();
    const tls = this.owner.isSecure && { rejectUnauthorized: false };
    const attempt: Attempt = { client: this, isOpen: false };
    this.attempt = attempt;
    Bun.connect({ hostname: "127.0.0.1", port: this.owner.port, tls, socket: HANDLERS, data: attempt }).catch(() =>
      this.cameToNothing(attempt, LoadOutcome.Refused),
    );
  }

  /** There is no connection. */
  cameToNothing(attempt: Attempt, outcome: LoadOutcome): void {
    if (this.attempt !== attempt || this.socket !== null) return;
    this.attempt = null;
    this.finish(outcome, 0);
  }

  opened(socket: Socket<Attempt>): void {
    if (this.request === null || this.attempt !== socket.data) return void socket.terminate(); // given up meanwhile
    this.socket = socket;
    socket.write(this.request.octets);
  }

  received(octets: Buffer): void {
    if (this.request === null) return; // nothing was asked for: an answer like that of a full server comes before
    let rest = octets;
    if (this.remaining === -1) {
      const all = this.head === null ? octets : Buffer.concat([this.head, octets]);
      const end = all.indexOf(HEAD_END);
      if (end === -1) return void (this.head = all);
      this.readHead(all.toString("latin1", 0, end));
      rest = all.subarray(end + HEAD_END.length);
    }
    this.compare(rest);
    this.remaining -= rest.length;
    if (this.remaining <= 0) this.answered();
  }

  /** The server has closed, or reset. */
  ended(): void {
    this.socket = null;
    if (this.request === null) return this.owner.closedBetween();
    this.finish(this.remaining === -1 && this.head === null ? LoadOutcome.Unanswered : LoadOutcome.Cut, 0);
  }

  /** Ends the connection without a word to the owner. */
  drop(): void {
    const { socket } = this;
    this.socket = null;
    this.request = null;
    socket?.terminate();
  }

  private readHead(head: string): void {
    this.status = Number(head.slice(9, 12));
    this.remaining = Number(/\r\nContent-Length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.closes = /\r\nConnection: *close/i.test(head);
  }

  private compare(octets: Buffer): void {
    const { content } = this.request!;
    if (this.status === 200 && content !== null && this.isRight) {
      const end = this.offset + octets.length;
      this.isRight = end <= content.length && octets.equals(content.subarray(this.offset, end));
    }
    this.offset += octets.length;
  }

  private answered(): void {
    const { content } = this.request!;
    const isWhole = this.remaining === 0 && (this.status !== 200 || content === null || this.offset === content.length);
    if (this.closes || this.owner.isPerRequest) {
      const { socket } = this;
      this.socket = null;
      socket?.end();
    }
    this.finish(this.isRight && isWhole ? LoadOutcome.Answered : LoadOutcome.Wrong, this.status);
  }

  private finish(outcome: LoadOutcome, status: number): void {
    if (this.request === null) return;
    this.request = null;
    this.owner.done(this, outcome, status);
  }
}

/**
 * Clients of the load generator that speak HTTP/2 over TLS: several share a connection, each has a request under way on it.
 *
 * In:    requests one at a time and client; frames (bench/load/http2-frames.ts).
 * Out:   `LoadOutcome` to the generator, exactly once per request.
 * Keeps: a request that the server says it has not touched (a stream above the last one of GOAWAY, REFUSED_STREAM) is sent once
 *        more on another connection, as RFC 9113 §8.7 allows, and counted as retried; any other that is cut off has failed. A
 *        connection that has been told to go takes no new request and is closed when its last one is answered (§6.8).
 */
import type { Socket } from "bun";
import {
  clientGreeting,
  frame,
  FrameFlag,
  FrameReader,
  FrameType,
  getBlock,
  numberFrame,
  type ReceivedFrame,
  requestFrame,
  SettingId,
  SETTINGS_ACK,
  statusOf,
  WINDOW_MAX,
} from "../../../bench/load/http2-frames.ts";
import { type LoadClient, type LoadClientOwner, LoadOutcome, type Request } from "./load-client.ts";

/** Clients that share a connection. */
const STREAMS_PER_CONNECTION = 2;
/** After so much content the connection's window is given back; until then there is room for it. */
const REFILL_OCTETS = 2 ** 24;
const REFUSED_STREAM = 7;
const SETTINGS = [
  [SettingId.HeaderTableSize, 0],
  [SettingId.EnablePush, 0],
  [SettingId.InitialWindowSize, WINDOW_MAX],
] as const;
const TLS = { rejectUnauthorized: false, ALPNProtocols: Buffer.from("\x02h2", "latin1") };

const HANDLERS = {
  open: (socket: Socket<H2LoadConnection>) => socket.data.opened(socket),
  data: (socket: Socket<H2LoadConnection>, octets: Buffer) => socket.data.received(octets),
  close: (socket: Socket<H2LoadConnection>) => socket.data.ended(LoadOutcome.HandshakeCut),
  end: (socket: Socket<H2LoadConnection>) => void socket.end(),
  error() {},
  connectError() {},
};

/** Which connections take further requests. */
export class H2LoadPool {
  private readonly connections = new Set<H2LoadConnection>();

  constructor(private readonly owner: LoadClientOwner) {}

  /** One with room, or a new one. */
  take(): H2LoadConnection {
    const streamsMax = this.owner.isPerRequest ? 0 : STREAMS_PER_CONNECTION;
    for (const connection of this.connections) if (connection.streamCount < streamsMax) return connection;
    const connection = new H2LoadConnection(this.owner, this);
    this.connections.add(connection);
    return connection;
  }

  /** It takes no more. */
  leave(connection: H2LoadConnection): void {
    this.connections.delete(connection);
  }
}

class H2LoadConnection {
  private socket: Socket<H2LoadConnection> | null = null;
  private readonly reader = new FrameReader();
  private readonly streams = new Map<number, H2LoadClient>();
  private nextStream = 1;
  private unsent: Buffer[] = [];
  private contentOctets = 0;
  private isLeaving = false;
  private isOver = false;

  constructor(
    private readonly owner: LoadClientOwner,
    private readonly pool: H2LoadPool,
  ) {
    owner.connected();
    const { port } = owner;
    Bun.connect({ hostname: "127.0.0.1", port, tls: TLS, socket: HANDLERS, data: this }).catch(() =>
      this.ended(LoadOutcome.Refused),
    );
  }

  get streamCount(): number {
    return this.streams.size;
  }

  ask(client: H2LoadClient, { target }: Request): void {
    const stream = this.nextStream;
    this.nextStream += 2;
    this.streams.set(stream, client);
    if (this.owner.isPerRequest) this.leave();
    this.send(requestFrame(stream, getBlock(target, "torture.example")));
  }

  /** The client gives up. */
  forget(client: H2LoadClient): void {
    for (const [stream, one] of this.streams) if (one === client) this.streams.delete(stream);
    this.leave();
    this.socket?.terminate();
  }

  opened(socket: Socket<H2LoadConnection>): void {
    this.socket = socket;
    const octets = [clientGreeting(SETTINGS), ...this.unsent];
    this.unsent = [];
    socket.write(Buffer.concat(octets));
  }

  received(octets: Buffer): void {
    this.reader.push(octets, (received) => this.take(received));
  }

  /** Closed, in order or not; or never open, for this reason. */
  ended(reason: LoadOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.leave();
    if (this.streams.size === 0 && this.socket !== null) this.owner.closedBetween();
    const lost = [...this.streams.values()];
    this.streams.clear();
    for (const client of lost) client.lost(this.socket === null ? reason : null);
  }

  private take({ type, flags, stream, payload }: ReceivedFrame): void {
    const isAck = (flags & FrameFlag.Ack) !== 0;
    if (type === FrameType.Settings && !isAck) return this.send(SETTINGS_ACK);
    if (type === FrameType.Ping && !isAck) return this.send(frame(FrameType.Ping, FrameFlag.Ack, 0, payload));
    if (type === FrameType.GoAway) return this.toldToGo(payload.readUInt32BE(0) & WINDOW_MAX);
    if (type === FrameType.Data) this.refill(payload.length);
    const client = this.streams.get(stream);
    if (client === undefined) return;
    if (type === FrameType.RstStream) return this.reset(stream, client, payload.readUInt32BE(0));
    if (type === FrameType.Headers) client.head(statusOf(payload));
    else if (type === FrameType.Data) client.content(payload);
    if ((type === FrameType.Headers || type === FrameType.Data) && (flags & FrameFlag.EndStream) !== 0) {
      this.settle(stream);
      client.answered();
    }
  }

  private toldToGo(lastStream: number): void {
    this.leave();
    const untouched = [...this.streams].filter(([stream]) => stream > lastStream);
    for (const [stream] of untouched) this.streams.delete(stream);
    for (const [, client] of untouched) client.again();
    this.closeIfDone();
  }

  private reset(stream: number, client: H2LoadClient, code: number): void {
    this.settle(stream);
    if (code === REFUSED_STREAM) client.again();
    else client.lost(null);
  }

  private settle(stream: number): void {
    this.streams.delete(stream);
    this.closeIfDone();
  }

  private leave(): void {
    this.isLeaving = true;
    this.pool.leave(this);
  }

  private closeIfDone(): void {
    if (!this.isLeaving || this.streams.size > 0) return;
    this.isOver = true;
    this.socket?.end();
  }

  private refill(octets: number): void {
    this.contentOctets += octets;
    if (this.contentOctets < REFILL_OCTETS) return;
    this.send(numberFrame(FrameType.WindowUpdate, 0, this.contentOctets));
    this.contentOctets = 0;
  }

  private send(octets: Buffer): void {
    if (this.socket === null) this.unsent.push(octets);
    else if (!this.isOver) this.socket.write(octets);
  }
}

export class H2LoadClient implements LoadClient {
  request: Request | null = null;
  dueMs = 0;
  sentMs = 0;
  private connection: H2LoadConnection | null = null;
  private status = 0;
  private offset = 0;
  private isRight = true;

  constructor(
    private readonly owner: LoadClientOwner,
    private readonly pool: H2LoadPool,
  ) {}

  start(request: Request, dueMs: number): void {
    this.request = request;
    this.dueMs = dueMs;
    this.sentMs = performance.now();
    this.ask();
  }

  drop(): void {
    this.request = null;
    this.connection?.forget(this);
  }

  head(status: number): void {
    this.status = status;
  }

  content(octets: Buffer): void {
    const { content } = this.request!;
    if (this.status === 200 && content !== null && this.isRight) {
      const end = this.offset + octets.length;
      this.isRight = end <= content.length && octets.equals(content.subarray(this.offset, end));
    }
    this.offset += octets.length;
  }

  answered(): void {
    const { content } = this.request!;
    const isWhole = this.status !== 200 || content === null || this.offset === content.length;
    this.finish(this.isRight && isWhole ? LoadOutcome.Answered : LoadOutcome.Wrong);
  }

  /** The server has not touched it: once more, elsewhere. */
  again(): void {
    this.owner.retried();
    this.ask();
  }

  /** `reason`: there was never a connection. */
  lost(reason: LoadOutcome | null): void {
    this.finish(reason ?? (this.status === 0 ? LoadOutcome.Unanswered : LoadOutcome.Cut));
  }

  private ask(): void {
    this.status = 0;
    this.offset = 0;
    this.isRight = true;
    this.connection = this.pool.take();
    this.connection.ask(this, this.request!);
  }

  private finish(outcome: LoadOutcome): void {
    if (this.request === null) return;
    this.request = null;
    this.connection = null;
    this.owner.done(this, outcome, this.status);
  }
}

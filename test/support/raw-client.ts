/**
 * A client over TCP, or over TLS, that sends exactly the octets a test wants and reads answers strictly.
 *
 * In:    a port (and address), octets to send whole or in pieces.
 * Out:   parsed responses in the order they came, or the raw octets, or the way the peer ended the connection.
 * Units: octets, milliseconds.
 * Keeps: every wait has a deadline; a pause really stops reading, so the peer meets a full socket buffer.
 */
import { dlopen, FFIType, ptr } from "bun:ffi";
import type { Socket } from "bun";
import { alpnOf } from "../../src/process/alpn.ts";
import { DEADLINE_MS, within } from "./deadline.ts";
import {
  bodyFraming,
  ClientResponse,
  parseChunkedBody,
  parseResponseHead,
  ResponseError,
  type ResponseHead,
} from "./response.ts";

export interface ConnectOptions {
  host?: string;
  /**
   * SO_RCVBUF of the socket: small values make the server meet partial writes early. Not below 16 384, nor below 32 768 where
   * much is sent in small pieces: segments of the loopback that don't fit the window wait for a persist timer, each of them.
   */
  receiveBufferOctets?: number;
  /** Over TLS. The certificate must be for this host, or for the name that is asked for; by whom it is doesn't matter. */
  tls?: TlsChoice;
}

/** What a client of TLS asks for. */
export interface TlsChoice {
  serverName?: string;
  /** For ALPN; none without it. */
  protocols?: readonly string[];
  /** A certificate of its own, in PEM. */
  certificate?: string;
  key?: string;
}

export interface ReadOptions {
  /** Method of the request this answers: HEAD decides that no body follows. */
  method?: string;
  deadlineMs?: number;
  /**
   * Takes the body piece by piece instead of keeping it; `ClientResponse.body` is then empty.
   * For large bodies with a Content-Length.
   */
  sink?: (piece: Uint8Array, offset: number) => void;
}

/** How the peer ended the connection. */
export type Ending = "open" | "closed" | "reset";

export class RawClient implements AsyncDisposable {
  #socket!: Socket<undefined>;
  #buffer = Buffer.allocUnsafe(16 * 1024);
  #start = 0;
  #end = 0;
  #ending: Ending = "open";
  #wake = Promise.withResolvers<void>();
  #writable = Promise.withResolvers<void>();
  /** Every octet that came since the connection was made. */
  octetsReceived = 0;

  static async connect(port: number, options: ConnectOptions = {}): Promise<RawClient> {
    const client = new RawClient();
    const host = options.host ?? "127.0.0.1";
    const shaken = Promise.withResolvers<void>();
    if (options.tls === undefined) shaken.resolve();
    client.#socket = await within(
      Bun.connect({
        hostname: host,
        port,
        allowHalfOpen: true,
        ...(options.tls === undefined ? {} : { tls: tlsOptions(options.tls) }),
        socket: {
          ...(options.tls === undefined
            ? {}
            : {
                handshake: (_: unknown, isDone: boolean, error: Error | null) =>
                  isDone ? shaken.resolve() : shaken.reject(error ?? new Error("no handshake")),
              }),
          data: (_, octets) => client.#take(octets),
          end: () => client.#finish("closed"),
          close: (_, error) => {
            client.#finish(error ? "reset" : "closed");
            shaken.reject(error ?? new Error("closed before the handshake"));
          },
          error: () => client.#finish("reset"),
          drain: () => client.#writable.resolve(),
        },
      }),
      `a connection to ${host}:${port}`,
    );
    await within(shaken.promise, `a handshake with ${host}:${port}`);
    client.#socket.setNoDelay(true);
    if (options.receiveBufferOctets) setReceiveBuffer(client.#socket, options.receiveBufferOctets);
    return client;
  }

  get ending(): Ending {
    return this.#ending;
  }

  /** What was agreed on by ALPN; false: nothing. */
  get protocol(): string | false {
    return (this.#socket as unknown as { readonly alpnProtocol: string | false }).alpnProtocol;
  }

  get localPort(): number {
    return this.#socket.localPort;
  }

  /** Octets that arrived and haven't been read yet. */
  get unread(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Sends all of it; resolves when the kernel has taken the last octet. */
  async send(octets: string | Uint8Array, deadlineMs = DEADLINE_MS): Promise<void> {
    const bytes = typeof octets === "string" ? Buffer.from(octets, "latin1") : octets;
    let sent = 0;
    while (sent < bytes.length) {
      this.#writable = Promise.withResolvers<void>();
      const taken = this.#socket.write(bytes, sent, bytes.length - sent);
      if (taken < 0) throw new Error(`connection is ${this.#ending}, ${sent} of ${bytes.length} octets sent`);
      sent += taken;
      if (sent < bytes.length) await within(this.#writable.promise, "the peer to take more octets", deadlineMs);
    }
  }

  /** As `send`, but hands over what fits without waiting and forgets the rest. For peers that may close at any time. */
  sendCarelessly(octets: string | Uint8Array): number {
    return this.#socket.write(octets);
  }

  /** Sends one piece per turn of the event loop, each in a segment of its own. */
  async sendInPieces(octets: string | Uint8Array, pieceOctets: number): Promise<void> {
    const bytes = typeof octets === "string" ? Buffer.from(octets, "latin1") : octets;
    for (let offset = 0; offset < bytes.length; offset += pieceOctets) {
      await this.send(bytes.subarray(offset, offset + pieceOctets));
      await Bun.sleep(0);
    }
  }

  /** Ends the sending side only (FIN); answers can still be read. */
  halfClose(): void {
    this.#socket.shutdown();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends a request and reads the answer to it. */
  async request(octets: string, options: ReadOptions = {}): Promise<ClientResponse> {
    await this.send(octets);
    return this.readResponse({ method: octets.slice(0, octets.indexOf(" ")), ...options });
  }

  /** Reads the next final response with the interim ones before it. Throws on bad syntax or when the body is cut short. */
  async readResponse(options: ReadOptions = {}): Promise<ClientResponse> {
    const deadlineAt = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
    const interim: ResponseHead[] = [];
    for (;;) {
      const head = await this.#readHead(deadlineAt);
      if (head.status < 200 && head.status !== 101) {
        bodyFraming(head, options.method ?? "GET");
        interim.push(head);
        continue;
      }
      return new ClientResponse(head, await this.#readBody(head, options, deadlineAt), interim);
    }
  }

  /** Reads `count` pipelined answers; `methods` gives the method of each when not all are GET. */
  async readResponses(count: number, methods: readonly string[] = []): Promise<ClientResponse[]> {
    const responses: ClientResponse[] = [];
    for (let index = 0; index < count; index++) responses.push(await this.readResponse({ method: methods[index] }));
    return responses;
  }

  /** Waits until at least `octets` are unread. */
  async waitFor(octets: number, deadlineMs = DEADLINE_MS): Promise<void> {
    const deadlineAt = performance.now() + deadlineMs;
    while (this.#end - this.#start < octets) {
      if (this.#ending !== "open") throw new Error(`${this.#ending} before ${octets} octets came`);
      await this.#more(`${octets} octets`, deadlineAt);
    }
  }

  /** Everything that comes until the peer ends the connection, whatever it means; `ending` then tells how. */
  async readUntilClose(deadlineMs = DEADLINE_MS): Promise<Buffer> {
    const deadlineAt = performance.now() + deadlineMs;
    while (this.#ending === "open") await this.#more("the peer to close", deadlineAt);
    return this.#consume(this.#end - this.#start);
  }

  /** The peer ends the connection in an orderly way and sends nothing more before it. */
  async expectClose(deadlineMs = DEADLINE_MS): Promise<void> {
    const rest = await this.readUntilClose(deadlineMs);
    if (rest.length > 0) throw new Error(`octets before the close: ${JSON.stringify(rest.toString("latin1", 0, 200))}`);
    if (this.#ending !== "closed") throw new Error(`the connection was ${this.#ending}`);
  }

  /** Ends the connection at once, both ways. */
  close(): void {
    this.#socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #readHead(deadlineAt: number): Promise<ResponseHead> {
    for (;;) {
      const head = parseResponseHead(this.#buffer.subarray(0, this.#end), this.#start);
      if (head) {
        this.#start += head.octets;
        return head;
      }
      if (this.#ending !== "open") {
        throw new ResponseError(
          `${this.#ending} before a response head, after ${JSON.stringify(this.unread.toString("latin1"))}`,
        );
      }
      await this.#more("a response head", deadlineAt);
    }
  }

  async #readBody(head: ResponseHead, options: ReadOptions, deadlineAt: number): Promise<Uint8Array> {
    const framing = bodyFraming(head, options.method ?? "GET");
    switch (framing.kind) {
      case "none":
        return new Uint8Array(0);
      case "until-close":
        while (this.#ending === "open") await this.#more("the end of the body", deadlineAt);
        if (this.#ending === "reset") throw new ResponseError("reset inside the body");
        return this.#consume(this.#end - this.#start);
      case "chunked":
        for (;;) {
          const whole = parseChunkedBody(this.#buffer.subarray(0, this.#end), this.#start);
          if (whole) {
            const body = Buffer.from(whole.body);
            this.#start = whole.end;
            return body;
          }
          this.#refuseCut("inside a chunked body");
          await this.#more("the last chunk", deadlineAt);
        }
      case "length":
        return options.sink
          ? this.#pour(framing.octets, options.sink, deadlineAt)
          : this.#collect(framing.octets, deadlineAt);
    }
  }

  async #collect(octets: number, deadlineAt: number): Promise<Uint8Array> {
    while (this.#end - this.#start < octets) {
      this.#refuseCut(`after ${this.#end - this.#start} of ${octets} octets of content`);
      await this.#more(`${octets} octets of content`, deadlineAt);
    }
    return this.#consume(octets);
  }

  async #pour(octets: number, sink: NonNullable<ReadOptions["sink"]>, deadlineAt: number): Promise<Uint8Array> {
    let offset = 0;
    for (;;) {
      const piece = this.#consume(Math.min(octets - offset, this.#end - this.#start));
      if (piece.length > 0) sink(piece, offset);
      offset += piece.length;
      if (offset === octets) return new Uint8Array(0);
      this.#refuseCut(`after ${offset} of ${octets} octets of content`);
      await this.#more(`${octets} octets of content`, deadlineAt);
    }
  }

  #refuseCut(where: string): void {
    if (this.#ending !== "open") throw new ResponseError(`${this.#ending} ${where}`);
  }

  /** Waits for octets or the end; the caller looks at what it was. */
  async #more(what: string, deadlineAt: number): Promise<void> {
    await within(this.#wake.promise, what, Math.max(1, Math.round(deadlineAt - performance.now())));
  }

  #consume(octets: number): Buffer {
    const piece = Buffer.from(this.#buffer.subarray(this.#start, this.#start + octets));
    this.#start += octets;
    return piece;
  }

  #take(octets: Buffer): void {
    this.octetsReceived += octets.length;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end + octets.length > this.#buffer.length) this.#makeRoom(octets.length);
    this.#buffer.set(octets, this.#end);
    this.#end += octets.length;
    this.#signal();
  }

  #makeRoom(octets: number): void {
    const unread = this.unread;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length, 2 * (unread.length + octets)));
    grown.set(unread);
    this.#buffer = grown;
    this.#start = 0;
    this.#end = unread.length;
  }

  #finish(ending: Ending): void {
    if (this.#ending === "open") this.#ending = ending;
    this.#writable.resolve();
    this.#signal();
  }

  #signal(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

function tlsOptions({ certificate, key, protocols, serverName }: TlsChoice): Bun.TLSOptions {
  return {
    rejectUnauthorized: false,
    ...(serverName === undefined ? {} : { serverName }),
    ...(protocols === undefined ? {} : { ALPNProtocols: alpnOf(...protocols) }),
    ...(certificate === undefined ? {} : { cert: certificate, key }),
  };
}

const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

/** setsockopt(SO_RCVBUF) on a connected socket: bounds how far the receive window may still grow. */
function setReceiveBuffer(socket: Socket<undefined>, octets: number): void {
  const { fd } = socket as unknown as { fd: number };
  const libc = dlopen(process.platform === "linux" ? "libc.so.6" : "libc.dylib", {
    setsockopt: {
      args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32],
      returns: FFIType.i32,
    },
  });
  const cell = new Int32Array([octets]);
  const result = libc.symbols.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, ptr(cell), cell.byteLength);
  libc.close();
  if (result !== 0) throw new Error("setsockopt(SO_RCVBUF) failed");
}

/**
 * One exchange over raw TCP: a row's steps in, the server's octets out.
 *
 * In:    address, steps with placeholders already expanded, and `isSettled`, which says when to stop waiting.
 * Out:   everything received and how the connection ended. Waiting always ends at a deadline.
 * Units: milliseconds.
 * Keeps: a reset by the server is an end like any other, but is told apart; what came before it is kept, unless a sink takes it.
 */
import type { Socket } from "bun";
import { toOctets } from "./octet-text.ts";

export interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface WireOptions {
  /** The protocol to be agreed on in the TLS handshake (RFC 7301); the connection isn't made without it. */
  readonly applicationProtocol?: string;
  /** Takes the octets as they come, in place of `received`. */
  readonly sink?: (octets: Uint8Array) => void;
}

export type Ending = "open" | "closed" | "reset";

export class Wire {
  private readonly chunks: Uint8Array[] = [];
  private whole: Uint8Array | null = null;
  private unsent: Uint8Array = new Uint8Array(0);
  private halfCloseWhenSent = false;
  private wake: () => void = () => {};
  /** Counts events, so that a waiter that was busy doesn't miss one. */
  private events = 0;
  ending: Ending = "open";
  private socket: Socket | null = null;

  static async connect(address: Address, options: WireOptions = {}): Promise<Wire> {
    const wire = new Wire();
    const { applicationProtocol, sink = (octets) => wire.keep(octets) } = options;
    const secured = Promise.withResolvers<void>();
    wire.socket = await Bun.connect({
      hostname: address.hostname,
      port: address.port,
      allowHalfOpen: true,
      ...(address.tls ? { tls: { rejectUnauthorized: false, ...alpnOption(applicationProtocol) } } : {}),
      socket: {
        handshake: (socket, isComplete) => {
          const isAgreed = applicationProtocol === undefined || socket.alpnProtocol === applicationProtocol;
          if (isComplete && isAgreed) secured.resolve();
          else secured.reject(new Error(`no TLS handshake with ${applicationProtocol ?? "any protocol"}`));
        },
        data: (_socket, chunk) => {
          sink(new Uint8Array(chunk));
          wire.notify();
        },
        drain: () => wire.flush(),
        end: () => wire.finish("closed"),
        close: (_socket, error) => {
          wire.finish(error ? "reset" : "closed");
          secured.reject(new Error("closed before the TLS handshake was complete"));
        },
        error: () => wire.finish("reset"),
      },
    });
    if (address.tls) await secured.promise;
    else secured.resolve();
    wire.socket.setNoDelay(true);
    return wire;
  }

  private keep(octets: Uint8Array): void {
    this.chunks.push(octets);
    this.whole = null;
  }

  /** All octets received so far. */
  get received(): Uint8Array {
    if (!this.whole) {
      this.whole = Buffer.concat(this.chunks);
      this.chunks.length = 0;
      this.chunks.push(this.whole);
    }
    return this.whole;
  }

  send(text: string | Uint8Array): void {
    const octets = typeof text === "string" ? toOctets(text) : text;
    this.unsent = this.unsent.length === 0 ? octets : Buffer.concat([this.unsent, octets]);
    this.flush();
  }

  halfClose(): void {
    this.halfCloseWhenSent = true;
    this.flush();
  }

  /** Waits until `condition` holds, the server has ended the connection, or the deadline has passed. */
  async until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      if (condition()) return true;
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0 || this.ending !== "open") return false;
      const seen = this.events;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, remainingMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (this.events !== seen) this.wake();
      });
    }
  }

  /** Leaves no half-open connection behind. */
  close(): void {
    this.socket?.terminate();
  }

  private flush(): void {
    if (!this.socket || this.ending === "reset") return;
    while (this.unsent.length > 0) {
      const taken = this.socket.write(this.unsent);
      if (taken <= 0) return;
      this.unsent = this.unsent.subarray(taken);
    }
    if (this.halfCloseWhenSent) {
      this.halfCloseWhenSent = false;
      this.socket.shutdown();
    }
  }

  private finish(ending: Ending): void {
    if (this.ending === "open") this.ending = ending;
    this.notify();
  }

  private notify(): void {
    this.events++;
    this.wake();
  }
}

function alpnOption(protocol: string | undefined): { ALPNProtocols?: ArrayBuffer } {
  if (protocol === undefined) return {};
  return { ALPNProtocols: Uint8Array.of(protocol.length, ...Buffer.from(protocol)).buffer as ArrayBuffer };
}

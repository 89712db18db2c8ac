/**
 * A connection that asks as fast as it is told to and counts statuses, for floods where a strict client would be the slowest part.
 *
 * In:    what comes before the first request (a header of the PROXY protocol), batches of HEAD requests.
 * Out:   how many answers of each status came; `end` resolves when the server has ended the connection.
 * Keeps: answers to HEAD are heads, so each "HTTP/1.1 " in the stream begins one.
 */
import type { Socket } from "bun";
import { within } from "../../support/deadline.ts";

const MARK = "HTTP/1.1 ";
const STATUS_DIGITS = 3;

export class StatusCounter implements AsyncDisposable {
  readonly statuses = new Map<number, number>();
  private hasEnded = false;
  private answered = 0;
  private wanted = 0;
  private rest: Buffer = Buffer.alloc(0);
  private unsent: Buffer = Buffer.alloc(0);
  private done = Promise.withResolvers<void>();
  private readonly ended = Promise.withResolvers<void>();

  private constructor(private readonly socket: Socket<StatusCounter>) {
    this.done.resolve();
  }

  static async connect(port: number, preface: string): Promise<StatusCounter> {
    const socket = await Bun.connect<StatusCounter>({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (it, octets) => it.data.count(octets),
        drain: (it) => it.data.sendRest(),
        close: (it) => it.data?.finish(),
        error: () => {},
      },
    });
    const counter = new StatusCounter(socket);
    socket.data = counter;
    counter.send(preface);
    return counter;
  }

  /** Sends `count` requests, and waits for as many answers, or the connection's end. */
  async ask(requests: string, count: number): Promise<void> {
    this.done = Promise.withResolvers();
    this.wanted = this.answered + count;
    this.send(requests);
    await within(Promise.race([this.done.promise, this.ended.promise]), `${count} answers`);
  }

  countOf(status: number): number {
    return this.statuses.get(status) ?? 0;
  }

  get isOpen(): boolean {
    return !this.hasEnded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
  }

  private send(text: string): void {
    const octets = Buffer.from(text, "latin1");
    this.unsent = this.unsent.length === 0 ? octets : Buffer.concat([this.unsent, octets]);
    this.sendRest();
  }

  private sendRest(): void {
    if (this.unsent.length === 0) return;
    const taken = Math.max(0, this.socket.write(this.unsent));
    this.unsent = this.unsent.subarray(taken);
  }

  private count(octets: Buffer): void {
    const stream = this.rest.length === 0 ? octets : Buffer.concat([this.rest, octets]);
    let position = 0;
    for (;;) {
      const mark = stream.indexOf(MARK, position);
      const end = mark + MARK.length + STATUS_DIGITS;
      if (mark < 0 || end > stream.length) break;
      const status = Number(stream.toString("latin1", end - STATUS_DIGITS, end));
      this.statuses.set(status, this.countOf(status) + 1);
      this.answered++;
      position = end;
    }
    // What may be the beginning of the next mark.
    this.rest = Buffer.from(stream.subarray(Math.max(position, stream.length - MARK.length - STATUS_DIGITS)));
    if (this.answered >= this.wanted) this.done.resolve();
  }

  private finish(): void {
    this.hasEnded = true;
    this.ended.resolve();
  }
}

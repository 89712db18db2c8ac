/**
 * The content of a request as one buffer, up to a limit: for applications that need all of it before they can answer.
 *
 * Out:   `done` is called once: with the content, or null where it is longer than the limit, or will never be whole.
 * Keeps: never holds more than the limit; what is too long is let go of at once, and the rest isn't asked for.
 */
import type { ContentSink } from "./exchange.ts";

export class ContentCollector implements ContentSink {
  private pieces: Buffer[] = [];
  private octets = 0;
  private isDone = false;

  constructor(
    private readonly octetsMax: number,
    private readonly done: (content: Buffer | null) => void,
  ) {}

  take(octets: Buffer, start: number, end: number): boolean {
    this.octets += end - start;
    if (this.octets > this.octetsMax) {
      this.finish(null);
      return false;
    }
    this.pieces.push(Buffer.from(octets.subarray(start, end))); // lent
    return true;
  }

  end(): void {
    this.finish(Buffer.concat(this.pieces));
  }

  aborted(): void {
    this.finish(null);
  }

  private finish(content: Buffer | null): void {
    if (this.isDone) return;
    this.isDone = true;
    this.pieces = [];
    this.done(content);
  }
}

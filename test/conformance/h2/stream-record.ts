/**
 * One stream as the client sees it: what has come, and whether it may (RFC 9113 §5.1, §8.1).
 *
 * In:    field sections, DATA, RST_STREAM in the order received.
 * Out:   the response as `Received`, the form that HTTP/1.1's judge and checks know.
 * Fails: `Breach` for what a server may not send in that state.
 */
import type { Received } from "../response-parser.ts";
import { Breach } from "./frame-reader.ts";
import type { FieldLine } from "./hpack/decoder.ts";
import { findFieldBreach } from "./response-fields.ts";

const NO_CONTENT_STATUSES = [204, 304];

export class StreamRecord {
  readonly interim: number[] = [];
  head: readonly FieldLine[] | null = null;
  status = 0;
  contentOctets = 0;
  /** The server has ended the stream. */
  isEnded = false;
  /** The code of the server's RST_STREAM. */
  resetCode: number | null = null;
  isResetByClient = false;
  private readonly content: Uint8Array[] = [];

  constructor(
    readonly stream: number,
    readonly method: string,
    /** What the server may still send, and what the client may. */
    public receiveWindow: number,
    public sendWindow: number,
  ) {}

  get isComplete(): boolean {
    return this.head !== null && this.isEnded;
  }

  /** Whether nothing more will come of it. */
  get isOver(): boolean {
    return this.isEnded || this.resetCode !== null;
  }

  receiveFields(lines: readonly FieldLine[], endsStream: boolean): void {
    if (this.isResetByClient) return;
    this.refuseAfterEnd("HEADERS");
    const isTrailer = this.head !== null;
    const breach = findFieldBreach(lines, isTrailer);
    if (breach !== null) throw new Breach(`stream ${this.stream}: ${breach}`);
    if (isTrailer && !endsStream) throw new Breach(`stream ${this.stream}: a second HEADERS without END_STREAM`);
    if (!isTrailer) this.receiveHead(lines, endsStream);
    if (endsStream) this.end();
  }

  receiveData(content: Uint8Array, endsStream: boolean): void {
    if (this.isResetByClient) return;
    this.refuseAfterEnd("DATA");
    if (this.head === null) throw new Breach(`stream ${this.stream}: DATA before HEADERS`);
    this.content.push(content);
    this.contentOctets += content.length;
    if (endsStream) this.end();
  }

  receiveReset(code: number): void {
    if (this.resetCode !== null) return;
    this.resetCode = code;
  }

  toReceived(): Received {
    const fieldLines = (this.head ?? []).filter(([name]) => !name.startsWith(":"));
    return {
      version: "HTTP/2.0",
      status: this.status,
      statusLine: "",
      fieldLines,
      framing: "length",
      body: Buffer.concat(this.content),
      interim: this.interim,
    };
  }

  private receiveHead(lines: readonly FieldLine[], endsStream: boolean): void {
    const status = Number(lines.find(([name]) => name === ":status")![1]);
    if (status === 101) throw new Breach(`stream ${this.stream}: 101`);
    if (status >= 200) {
      this.status = status;
      this.head = lines;
      return;
    }
    if (endsStream) throw new Breach(`stream ${this.stream}: an interim response that ends the stream`);
    this.interim.push(status);
  }

  private end(): void {
    this.isEnded = true;
    if (this.method === "HEAD" || NO_CONTENT_STATUSES.includes(this.status)) {
      if (this.contentOctets > 0) throw new Breach(`stream ${this.stream}: content where there may be none`);
      return;
    }
    const length = this.head?.find(([name]) => name === "content-length")?.[1];
    if (length !== undefined && Number(length) !== this.contentOctets) {
      throw new Breach(`stream ${this.stream}: content-length ${length}, ${this.contentOctets} octets of DATA`);
    }
  }

  private refuseAfterEnd(frame: string): void {
    if (this.isEnded) throw new Breach(`stream ${this.stream}: ${frame} after END_STREAM`);
    if (this.resetCode !== null) throw new Breach(`stream ${this.stream}: ${frame} after RST_STREAM`);
  }
}

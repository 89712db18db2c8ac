/**
 * Request content in DATA frames: within the server's windows (RFC 9113 §6.9), or deliberately beyond them.
 *
 * Out:   null, or what kept the content from being sent. A server that needs no more of it may answer or reset before its end.
 */
import type { H2Client } from "./client.ts";
import { Flag, FrameType } from "./protocol.ts";

const FRAME_OCTETS = 16_384;

export class ContentSender {
  constructor(
    private readonly client: H2Client,
    private readonly deadlineMs: number,
  ) {}

  async send(stream: number, octets: number, padding?: number): Promise<string | null> {
    const { client } = this;
    const record = client.streams.get(stream)!;
    const overhead = padding === undefined ? 0 : padding + 1;
    const credit = (): number => Math.min(client.sendWindow, record.sendWindow);
    const isOver = (): boolean => record.isOver || client.wire.ending !== "open";
    for (let rest = octets; rest > 0 && !isOver();) {
      await client.until(() => credit() > overhead || isOver(), this.deadlineMs);
      if (client.breach !== null || isOver()) break;
      if (credit() <= overhead) return `no credit for the last ${rest} octets of content`;
      const length = Math.min(rest, credit() - overhead, padding === undefined ? FRAME_OCTETS : 1);
      rest -= length;
      this.sendData(stream, length, rest === 0, padding);
    }
    return null;
  }

  /** Goes beyond the smaller window by one octet. The server may have given more credit before it reads that far. */
  async overrun(stream: number): Promise<void> {
    const record = this.client.streams.get(stream)!;
    for (let rest = Math.min(this.client.sendWindow, record.sendWindow) + 1; rest > 0; rest -= FRAME_OCTETS) {
      this.sendData(stream, Math.min(rest, FRAME_OCTETS), rest <= FRAME_OCTETS);
    }
  }

  private sendData(stream: number, length: number, ends: boolean, padding?: number): void {
    const content = new Uint8Array(length).fill(0x78);
    const flags = (ends ? Flag.END_STREAM : 0) | (padding === undefined ? 0 : Flag.PADDED);
    const payload =
      padding === undefined ? content : Buffer.concat([Uint8Array.of(padding), content, new Uint8Array(padding)]);
    this.client.sendFrame({ type: FrameType.DATA, flags, stream }, payload);
  }
}

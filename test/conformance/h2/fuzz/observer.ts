/**
 * What no server may send, whatever it was sent: watched without knowing what the client's frames meant after they were mutated.
 *
 * In:    octets of the server. Out: `fault`, or null; what came, in a few words.
 */
import { Breach, contentOf, FrameReader, type ReceivedFrame } from "../frame-reader.ts";
import { HpackBreach, HpackDecoder } from "../hpack/decoder.ts";
import { errorName, Flag, frameName, FrameType } from "../protocol.ts";
import { findFieldBreach } from "../response-fields.ts";

const FRAME_SIZE_MAX = 0xff_ffff;
export const LAST_PING_PAYLOAD = "the last";

export class Observer {
  fault: string | null = null;
  hasSeenPing = false;
  readonly statuses: string[] = [];
  private readonly reader = new FrameReader();
  private readonly decoder = new HpackDecoder();
  private readonly hasHead = new Set<number>();
  private readonly over = new Set<number>();
  private block: { first: ReceivedFrame; fragments: Uint8Array[] } | null = null;
  private lastStream = Number.POSITIVE_INFINITY;
  private isFirst = true;

  /** `changesTable`: the client may have changed the size of the encoder's table, so field blocks aren't decoded. */
  constructor(private readonly changesTable: boolean) {
    this.reader.frameSizeMax = FRAME_SIZE_MAX;
  }

  /** Whether a response has begun and not ended: it may wait for credit. */
  get isUnfinished(): boolean {
    return [...this.hasHead].some((stream) => !this.over.has(stream));
  }

  receive(octets: Uint8Array): void {
    if (this.fault !== null) return;
    try {
      this.reader.push(octets);
      for (let frame = this.reader.next(); frame !== null; frame = this.reader.next()) this.receiveFrame(frame);
    } catch (problem) {
      if (!(problem instanceof Breach) && !(problem instanceof HpackBreach)) throw problem;
      this.fault = problem.message;
    }
  }

  private receiveFrame(frame: ReceivedFrame): void {
    const { type, flags, stream, payload } = frame;
    if (this.isFirst && type !== FrameType.SETTINGS) throw new Breach(`${frameName(type)} before SETTINGS`);
    this.isFirst = false;
    if (this.block && (type !== FrameType.CONTINUATION || stream !== this.block.first.stream)) {
      throw new Breach(`${frameName(type)} where CONTINUATION must come`);
    }
    switch (type) {
      case FrameType.DATA:
        if (!this.hasHead.has(stream) || this.over.has(stream))
          throw new Breach(`DATA on stream ${stream}, out of place`);
        contentOf(frame);
        if ((flags & Flag.END_STREAM) !== 0) this.over.add(stream);
        return;
      case FrameType.HEADERS:
        if (this.over.has(stream) || stream % 2 === 0) throw new Breach(`HEADERS on stream ${stream}, out of place`);
        this.block = { first: frame, fragments: [contentOf(frame)] };
        return this.receiveBlock(flags);
      case FrameType.CONTINUATION:
        if (!this.block) throw new Breach("CONTINUATION without HEADERS before it");
        this.block.fragments.push(payload);
        return this.receiveBlock(flags);
      case FrameType.RST_STREAM:
        this.over.add(stream);
        return;
      case FrameType.PUSH_PROMISE:
        throw new Breach("PUSH_PROMISE that nobody asked for");
      case FrameType.PING:
        this.hasSeenPing ||= Buffer.from(payload).toString("latin1") === LAST_PING_PAYLOAD;
        return;
      case FrameType.GOAWAY:
        return this.receiveGoaway(Buffer.from(payload));
    }
  }

  private receiveBlock(flags: number): void {
    if ((flags & Flag.END_HEADERS) === 0) return;
    const { first, fragments } = this.block!;
    this.block = null;
    const isTrailer = this.hasHead.has(first.stream);
    if ((first.flags & Flag.END_STREAM) !== 0) this.over.add(first.stream);
    this.hasHead.add(first.stream);
    if (this.changesTable) return;
    const lines = this.decoder.decode(Buffer.concat(fragments));
    const breach = findFieldBreach(lines, isTrailer);
    if (breach !== null) throw new Breach(breach);
    const status = lines.find(([name]) => name === ":status")?.[1] ?? "trailers";
    this.statuses.push(status);
    if (status.startsWith("1")) this.hasHead.delete(first.stream);
    if (status === "500") throw new Breach("answered 500");
  }

  private receiveGoaway(payload: Buffer): void {
    const lastStream = payload.readUInt32BE(0) & 0x7fff_ffff;
    if (lastStream > this.lastStream) throw new Breach("GOAWAY with a higher last stream than before");
    this.lastStream = lastStream;
    const code = payload.readUInt32BE(4);
    if (errorName(code) === "INTERNAL_ERROR") throw new Breach("GOAWAY with INTERNAL_ERROR");
    this.statuses.push(errorName(code));
  }
}

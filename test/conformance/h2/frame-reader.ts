/**
 * Frames out of the octets a server sends (RFC 9113 §4, §6): the grammar of each, strictly.
 *
 * In:    octets as they come. Out: frames in order; a `Breach` for the first that isn't well formed.
 * Keeps: what depends on what came before (streams, windows, field blocks) is `client.ts`'s business.
 */
import { DEFAULT_MAX_FRAME_SIZE, Flag, FRAME_HEAD_OCTETS, type FrameHead, frameName, FrameType } from "./protocol.ts";

export class Breach extends Error {}

export interface ReceivedFrame extends FrameHead {
  readonly payload: Uint8Array;
}

/** Flags with a meaning; all others must be unset when sending (§4.1). */
const DEFINED_FLAGS: ReadonlyMap<number, number> = new Map<number, number>([
  [FrameType.DATA, Flag.END_STREAM | Flag.PADDED],
  [FrameType.HEADERS, Flag.END_STREAM | Flag.END_HEADERS | Flag.PADDED | Flag.PRIORITY],
  [FrameType.PRIORITY, 0],
  [FrameType.RST_STREAM, 0],
  [FrameType.SETTINGS, Flag.ACK],
  [FrameType.PUSH_PROMISE, Flag.END_HEADERS | Flag.PADDED],
  [FrameType.PING, Flag.ACK],
  [FrameType.GOAWAY, 0],
  [FrameType.WINDOW_UPDATE, 0],
  [FrameType.CONTINUATION, Flag.END_HEADERS],
]);

const ON_CONNECTION: readonly number[] = [FrameType.SETTINGS, FrameType.PING, FrameType.GOAWAY];
const ON_STREAM: readonly number[] = [
  FrameType.DATA,
  FrameType.HEADERS,
  FrameType.PRIORITY,
  FrameType.RST_STREAM,
  FrameType.PUSH_PROMISE,
  FrameType.CONTINUATION,
];

export class FrameReader {
  private readonly pieces: Uint8Array[] = [];
  private octetCount = 0;
  /** As the client's SETTINGS allow. */
  frameSizeMax = DEFAULT_MAX_FRAME_SIZE;

  push(octets: Uint8Array): void {
    this.pieces.push(octets);
    this.octetCount += octets.length;
  }

  /** Octets that are no whole frame yet. */
  get rest(): number {
    return this.octetCount;
  }

  /** The next frame, or null until more octets come. */
  next(): ReceivedFrame | null {
    if (this.octetCount < FRAME_HEAD_OCTETS) return null;
    const head = this.join(FRAME_HEAD_OCTETS);
    const length = head.readUIntBE(0, 3);
    const [type, flags, stream] = [head[3]!, head[4]!, head.readUInt32BE(5)];
    if (length > this.frameSizeMax) throw new Breach(`${frameName(type)} of ${length} octets`);
    if (this.octetCount < FRAME_HEAD_OCTETS + length) return null;
    const whole = this.join(FRAME_HEAD_OCTETS + length);
    const payload = whole.subarray(FRAME_HEAD_OCTETS, FRAME_HEAD_OCTETS + length);
    this.pieces[0] = whole.subarray(FRAME_HEAD_OCTETS + length);
    this.octetCount -= FRAME_HEAD_OCTETS + length;
    return checkFrame({ type, flags, stream, payload });
  }

  /** The first pieces as one that has at least `octets`. */
  private join(octets: number): Buffer {
    let first = this.pieces[0]!;
    if (first.length < octets) {
      let count = 0;
      let taken = 0;
      while (count < octets) count += this.pieces[taken++]!.length;
      first = Buffer.concat(this.pieces.splice(0, taken));
      this.pieces.unshift(first);
    }
    return Buffer.from(first.buffer, first.byteOffset, first.length);
  }
}

function checkFrame(frame: ReceivedFrame): ReceivedFrame {
  const { type, flags, stream, payload } = frame;
  const name = frameName(type);
  const defined = DEFINED_FLAGS.get(type);
  if (stream > 0x7fff_ffff) throw new Breach(`${name} with the reserved bit set`);
  if (defined !== undefined && (flags & ~defined) !== 0) throw new Breach(`${name} with flags 0x${flags.toString(16)}`);
  if (ON_CONNECTION.includes(type) && stream !== 0) throw new Breach(`${name} on stream ${stream}`);
  if (ON_STREAM.includes(type) && stream === 0) throw new Breach(`${name} on stream 0`);
  if (!hasFittingLength(type, flags, payload.length)) throw new Breach(`${name} of ${payload.length} octets`);
  return frame;
}

function hasFittingLength(type: number, flags: number, length: number): boolean {
  switch (type) {
    case FrameType.PRIORITY:
      return length === 5;
    case FrameType.RST_STREAM:
    case FrameType.WINDOW_UPDATE:
      return length === 4;
    case FrameType.SETTINGS:
      return (flags & Flag.ACK) !== 0 ? length === 0 : length % 6 === 0;
    case FrameType.PING:
      return length === 8;
    case FrameType.GOAWAY:
      return length >= 8;
    default:
      return true;
  }
}

/** The payload without padding and priority (§6.1, §6.2). */
export function contentOf({ type, flags, payload }: ReceivedFrame): Uint8Array {
  let content = payload;
  if ((flags & Flag.PADDED) !== 0) {
    const padding = payload[0];
    if (padding === undefined || padding >= payload.length)
      throw new Breach(`${frameName(type)} with more padding than payload`);
    content = payload.subarray(1, payload.length - padding);
  }
  if (type !== FrameType.HEADERS || (flags & Flag.PRIORITY) === 0) return content;
  if (content.length < 5) throw new Breach("HEADERS too short for its priority");
  return content.subarray(5);
}

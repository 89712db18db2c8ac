/** Frames as a client sends them, well formed or not; and what a server sends, as text. */
import { ErrorCode, Flag, FRAME_HEAD_OCTETS, FrameType, word31At, word32At } from "../../../src/http2/frame.ts";
import { Decoding, type TextField } from "./decoding.ts";
import { FieldStore } from "../../../src/http2/field-store.ts";

export const PREFACE_TEXT = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ""): Buffer {
  const octets = Buffer.from(payload as string, "latin1");
  const head = Buffer.alloc(FRAME_HEAD_OCTETS);
  head.writeUIntBE(octets.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, octets]);
}

/** A field block of plain literals: any octets, also such as no field has. */
export function block(fields: readonly TextField[]): Buffer {
  const text = (value: string): Buffer => {
    const octets = Buffer.from(value, "latin1");
    return Buffer.concat([Buffer.from(integer(octets.length)), octets]);
  };
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** With a prefix of seven bits (RFC 7541 §5.1). */
function integer(value: number): number[] {
  if (value < 127) return [value];
  const octets = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return [...octets, rest];
}

export const GET: readonly TextField[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "a"],
];

export function get(stream: number, path: string, ...fields: readonly TextField[]): Buffer {
  return headers(stream, [...GET, [":path", path], ...fields], Flag.EndStream);
}

/** The head of a request whose content follows. */
export function post(stream: number, path: string, ...fields: readonly TextField[]): Buffer {
  return headers(stream, [[":method", "POST"], ...GET.slice(1), [":path", path], ...fields], Flag.None);
}

export function headers(stream: number, fields: readonly TextField[], flags: number): Buffer {
  return frame(FrameType.Headers, flags | Flag.EndHeaders, stream, block(fields));
}

export function data(stream: number, content: Uint8Array | string, isLast = false): Buffer {
  return frame(FrameType.Data, isLast ? Flag.EndStream : Flag.None, stream, content);
}

export function word(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
}

export function settings(...values: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.concat(values.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id]), word(value)])));
  return frame(FrameType.Settings, 0, 0, payload);
}

export const SETTINGS_ACK: Buffer = frame(FrameType.Settings, Flag.Ack, 0);

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(FrameType.WindowUpdate, 0, stream, word(increment));
}

export function rstStream(stream: number, code: ErrorCode = ErrorCode.Cancel): Buffer {
  return frame(FrameType.RstStream, 0, stream, word(code));
}

/** A frame that was received. */
export interface ReceivedFrame {
  readonly type: FrameType;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Takes whole frames off octets; throws if a frame isn't whole. */
export function framesOf(octets: Buffer): ReceivedFrame[] {
  const frames: ReceivedFrame[] = [];
  for (let at = 0; at < octets.length;) {
    const end = at + FRAME_HEAD_OCTETS + octets.readUIntBE(at, 3);
    if (end > octets.length) throw new Error(`a frame isn't whole: ${end - octets.length} octets are missing`);
    const payload = octets.subarray(at + FRAME_HEAD_OCTETS, end);
    frames.push({ type: octets[at + 3]!, flags: octets[at + 4]!, stream: word31At(octets, at + 5), payload });
    at = end;
  }
  return frames;
}

/** Tells of frames, one line each, as `HEADERS 1 200 content-length=5`, `DATA 1 "hello" end`. */
export class FrameText {
  private readonly decoding = new Decoding(new FieldStore(1024 * 1024));
  private pieces: Buffer[] = [];

  linesOf(octets: Buffer): string[] {
    return framesOf(octets).flatMap((received) => this.lineOf(received) ?? []);
  }

  private lineOf({ type, flags, stream, payload }: ReceivedFrame): string | null {
    const end = (flags & Flag.EndStream) !== 0 ? " end" : "";
    switch (type) {
      case FrameType.Headers:
      case FrameType.Continuation:
        return this.headersLine(flags, stream, payload, end);
      case FrameType.Data:
        return `DATA ${stream} ${contentText(payload)}${end}`;
      case FrameType.RstStream:
        return `RST_STREAM ${stream} ${ErrorCode[word32At(payload, 0)]}`;
      case FrameType.Settings:
        return (flags & Flag.Ack) !== 0 ? "SETTINGS ACK" : `SETTINGS ${payload.toString("hex")}`;
      case FrameType.Ping:
        return `PING ${(flags & Flag.Ack) !== 0 ? "ACK " : ""}${payload.toString("latin1")}`;
      case FrameType.GoAway:
        return `GOAWAY ${word31At(payload, 0)} ${ErrorCode[word32At(payload, 4)]}`;
      case FrameType.WindowUpdate:
        return `WINDOW_UPDATE ${stream} ${word32At(payload, 0)}`;
      default:
        return `${FrameType[type]} ${stream}`;
    }
  }

  private headersLine(flags: number, stream: number, payload: Buffer, end: string): string | null {
    this.pieces.push(payload);
    if ((flags & Flag.EndHeaders) === 0) return null;
    const fields = this.decoding.fields(Buffer.concat(this.pieces.splice(0)));
    if (typeof fields === "string") throw new Error(`a field block that can't be decoded: ${fields}`);
    const texts = fields.map(([name, value]) => (name === ":status" ? value : `${name}=${value}`));
    return `HEADERS ${stream} ${texts.join(" ")}${end}`;
  }
}

function contentText(payload: Buffer): string {
  return payload.length > 40 ? String(payload.length) : JSON.stringify(payload.toString("latin1"));
}

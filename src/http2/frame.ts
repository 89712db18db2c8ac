/**
 * Frames of HTTP/2 (RFC 9113 §4, §6): their types, flags and error codes, and the nine octets that each begins with.
 *
 *     length (24)  type (8)  flags (8)  reserved (1)  stream (31)
 *
 * Units: octets; streams by their number, 0 for the connection itself.
 */

export enum FrameType {
  Data,
  Headers,
  Priority,
  RstStream,
  Settings,
  PushPromise,
  Ping,
  GoAway,
  WindowUpdate,
  Continuation,
  /** RFC 9218 §7.1. */
  PriorityUpdate = 0x10,
}

/** What a bit of the flags means depends on the type. */
export enum Flag {
  None = 0,
  /** Of SETTINGS and PING. */
  Ack = 0x1,
  EndStream = 0x1,
  EndHeaders = 0x4,
  Padded = 0x8,
  Priority = 0x20,
}

/** RFC 9113 §7. */
export enum ErrorCode {
  NoError,
  ProtocolError,
  InternalError,
  FlowControlError,
  SettingsTimeout,
  StreamClosed,
  FrameSizeError,
  RefusedStream,
  Cancel,
  CompressionError,
  ConnectError,
  EnhanceYourCalm,
  InadequateSecurity,
  Http11Required,
}

export const FRAME_HEAD_OCTETS = 9;
const STREAM_OFFSET = 5;

/** The largest payload either end may send unless the other allows more (§4.2), and the largest saker sends or takes. */
export const FRAME_OCTETS_MAX = 16_384;

/** The largest number of a stream. */
export const STREAM_MAX = 0x7fff_ffff;

/** What a client begins with (§3.4). */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Writes the head of a frame at `at`; returns the offset after it. */
export function putFrameHead(
  target: Uint8Array,
  at: number,
  octets: number,
  type: FrameType,
  flags: number,
  stream: number,
): number {
  target[at] = octets >>> 16;
  target[at + 1] = octets >>> 8;
  target[at + 2] = octets;
  target[at + 3] = type;
  target[at + 4] = flags;
  return putWord(target, at + STREAM_OFFSET, stream);
}

/** Writes the stream into the frame head at `at`. */
export function putStream(target: Uint8Array, at: number, stream: number): void {
  putWord(target, at + STREAM_OFFSET, stream);
}

/** Writes 32 bits, the highest octet first; returns the offset after them. */
function putWord(target: Uint8Array, at: number, word: number): number {
  target[at] = word >>> 24;
  target[at + 1] = word >>> 16;
  target[at + 2] = word >>> 8;
  target[at + 3] = word;
  return at + 4;
}

/** Reads 31 bits behind a reserved one, which is ignored (§4.1, §5.2.1). */
export function word31At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

export function word32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)) >>> 0;
}

export function frameOctetsAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}

/** Whole frames, for what is seldom sent. */
export function rstStreamFrame(target: Uint8Array, at: number, stream: number, code: ErrorCode): number {
  return putWord(target, putFrameHead(target, at, 4, FrameType.RstStream, Flag.None, stream), code);
}

export function windowUpdateFrame(target: Uint8Array, at: number, stream: number, increment: number): number {
  return putWord(target, putFrameHead(target, at, 4, FrameType.WindowUpdate, Flag.None, stream), increment);
}

export function goAwayFrame(target: Uint8Array, at: number, lastStream: number, code: ErrorCode): number {
  const next = putWord(target, putFrameHead(target, at, 8, FrameType.GoAway, Flag.None, 0), lastStream);
  return putWord(target, next, code);
}

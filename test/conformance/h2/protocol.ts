/**
 * The numbers of HTTP/2 (RFC 9113 §6, §7; RFC 9218 §7.1), written here so that the suite doesn't lean on the code under test.
 */

/** The client connection preface's first 24 octets (RFC 9113 §3.4). */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const FRAME_HEAD_OCTETS = 9;

/** Nobody may send larger frames unless the receiver has said so (RFC 9113 §4.2). */
export const DEFAULT_MAX_FRAME_SIZE = 16_384;
export const DEFAULT_WINDOW = 65_535;
export const WINDOW_MAX = 0x7fff_ffff;
export const DEFAULT_TABLE_SIZE = 4_096;

export const FrameType = {
  DATA: 0x00,
  HEADERS: 0x01,
  PRIORITY: 0x02,
  RST_STREAM: 0x03,
  SETTINGS: 0x04,
  PUSH_PROMISE: 0x05,
  PING: 0x06,
  GOAWAY: 0x07,
  WINDOW_UPDATE: 0x08,
  CONTINUATION: 0x09,
  PRIORITY_UPDATE: 0x10,
} as const;

export const Flag = {
  NONE: 0x00,
  END_STREAM: 0x01,
  ACK: 0x01,
  END_HEADERS: 0x04,
  PADDED: 0x08,
  PRIORITY: 0x20,
} as const;

export const Setting = {
  HEADER_TABLE_SIZE: 0x01,
  ENABLE_PUSH: 0x02,
  MAX_CONCURRENT_STREAMS: 0x03,
  INITIAL_WINDOW_SIZE: 0x04,
  MAX_FRAME_SIZE: 0x05,
  MAX_HEADER_LIST_SIZE: 0x06,
  NO_RFC7540_PRIORITIES: 0x09,
} as const;

export const ERROR_NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export type ErrorName = (typeof ERROR_NAMES)[number];

export const errorCode = (name: ErrorName): number => ERROR_NAMES.indexOf(name);

export const errorName = (code: number): string => ERROR_NAMES[code] ?? `error ${code}`;

export function frameName(type: number): string {
  const found = Object.entries(FrameType).find(([, value]) => value === type);
  return found?.[0] ?? `type 0x${type.toString(16).padStart(2, "0")}`;
}

export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
}

/** One frame; `length` may lie about the payload, and a stream above 2³¹ sets the reserved bit. */
export function encodeFrame(
  { type, flags, stream }: FrameHead,
  payload: Uint8Array,
  length = payload.length,
): Uint8Array {
  const frame = Buffer.alloc(FRAME_HEAD_OCTETS + payload.length);
  frame.writeUIntBE(length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream >>> 0, 5);
  frame.set(payload, FRAME_HEAD_OCTETS);
  return frame;
}

export function uint32(value: number): Uint8Array {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
}

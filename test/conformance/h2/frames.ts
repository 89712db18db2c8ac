/** Frames as steps of a row (RFC 9113 §6), well formed unless an argument says otherwise. */
import { type ErrorName, errorCode, Flag, FrameType, uint32 } from "./protocol.ts";
import type { FieldLineStep, FragmentsStep, FrameStep, PayloadPart } from "./row.ts";

export const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");

export function frame(type: number, flags: number, stream: number, ...payload: PayloadPart[]): FrameStep {
  return { type, flags, stream, payload };
}

export interface FieldFrameOptions {
  /** Ends the stream; true unless said otherwise. */
  readonly end?: boolean;
  readonly endHeaders?: boolean;
  /** Octets of padding. */
  readonly padding?: number;
  /** A dependency (RFC 7540 §5.3.2), deprecated but still allowed. */
  readonly dependsOn?: number;
  /** Flags beside those that the other options set. */
  readonly flags?: number;
}

/** HEADERS that end the stream and the field block unless said otherwise. */
export function headers(stream: number, block: readonly PayloadPart[], options: FieldFrameOptions = {}): FrameStep {
  const { end = true, endHeaders = true, padding, dependsOn } = options;
  const flags =
    (end ? Flag.END_STREAM : 0) |
    (endHeaders ? Flag.END_HEADERS : 0) |
    (padding === undefined ? 0 : Flag.PADDED) |
    (dependsOn === undefined ? 0 : Flag.PRIORITY) |
    (options.flags ?? 0);
  return frame(
    FrameType.HEADERS,
    flags,
    stream,
    ...(padding === undefined ? [] : [Uint8Array.of(padding)]),
    ...(dependsOn === undefined ? [] : [uint32(dependsOn), Uint8Array.of(15)]),
    ...block,
    ...(padding === undefined ? [] : [new Uint8Array(padding)]),
  );
}

export function continuation(stream: number, block: readonly PayloadPart[], endHeaders = true): FrameStep {
  return frame(FrameType.CONTINUATION, endHeaders ? Flag.END_HEADERS : 0, stream, ...block);
}

/** A field block in frames of so many octets each; ends the stream unless said otherwise. */
export function inFragments(
  stream: number,
  block: readonly PayloadPart[],
  octetsEach: number,
  end = true,
): FragmentsStep {
  return { fragmentsOf: block, stream, endsStream: end, octets: octetsEach };
}

export interface DataOptions {
  readonly end?: boolean;
  readonly padding?: number;
  readonly flags?: number;
}

/** DATA that doesn't end the stream unless said otherwise. */
export function data(stream: number, content: string | Uint8Array, options: DataOptions = {}): FrameStep {
  const { end = false, padding } = options;
  const flags = (end ? Flag.END_STREAM : 0) | (padding === undefined ? 0 : Flag.PADDED) | (options.flags ?? 0);
  return frame(
    FrameType.DATA,
    flags,
    stream,
    ...(padding === undefined ? [] : [Uint8Array.of(padding)]),
    typeof content === "string" ? octets(content) : content,
    ...(padding === undefined ? [] : [new Uint8Array(padding)]),
  );
}

export const priority = (stream: number, dependsOn = 0): FrameStep =>
  frame(FrameType.PRIORITY, 0, stream, uint32(dependsOn), Uint8Array.of(15));

export const reset = (stream: number, code: ErrorName | number = "CANCEL"): FrameStep =>
  frame(FrameType.RST_STREAM, 0, stream, uint32(typeof code === "number" ? code : errorCode(code)));

export function settings(...pairs: readonly (readonly [setting: number, value: number])[]): FrameStep {
  return frame(FrameType.SETTINGS, 0, 0, ...pairs.map(([setting, value]) => settingOctets(setting, value)));
}

export function settingOctets(setting: number, value: number): Uint8Array {
  return Uint8Array.of(setting >> 8, setting & 0xff, ...uint32(value));
}

export const ping = (payload = "saker 01", flags: number = Flag.NONE): FrameStep =>
  frame(FrameType.PING, flags, 0, octets(payload));

export const goaway = (lastStream: number, code: ErrorName | number, debug = ""): FrameStep =>
  frame(
    FrameType.GOAWAY,
    0,
    0,
    uint32(lastStream),
    uint32(typeof code === "number" ? code : errorCode(code)),
    octets(debug),
  );

export const windowUpdate = (stream: number, increment: number): FrameStep =>
  frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(increment));

/** A promise of stream 2 on `stream`: no client may make one (RFC 9113 §8.4). */
export const pushPromise = (stream: number): FrameStep =>
  frame(FrameType.PUSH_PROMISE, Flag.END_HEADERS, stream, uint32(2), ...get("/alphabet.txt"));

/** RFC 9218 §7.1. */
export const priorityUpdate = (prioritized: number, value: string, stream = 0): FrameStep =>
  frame(FrameType.PRIORITY_UPDATE, 0, stream, uint32(prioritized), octets(value));

/** The four pseudo-header fields of a request, then its fields. */
export function request(method: string, path: string, ...fields: FieldLineStep[]): FieldLineStep[] {
  return [[":method", method], [":scheme", "{scheme}"], [":authority", "{host}"], [":path", path], ...fields];
}

export const get = (path: string, ...fields: FieldLineStep[]): FieldLineStep[] => request("GET", path, ...fields);

/** A request without content for a file: one HEADERS frame. */
export const getOn = (stream: number, path: string, ...fields: FieldLineStep[]): FrameStep =>
  headers(stream, get(path, ...fields));

/** A request whose content is still to come. */
export const postOn = (stream: number, path: string, ...fields: FieldLineStep[]): FrameStep =>
  headers(stream, request("POST", path, ...fields), { end: false });

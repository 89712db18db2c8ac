/**
 * Frames of HTTP/2 as octets, for clients that must say exactly what they say (RFC 9113 §4, §6; RFC 7541 for field blocks).
 *
 * In:    numbers and text; octets as they come.
 * Out:   frames to send, whole frames received, the status of a response.
 * Units: octets.
 * Keeps: pure but for FrameReader, which keeps a partial frame. Field blocks are literals without indexing and without Huffman coding:
 *        no state, any number of them alike. `statusOf` wants a peer told that our dynamic table has no room (SETTINGS_HEADER_TABLE_SIZE 0).
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

export enum FrameFlag {
  None = 0,
  EndStream = 0x1,
  Ack = 0x1,
  EndHeaders = 0x4,
}

export enum SettingId {
  HeaderTableSize = 1,
  EnablePush = 2,
  InitialWindowSize = 4,
}

export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
export const FRAME_HEAD_OCTETS = 9;
/** The largest window there is (RFC 9113 §6.9.1), and the one a connection begins with. */
export const WINDOW_MAX = 2 ** 31 - 1;
export const WINDOW_FIRST = 65_535;

const EMPTY: Buffer = Buffer.alloc(0);

export function frame(type: FrameType, flags: number, stream: number, payload: Uint8Array = EMPTY): Buffer {
  const octets = Buffer.alloc(FRAME_HEAD_OCTETS + payload.length);
  octets.writeUIntBE(payload.length, 0, 3);
  octets[3] = type;
  octets[4] = flags;
  octets.writeUInt32BE(stream, 5);
  octets.set(payload, FRAME_HEAD_OCTETS);
  return octets;
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  settings.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  });
  return frame(FrameType.Settings, FrameFlag.None, 0, payload);
}

export const SETTINGS_ACK: Buffer = frame(FrameType.Settings, FrameFlag.Ack, 0);

export function numberFrame(type: FrameType.RstStream | FrameType.WindowUpdate, stream: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return frame(type, FrameFlag.None, stream, payload);
}

/** What a client says first: the preface, settings, and as much room for the connection as there can be. */
export function clientGreeting(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const room = numberFrame(FrameType.WindowUpdate, 0, WINDOW_MAX - WINDOW_FIRST);
  return Buffer.concat([PREFACE, settingsFrame(settings), room]);
}

/** RFC 7541 §5.1, with the first octet's high bits. */
function integer(first: number, prefixBits: number, value: number): number[] {
  const most = 2 ** prefixBits - 1;
  if (value < most) return [first | value];
  const octets = [first | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return [...octets, rest];
}

function text(value: string): Buffer {
  const octets = Buffer.from(value, "latin1");
  return Buffer.concat([Buffer.from(integer(0, 7, octets.length)), octets]);
}

/** A field section as literals without indexing (RFC 7541 §6.2.2). */
export function fieldBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** The pseudo-header fields of a GET, and what else it shall have. */
export function getBlock(path: string, authority: string, more: readonly (readonly [string, string])[] = []): Buffer {
  const pseudo = [[":method", "GET"] as const, [":scheme", "https"] as const, [":authority", authority] as const];
  return fieldBlock([...pseudo, [":path", path], ...more]);
}

/** A whole request without content in one HEADERS frame. */
export function requestFrame(stream: number, block: Uint8Array): Buffer {
  return frame(FrameType.Headers, FrameFlag.EndHeaders | FrameFlag.EndStream, stream, block);
}

const STATIC_STATUS_FIRST = 8;
/** RFC 7541 appendix A, entries 8 to 14. */
const STATIC_STATUSES = [200, 204, 206, 304, 400, 404, 500];

/** Digits in the Huffman code: 0, 1 and 2 have five bits, the others six (RFC 7541 appendix B). */
function huffmanDigits(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  let digits = "";
  for (let at = 0; at + 5 <= bits.length;) {
    const five = Number.parseInt(bits.slice(at, at + 5), 2);
    if (five <= 2) {
      digits += five;
      at += 5;
      continue;
    }
    const six = Number.parseInt(bits.slice(at, at + 6), 2);
    if (six < 0b011001 || six > 0b011111) break; // Padding.
    digits += 3 + six - 0b011001;
    at += 6;
  }
  return digits;
}

/** The status of a response's field block: its first field must be :status (RFC 9113 §8.3.2). 0: it can't be read. */
export function statusOf(block: Uint8Array): number {
  let at = 0;
  while ((block[at]! & 0xe0) === 0x20) at += block[at] === 0x3f ? 2 : 1; // Sizes of the dynamic table.
  const first = block[at]!;
  if ((first & 0x80) !== 0) return STATIC_STATUSES[(first & 0x7f) - STATIC_STATUS_FIRST] ?? 0;
  const name = (first & 0x40) !== 0 ? first & 0x3f : first & 0x0f;
  if (name < STATIC_STATUS_FIRST || name >= STATIC_STATUS_FIRST + STATIC_STATUSES.length) return 0;
  const length = block[at + 1]! & 0x7f;
  const value = block.subarray(at + 2, at + 2 + length);
  const isHuffman = (block[at + 1]! & 0x80) !== 0;
  return Number(isHuffman ? huffmanDigits(value) : Buffer.from(value).toString("latin1"));
}

export interface ReceivedFrame {
  type: number;
  flags: number;
  stream: number;
  /** Valid until the next read. */
  payload: Buffer;
}

/** Octets in whatever pieces → frames. */
export class FrameReader {
  private rest: Buffer = EMPTY;

  push(piece: Buffer, take: (frame: ReceivedFrame) => void): void {
    let octets = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    while (octets.length >= FRAME_HEAD_OCTETS) {
      const end = FRAME_HEAD_OCTETS + octets.readUIntBE(0, 3);
      if (octets.length < end) break;
      const payload = octets.subarray(FRAME_HEAD_OCTETS, end);
      const stream = octets.readUInt32BE(5) & 0x7fffffff;
      take({ type: octets[3]!, flags: octets[4]!, stream, payload });
      octets = octets.subarray(end);
    }
    this.rest = octets.length === 0 ? EMPTY : Buffer.from(octets);
  }
}

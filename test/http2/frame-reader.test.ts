import { describe, expect, test } from "bun:test";
import { ErrorCode, Flag, FRAME_OCTETS_MAX, FrameType } from "../../src/http2/frame.ts";
import { BLOCK_FRAMES_MAX, BLOCK_OCTETS_MAX, type FrameListener, FrameReader } from "../../src/http2/frame-reader.ts";
import { frame, PREFACE_TEXT, settings, word } from "./support/client-frames.ts";

/** Writes down what it is told. */
class Notes implements FrameListener {
  readonly lines: string[] = [];
  isStopped = false;

  headers(bytes: Buffer, start: number, end: number, stream: number, isLast: boolean, dependency: number): void {
    this.lines.push(`headers ${stream} ${text(bytes, start, end)} ${isLast ? "last" : "more"} on ${dependency}`);
  }
  data(bytes: Buffer, start: number, end: number, stream: number, isLast: boolean, octets: number): void {
    this.lines.push(`data ${stream} ${text(bytes, start, end)} ${isLast ? "last" : "more"} of ${octets}`);
  }
  priority(stream: number, dependency: number): void {
    this.lines.push(`priority ${stream} on ${dependency}`);
  }
  badLength(stream: number): void {
    this.lines.push(`bad length ${stream}`);
  }
  rstStream(stream: number, code: number): void {
    this.lines.push(`reset ${stream} ${code}`);
  }
  settings(bytes: Buffer, start: number, end: number): void {
    this.lines.push(`settings ${bytes.toString("hex", start, end)}`);
  }
  settingsAck(): void {
    this.lines.push("settings ack");
  }
  ping(bytes: Buffer, start: number, isAck: boolean): void {
    this.lines.push(`ping ${isAck} ${text(bytes, start, start + 8)}`);
  }
  goAway(lastStream: number, code: number): void {
    this.lines.push(`goaway ${lastStream} ${code}`);
  }
  windowUpdate(stream: number, increment: number): void {
    this.lines.push(`window ${stream} ${increment}`);
  }
  priorityUpdate(stream: number, bytes: Buffer, start: number, end: number): void {
    this.lines.push(`priority update ${stream} ${text(bytes, start, end)}`);
  }
  continuation(): void {
    this.lines.push("continuation");
  }
  unknown(): void {
    this.lines.push("unknown");
  }
  failed(code: ErrorCode): void {
    this.lines.push(`failed ${ErrorCode[code]}`);
  }
}

function text(bytes: Buffer, start: number, end: number): string {
  return JSON.stringify(end - start > 40 ? `${end - start} octets` : bytes.toString("latin1", start, end));
}

/** What a reader makes of octets that come in pieces that end at `ends`, out of a larger buffer. */
function read(octets: Buffer, ends: readonly number[] = []): string[] {
  const notes = new Notes();
  const reader = new FrameReader(notes);
  let start = 0;
  for (const end of [...ends, octets.length]) {
    const piece = Buffer.concat([Buffer.from("??"), octets.subarray(start, end), Buffer.from("\0\0\0")]);
    let next = 2;
    while (next < piece.length - 3) next = reader.read(piece, next, piece.length - 3);
    piece.fill(0x2a); // it was lent
    start = end;
  }
  return notes.lines;
}

const begin = [Buffer.from(PREFACE_TEXT), settings()];
const after = (...frames: readonly Buffer[]): Buffer => Buffer.concat([...begin, ...frames]);
const notesOf = (...frames: readonly Buffer[]): string[] => read(after(...frames)).slice(1);

const EVERYTHING = after(
  settings([4, 100_000], [3, 7]),
  frame(FrameType.Settings, Flag.Ack, 0),
  frame(FrameType.Headers, Flag.EndHeaders | Flag.EndStream, 1, "block"),
  frame(FrameType.Headers, Flag.EndHeaders | Flag.Padded | Flag.Priority, 3, "\x03\x80\0\0\x01\x10rest\0\0\0"),
  frame(FrameType.Headers, Flag.EndStream, 5, "one"),
  frame(FrameType.Continuation, 0, 5, "two"),
  frame(FrameType.Continuation, Flag.EndHeaders, 5, "three"),
  frame(FrameType.Data, 0, 3, "content"),
  frame(FrameType.Data, Flag.EndStream | Flag.Padded, 3, "\x02padded\0\0"),
  frame(FrameType.Data, Flag.EndStream, 3),
  frame(FrameType.Priority, 0, 9, "\0\0\0\x01\x10"),
  frame(FrameType.Priority, 0, 9, "\0\0\0\x01"),
  frame(FrameType.RstStream, 0, 3, word(8)),
  frame(FrameType.Ping, 0, 0, "12345678"),
  frame(FrameType.Ping, Flag.Ack, 0, "87654321"),
  frame(FrameType.WindowUpdate, 0, 0, word(0xffff_ffff)),
  frame(FrameType.WindowUpdate, 0, 3, word(5)),
  frame(FrameType.PriorityUpdate, 0, 0, Buffer.concat([word(7), Buffer.from("u=1")])),
  frame(0x55, 0xff, 0x7fff_ffff, "whatever"),
  frame(FrameType.GoAway, 0, 0, Buffer.concat([word(0), word(2), Buffer.from("bye")])),
);

const EVERYTHING_NOTES = [
  "settings ",
  "settings 0004000186a0000300000007",
  "settings ack",
  'headers 1 "block" last on -1',
  'headers 3 "rest" more on 1',
  "continuation",
  "continuation",
  'headers 5 "onetwothree" last on -1',
  'data 3 "content" more of 7',
  'data 3 "padded" last of 9',
  'data 3 "" last of 0',
  "priority 9 on 1",
  "bad length 9",
  "reset 3 8",
  'ping false "12345678"',
  'ping true "87654321"',
  "window 0 2147483647",
  "window 3 5",
  'priority update 7 "u=1"',
  "unknown",
  "goaway 0 2",
];

describe("frames", () => {
  test("are told one by one", () => {
    expect(read(EVERYTHING)).toEqual(EVERYTHING_NOTES);
  });

  test("are the same at any split", () => {
    for (let cut = 1; cut < EVERYTHING.length; cut++) expect(read(EVERYTHING, [cut])).toEqual(EVERYTHING_NOTES);
  });

  test.each([1, 2, 3, 7, 10])("are the same in pieces of %d octets", (octets) => {
    const ends = Array.from({ length: Math.ceil(EVERYTHING.length / octets) - 1 }, (_, index) => (index + 1) * octets);
    expect(read(EVERYTHING, ends)).toEqual(EVERYTHING_NOTES);
  });

  test("as large as they may be are taken, in any pieces", () => {
    const octets = after(frame(FrameType.Data, 0, 1, Buffer.alloc(FRAME_OCTETS_MAX)));
    for (const ends of [[], [40], [40, 60], [5000, 9000], [octets.length - 1]]) {
      expect(read(octets, ends)[1]).toBe(`data 1 "16384 octets" more of 16384`);
    }
  });
});

describe("what can't be understood ends the connection", () => {
  const rows: readonly (readonly [description: string, octets: Buffer, code: string])[] = [
    ["another preface", Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r?"), "ProtocolError"],
    ["HTTP/1.1", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "ProtocolError"],
    [
      "anything before SETTINGS",
      Buffer.from(PREFACE_TEXT + frame(FrameType.Ping, 0, 0, "12345678").toString("latin1")),
      "ProtocolError",
    ],
    [
      "an acknowledgement before SETTINGS",
      Buffer.concat([begin[0]!, frame(FrameType.Settings, Flag.Ack, 0)]),
      "ProtocolError",
    ],
    [
      "a frame that is too large",
      after(frame(FrameType.Data, 0, 1, Buffer.alloc(FRAME_OCTETS_MAX + 1))),
      "FrameSizeError",
    ],
    [
      "a frame of an unknown type that is too large",
      after(frame(0x33, 0, 0, Buffer.alloc(FRAME_OCTETS_MAX + 1))),
      "FrameSizeError",
    ],
    ["DATA for the connection", after(frame(FrameType.Data, 0, 0, "x")), "ProtocolError"],
    ["DATA with nothing but the wish for padding", after(frame(FrameType.Data, Flag.Padded, 1, "")), "FrameSizeError"],
    ["DATA with too much padding", after(frame(FrameType.Data, Flag.Padded, 1, "\x04abc")), "ProtocolError"],
    ["HEADERS for the connection", after(frame(FrameType.Headers, Flag.EndHeaders, 0, "x")), "ProtocolError"],
    ["HEADERS with nothing but the wish for padding", after(frame(FrameType.Headers, 0xc, 1, "")), "FrameSizeError"],
    ["HEADERS with too much padding", after(frame(FrameType.Headers, 0xc, 1, "\x04abc")), "ProtocolError"],
    [
      "HEADERS with more padding than their priority leaves",
      after(frame(FrameType.Headers, 0x2c, 1, "\x02\0\0\0\x03\x01a")),
      "ProtocolError",
    ],
    ["HEADERS that end in their priority", after(frame(FrameType.Headers, 0x24, 1, "\0\0\0\x03")), "FrameSizeError"],
    ["PRIORITY for the connection", after(frame(FrameType.Priority, 0, 0, "\0\0\0\x01\x10")), "ProtocolError"],
    ["RST_STREAM for the connection", after(frame(FrameType.RstStream, 0, 0, word(0))), "ProtocolError"],
    ["RST_STREAM of 3 octets", after(frame(FrameType.RstStream, 0, 1, "abc")), "FrameSizeError"],
    ["SETTINGS for a stream", after(frame(FrameType.Settings, 0, 1)), "ProtocolError"],
    ["SETTINGS of 7 octets", after(frame(FrameType.Settings, 0, 0, "1234567")), "FrameSizeError"],
    ["SETTINGS ACK that isn't empty", after(frame(FrameType.Settings, Flag.Ack, 0, "123456")), "FrameSizeError"],
    ["65 SETTINGS", after(frame(FrameType.Settings, 0, 0, Buffer.alloc(65 * 6))), "EnhanceYourCalm"],
    ["PUSH_PROMISE", after(frame(FrameType.PushPromise, Flag.EndHeaders, 1, word(2))), "ProtocolError"],
    ["PING for a stream", after(frame(FrameType.Ping, 0, 1, "12345678")), "ProtocolError"],
    ["PING of 7 octets", after(frame(FrameType.Ping, 0, 0, "1234567")), "FrameSizeError"],
    ["GOAWAY for a stream", after(frame(FrameType.GoAway, 0, 1, Buffer.alloc(8))), "ProtocolError"],
    ["GOAWAY of 7 octets", after(frame(FrameType.GoAway, 0, 0, Buffer.alloc(7))), "FrameSizeError"],
    ["WINDOW_UPDATE of 3 octets", after(frame(FrameType.WindowUpdate, 0, 1, "abc")), "FrameSizeError"],
    ["CONTINUATION of nothing", after(frame(FrameType.Continuation, Flag.EndHeaders, 1, "x")), "ProtocolError"],
    ["PRIORITY_UPDATE for a stream", after(frame(FrameType.PriorityUpdate, 0, 1, word(1))), "ProtocolError"],
    ["PRIORITY_UPDATE of 3 octets", after(frame(FrameType.PriorityUpdate, 0, 0, "abc")), "FrameSizeError"],
    ["PRIORITY_UPDATE of no stream", after(frame(FrameType.PriorityUpdate, 0, 0, word(0))), "ProtocolError"],
  ];

  test.each(rows)("%s", (_description, octets, code) => {
    const trailing = Buffer.concat([octets, frame(FrameType.Ping, 0, 0, "12345678")]);
    const notes = read(trailing).filter((line) => line !== "settings ");
    expect(notes).toEqual([`failed ${code}`]); // and nothing behind it is read
    for (let cut = 1; cut < Math.min(trailing.length, 100); cut++) {
      expect(read(trailing, [cut]).filter((line) => line !== "settings ")).toEqual(notes);
    }
  });
});

describe("a field block in several frames", () => {
  const head = frame(FrameType.Headers, Flag.EndStream, 1, "a");
  const part = (content: string, flags = 0, stream = 1): Buffer =>
    frame(FrameType.Continuation, flags, stream, content);

  test.each([
    ["by DATA", frame(FrameType.Data, 0, 1, "x")],
    ["by HEADERS of another stream", frame(FrameType.Headers, Flag.EndHeaders, 3, "x")],
    ["by CONTINUATION of another stream", part("x", Flag.EndHeaders, 3)],
    ["by PING", frame(FrameType.Ping, 0, 0, "12345678")],
    ["by a frame of an unknown type", frame(0x44, 0, 0, "x")],
  ])("may not be interrupted %s", (_description, other) => {
    expect(notesOf(head, other)).toEqual(["failed ProtocolError"]);
  });

  test("may not have a part that is empty and not the last", () => {
    expect(notesOf(head, part(""))).toEqual(["failed EnhanceYourCalm"]);
    expect(notesOf(head, part("", Flag.EndHeaders))).toEqual(["continuation", 'headers 1 "a" last on -1']);
  });

  test("may have no more than 8 frames", () => {
    const parts = Array.from({ length: BLOCK_FRAMES_MAX - 2 }, () => part("b"));
    expect(notesOf(head, ...parts, part("c", Flag.EndHeaders)).at(-1)).toBe('headers 1 "abbbbbbc" last on -1');
    expect(notesOf(head, ...parts, part("b"), part("c", Flag.EndHeaders)).at(-1)).toBe("failed EnhanceYourCalm");
  });

  test("may have no more than 32 KiB", () => {
    const full = (octets: number, flags = 0): Buffer =>
      frame(FrameType.Continuation, flags, 1, Buffer.alloc(octets, "x"));
    const rest = BLOCK_OCTETS_MAX - 1 - FRAME_OCTETS_MAX;
    expect(notesOf(head, full(FRAME_OCTETS_MAX), full(rest, Flag.EndHeaders)).at(-1)).toBe(
      'headers 1 "32768 octets" last on -1',
    );
    expect(notesOf(head, full(FRAME_OCTETS_MAX), full(rest + 1, Flag.EndHeaders)).at(-1)).toBe(
      "failed EnhanceYourCalm",
    );
  });
});

test("whether a request has begun to arrive shows", () => {
  const reader = new FrameReader(new Notes());
  const octets = after(frame(FrameType.Headers, 0, 1, "abc"), frame(FrameType.Continuation, Flag.EndHeaders, 1, "d"));
  const seen: boolean[] = [];
  for (let at = 0; at < octets.length; at++) {
    reader.read(octets, at, at + 1);
    seen.push(reader.isInHeaders);
  }
  const begun = begin[0]!.length + begin[1]!.length + 4;
  expect(seen).toEqual(seen.map((_, index) => index >= begun - 1 && index < octets.length - 1));
});

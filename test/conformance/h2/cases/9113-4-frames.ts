/** RFC 9113 §4.1 and §4.2: frame format and size. */
import {
  continuation,
  data,
  frame,
  get,
  getOn,
  headers,
  octets,
  ping,
  postOn,
  priority,
  reset,
  settings,
  windowUpdate,
} from "../frames.ts";
import { Flag, FrameType, Setting, uint32 } from "../protocol.ts";
import {
  answersOn,
  connectionError,
  type FrameStep,
  type H2Row,
  type H2SectionGroup,
  ignores,
  isConnectionError,
  type PayloadPart,
  serves,
  type Step,
  streamError,
} from "../row.ts";

const RESERVED_BIT = 2 ** 31;
const UNKNOWN_TYPES = [0x0b, 0x20, 0x7f, 0xff];

const withReservedBit = (step: FrameStep): FrameStep => ({ ...step, stream: step.stream + RESERVED_BIT });
const withFlags = (step: FrameStep, flags: number): FrameStep => ({ ...step, flags: step.flags | flags });

/** Frames that change nothing that could be seen, so that a request after them is answered. */
const harmless = (what: string, section: string, ...send: Step[]): H2Row => ({
  name: `ignores ${what}`,
  section,
  level: "must",
  send: [...send, getOn(1, "/alphabet.txt")],
  expect: serves("/alphabet.txt"),
});

const unknown = (type: number, stream: number, length = 8): FrameStep =>
  frame(type, 0xff, stream, new Uint8Array(length).fill(0x55));

const tooLong = (what: string, step: FrameStep, prepare: readonly Step[] = []): H2Row[] =>
  isConnectionError(
    {
      what: `${what} above SETTINGS_MAX_FRAME_SIZE`,
      needs: "default-frames",
      section: "RFC 9113 §4.2",
      send: [...prepare, step],
    },
    "FRAME_SIZE_ERROR",
  );

const wrongLength = (what: string, ...send: Step[]): H2Row[] =>
  isConnectionError({ what, section: "RFC 9113 §4.2", send }, "FRAME_SIZE_ERROR");

/** Of the stream or of the connection: both are allowed (§4.2, §5.4.1). */
const tooLongOrShort = (what: string, step: FrameStep): H2Row => ({
  name: `treats ${what} as an error`,
  section: "RFC 9113 §4.2",
  level: "must",
  send: [headers(1, get("/alphabet.txt"), { end: false }), step],
  expect: streamError(1, "FRAME_SIZE_ERROR"),
});

const PADDING_BLOCK: readonly PayloadPart[] = [...get("/alphabet.txt"), ["x-fill", "x".repeat(17_000)]];

export const FRAME_ROWS: H2SectionGroup = {
  title: "RFC 9113 §4.1, §4.2 frames",
  rows: [
    ...UNKNOWN_TYPES.map((type) =>
      harmless(`a frame of unknown type 0x${type.toString(16)} on stream 0`, "RFC 9113 §4.1", unknown(type, 0)),
    ),
    harmless("a frame of unknown type on an idle stream", "RFC 9113 §5.1", unknown(0xee, 1)),
    harmless("a frame of unknown type on an idle stream of the server's", "RFC 9113 §5.1", unknown(0xee, 2)),
    harmless("a frame of unknown type without payload", "RFC 9113 §4.1", unknown(0xee, 0, 0)),
    harmless("a frame of unknown type of 16 384 octets", "RFC 9113 §4.1", unknown(0xee, 0, 16_384)),
    harmless(
      "twenty frames of unknown types",
      "RFC 9113 §4.1",
      ...Array.from({ length: 20 }, (_, index) => unknown(0x40 + index, 0)),
    ),
    {
      name: "ignores a frame of unknown type between HEADERS and DATA",
      section: "RFC 9113 §5.5",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { end: false }), unknown(0xee, 1), data(1, "x", { end: true })],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores an ORIGIN or ALTSVC frame of a client",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [frame(0x0c, 0, 0, octets("\0\x05https")), frame(0x0a, 0, 0, octets("\0\0h2")), getOn(1, "/alphabet.txt")],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores the reserved bit of HEADERS",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [withReservedBit(getOn(1, "/alphabet.txt"))],
      expect: serves("/alphabet.txt"),
    },
    harmless("the reserved bit of SETTINGS", "RFC 9113 §4.1", withReservedBit(settings())),
    harmless("the reserved bit of PRIORITY", "RFC 9113 §4.1", withReservedBit(priority(1))),
    {
      name: "ignores the reserved bit of PING",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [withReservedBit(ping("reserved"))],
      expect: { frames: [{ type: FrameType.PING, flags: Flag.ACK, payload: "reserved" }], then: "open" },
    },
    {
      name: "ignores the reserved bit of DATA",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { end: false }), withReservedBit(data(1, "x", { end: true }))],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores the reserved bit of CONTINUATION",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [
        headers(1, get("/alphabet.txt").slice(0, 2), { endHeaders: false }),
        withReservedBit(continuation(1, get("/alphabet.txt").slice(2))),
      ],
      expect: serves("/alphabet.txt"),
    },
    harmless("unused flags of SETTINGS", "RFC 9113 §4.1", withFlags(settings(), 0xfe)),
    harmless("unused flags of PRIORITY", "RFC 9113 §4.1", withFlags(priority(1), 0xff)),
    harmless("unused flags of WINDOW_UPDATE", "RFC 9113 §4.1", withFlags(windowUpdate(0, 1), 0xff)),
    {
      name: "ignores unused flags of PING",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [ping("flags up", 0xfe)],
      expect: { frames: [{ type: FrameType.PING, flags: Flag.ACK, payload: "flags up" }], then: "open" },
    },
    {
      name: "ignores unused flags of HEADERS",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { flags: 0xd2 })],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores unused flags of DATA",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { end: false }), data(1, "x", { end: true, flags: 0xf6 })],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores unused flags of CONTINUATION",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [
        headers(1, get("/alphabet.txt").slice(0, 2), { endHeaders: false }),
        withFlags(continuation(1, get("/alphabet.txt").slice(2)), 0xfb),
      ],
      expect: serves("/alphabet.txt"),
    },
    {
      name: "ignores unused flags of RST_STREAM",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { end: false }), withFlags(reset(1), 0xff)],
      expect: [ignores, serves("/alphabet.txt")],
    },
    {
      name: "reads a request that comes octet by octet",
      section: "RFC 9113 §4.1",
      level: "must",
      send: [{ inSegments: [getOn(1, "/alphabet.txt")], octets: 1 }],
      expect: serves("/alphabet.txt"),
    },
    ...[3, 8, 9, 10].map((size): H2Row => ({
      name: `reads a request in segments of ${size} octets`,
      section: "RFC 9113 §4.1",
      level: "must",
      send: [{ inSegments: [ping("in parts"), getOn(1, "/alphabet.txt"), windowUpdate(0, 7)], octets: size }],
      expect: { ...serves("/alphabet.txt"), frames: [{ type: FrameType.PING, flags: Flag.ACK, payload: "in parts" }] },
    })),
    {
      name: "receives DATA of 16 384 octets",
      section: "RFC 9113 §4.2",
      level: "must",
      send: [headers(1, get("/alphabet.txt"), { end: false }), data(1, new Uint8Array(16_384), { end: true })],
      expect: [serves("/alphabet.txt"), answersOn(1, { status: "4xx" })],
    },
    {
      name: "receives HEADERS of about 8 000 octets",
      section: "RFC 9113 §4.2",
      level: "must",
      send: [getOn(1, "/alphabet.txt", ["x-fill", "x".repeat(7_800)])],
      expect: [serves("/alphabet.txt"), answersOn(1, { status: 431 })],
    },
    {
      name: "sends frames within SETTINGS_MAX_FRAME_SIZE",
      section: "RFC 9113 §4.2",
      level: "must",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 1_000_000]] },
      send: [windowUpdate(0, 4_000_000), getOn(1, "/noise.bin")],
      expect: serves("/noise.bin"),
    },
    {
      name: "serves a client that allows the largest frames",
      section: "RFC 9113 §4.2",
      level: "must",
      opening: {
        settings: [
          [Setting.MAX_FRAME_SIZE, 16_777_215],
          [Setting.INITIAL_WINDOW_SIZE, 1_000_000],
        ],
      },
      send: [windowUpdate(0, 4_000_000), getOn(1, "/noise.bin")],
      expect: serves("/noise.bin"),
    },
    ...tooLong("HEADERS", headers(1, PADDING_BLOCK)),
    ...tooLong("CONTINUATION", continuation(1, PADDING_BLOCK), [
      headers(1, get("/alphabet.txt").slice(0, 2), { endHeaders: false }),
    ]),
    ...tooLong("SETTINGS", frame(FrameType.SETTINGS, 0, 0, new Uint8Array(16_386))),
    ...tooLong("a frame of unknown type on stream 0", unknown(0xee, 0, 16_385)),
    {
      ...tooLongOrShort("DATA above SETTINGS_MAX_FRAME_SIZE", data(1, new Uint8Array(16_385))),
      needs: "default-frames",
    },
    {
      name: "does not wait for the payload of a frame that is too long",
      needs: "default-frames",
      section: "RFC 9113 §4.2",
      level: "choice",
      send: [{ ...headers(1, get("/alphabet.txt")), length: 0xff_ffff }],
      expect: connectionError("FRAME_SIZE_ERROR"),
    },
    ...wrongLength(
      "RST_STREAM of 3 octets",
      postOn(1, "/alphabet.txt"),
      frame(FrameType.RST_STREAM, 0, 1, new Uint8Array(3)),
    ),
    ...wrongLength(
      "RST_STREAM of 5 octets",
      postOn(1, "/alphabet.txt"),
      frame(FrameType.RST_STREAM, 0, 1, new Uint8Array(5)),
    ),
    ...wrongLength("GOAWAY of 7 octets", frame(FrameType.GOAWAY, 0, 0, new Uint8Array(7))),
    ...wrongLength(
      "PADDED HEADERS without payload",
      frame(FrameType.HEADERS, Flag.PADDED | Flag.END_HEADERS | Flag.END_STREAM, 1),
    ),
    ...wrongLength(
      "HEADERS too short for their priority",
      frame(FrameType.HEADERS, Flag.PRIORITY | Flag.END_HEADERS | Flag.END_STREAM, 1, uint32(0)),
    ),
    tooLongOrShort("PADDED DATA without payload", frame(FrameType.DATA, Flag.PADDED, 1)),
  ],
};

/** RFC 9113 §6.5 to §6.8: SETTINGS, PUSH_PROMISE, PING, GOAWAY. */
import {
  frame,
  get,
  getOn,
  goaway,
  headers,
  octets,
  ping,
  pushPromise,
  reset,
  settingOctets,
  settings,
  windowUpdate,
} from "../frames.ts";
import { type ErrorName, Flag, FrameType, Setting, uint32 } from "../protocol.ts";
import {
  connectionError,
  type FrameStep,
  type H2Row,
  type H2SectionGroup,
  ignores,
  isConnectionError,
  serves,
} from "../row.ts";

const FILE = "/alphabet.txt";

const served = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name,
  section,
  level: "must",
  send: [...send, getOn(1, FILE)],
  expect: serves(FILE),
});

const wrongSettings = (what: string, code: ErrorName, step: FrameStep, section = "RFC 9113 §6.5"): H2Row[] =>
  isConnectionError({ what: `SETTINGS ${what}`, section, send: [step] }, code);

const wrongValue = (name: keyof typeof Setting, value: number, code: ErrorName): H2Row[] =>
  wrongSettings(`with ${name} ${value}`, code, settings([Setting[name], value]), "RFC 9113 §6.5.2");

const acknowledges = (what: string, count: number, ...send: H2Row["send"]): H2Row => ({
  name: `acknowledges ${what}`,
  section: "RFC 9113 §6.5.3",
  level: "must",
  send,
  expect: {
    frames: Array.from({ length: count }, () => ({ type: FrameType.SETTINGS, flags: Flag.ACK, payload: "" })),
    then: "open",
  },
});

const wrongPing = (length: number): H2Row[] =>
  isConnectionError(
    {
      what: `PING of ${length} octets`,
      section: "RFC 9113 §6.7",
      send: [frame(FrameType.PING, 0, 0, new Uint8Array(length))],
    },
    "FRAME_SIZE_ERROR",
  );

const promised = (what: string, ...send: H2Row["send"]): H2Row[] =>
  isConnectionError({ what: `PUSH_PROMISE of a client ${what}`, section: "RFC 9113 §8.4", send }, "PROTOCOL_ERROR");

export const CONNECTION_FRAME_ROWS: H2SectionGroup = {
  title: "RFC 9113 §6.5 to §6.8 SETTINGS, PUSH_PROMISE, PING, GOAWAY",
  rows: [
    acknowledges("empty SETTINGS", 1, settings()),
    acknowledges(
      "SETTINGS with values",
      1,
      settings([Setting.MAX_CONCURRENT_STREAMS, 10], [Setting.MAX_HEADER_LIST_SIZE, 100_000]),
    ),
    acknowledges(
      "each of five SETTINGS",
      5,
      ...Array.from({ length: 5 }, () => settings([Setting.INITIAL_WINDOW_SIZE, 65_535])),
    ),
    acknowledges("SETTINGS with nothing but unknown settings", 1, settings([0xf0f0, 1], [0x00, 7])),
    acknowledges(
      "SETTINGS of thirty values",
      1,
      settings(...Array.from({ length: 30 }, (_, index) => [0x4000 + index, index] as const)),
    ),
    {
      name: "does not acknowledge an acknowledgement",
      section: "RFC 9113 §6.5.3",
      level: "must",
      send: [frame(FrameType.SETTINGS, Flag.ACK, 0), frame(FrameType.SETTINGS, Flag.ACK, 0)],
      expect: [ignores, connectionError("PROTOCOL_ERROR")],
    },
    ...wrongSettings(
      "with ACK and a payload",
      "FRAME_SIZE_ERROR",
      frame(FrameType.SETTINGS, Flag.ACK, 0, settingOctets(Setting.MAX_CONCURRENT_STREAMS, 1)),
    ),
    ...wrongSettings("with ACK and one octet", "FRAME_SIZE_ERROR", frame(FrameType.SETTINGS, Flag.ACK, 0, octets("x"))),
    ...wrongSettings("of 5 octets", "FRAME_SIZE_ERROR", frame(FrameType.SETTINGS, 0, 0, new Uint8Array(5))),
    ...wrongSettings("of 7 octets", "FRAME_SIZE_ERROR", frame(FrameType.SETTINGS, 0, 0, new Uint8Array(7))),
    ...wrongSettings("with ACK on a stream", "PROTOCOL_ERROR", frame(FrameType.SETTINGS, Flag.ACK, 1)),
    ...wrongValue("ENABLE_PUSH", 2, "PROTOCOL_ERROR"),
    ...wrongValue("ENABLE_PUSH", 0xffff_ffff, "PROTOCOL_ERROR"),
    ...wrongValue("INITIAL_WINDOW_SIZE", 2 ** 31, "FLOW_CONTROL_ERROR"),
    ...wrongValue("INITIAL_WINDOW_SIZE", 0xffff_ffff, "FLOW_CONTROL_ERROR"),
    ...wrongValue("MAX_FRAME_SIZE", 16_383, "PROTOCOL_ERROR"),
    ...wrongValue("MAX_FRAME_SIZE", 0, "PROTOCOL_ERROR"),
    ...wrongValue("MAX_FRAME_SIZE", 16_777_216, "PROTOCOL_ERROR"),
    ...wrongSettings(
      "whose second value is wrong",
      "PROTOCOL_ERROR",
      settings([Setting.INITIAL_WINDOW_SIZE, 100], [Setting.MAX_FRAME_SIZE, 1]),
    ),
    served(
      "accepts ENABLE_PUSH 0 and 1",
      "RFC 9113 §6.5.2",
      settings([Setting.ENABLE_PUSH, 1]),
      settings([Setting.ENABLE_PUSH, 0]),
    ),
    served(
      "accepts the least and the greatest MAX_FRAME_SIZE",
      "RFC 9113 §6.5.2",
      settings([Setting.MAX_FRAME_SIZE, 16_777_215]),
      settings([Setting.MAX_FRAME_SIZE, 16_384]),
    ),
    served(
      "accepts the greatest INITIAL_WINDOW_SIZE",
      "RFC 9113 §6.5.2",
      settings([Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
    ),
    served(
      "accepts the greatest values of settings without limits",
      "RFC 9113 §6.5.2",
      settings(
        [Setting.HEADER_TABLE_SIZE, 0xffff_ffff],
        [Setting.MAX_CONCURRENT_STREAMS, 0xffff_ffff],
        [Setting.MAX_HEADER_LIST_SIZE, 0xffff_ffff],
      ),
    ),
    served(
      "answers a client that allows the server no streams",
      "RFC 9113 §6.5.2",
      settings([Setting.MAX_CONCURRENT_STREAMS, 0]),
    ),
    served(
      "answers a client that wants small field sections",
      "RFC 9113 §6.5.2",
      settings([Setting.MAX_HEADER_LIST_SIZE, 1_000]),
    ),
    ...promised("on an open stream", headers(1, get(FILE), { end: false }), pushPromise(1)),
    ...promised("on a stream that is idle", pushPromise(1)),
    ...promised("on stream 0", pushPromise(0)),
    ...promised("on a stream of the server's", pushPromise(2)),
    {
      name: "acknowledges PING with the same payload",
      section: "RFC 9113 §6.7",
      level: "must",
      send: [ping("\0\x01\xfe\xff\r\n \x80")],
      expect: {
        frames: [{ type: FrameType.PING, flags: Flag.ACK, stream: 0, payload: "\0\x01\xfe\xff\r\n \x80" }],
        then: "open",
      },
    },
    {
      name: "acknowledges each of three PING",
      section: "RFC 9113 §6.7",
      level: "must",
      send: ["first   ", "second  ", "third   "].map((payload) => ping(payload)),
      expect: {
        frames: ["first   ", "second  ", "third   "].map((payload) => ({
          type: FrameType.PING,
          flags: Flag.ACK,
          payload,
        })),
        then: "open",
      },
    },
    {
      name: "does not acknowledge an acknowledgement of PING",
      section: "RFC 9113 §6.7",
      level: "must",
      send: [ping("unasked!", Flag.ACK)],
      expect: ignores,
    },
    ...isConnectionError(
      {
        what: "PING on a stream that is idle",
        section: "RFC 9113 §6.7",
        send: [frame(FrameType.PING, 0, 1, octets("12345678"))],
      },
      "PROTOCOL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "an acknowledgement of PING on a stream",
        section: "RFC 9113 §6.7",
        send: [frame(FrameType.PING, Flag.ACK, 1, octets("12345678"))],
      },
      "PROTOCOL_ERROR",
    ),
    ...wrongPing(0),
    ...wrongPing(7),
    ...wrongPing(9),
    ...isConnectionError(
      {
        what: "GOAWAY on a stream",
        section: "RFC 9113 §6.8",
        send: [frame(FrameType.GOAWAY, 0, 1, uint32(0), uint32(0))],
      },
      "PROTOCOL_ERROR",
    ),
    ...isConnectionError(
      { what: "GOAWAY without payload", section: "RFC 9113 §4.2", send: [frame(FrameType.GOAWAY, 0, 0)] },
      "FRAME_SIZE_ERROR",
    ),
    {
      name: "finishes what is under way when the client sends GOAWAY with debug data",
      section: "RFC 9113 §6.8",
      level: "must",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 10]], windows: "manual" },
      send: [
        getOn(1, FILE),
        { awaitContent: 1, octets: 10 },
        goaway(0, "NO_ERROR", "going away"),
        windowUpdate(1, 16),
        { awaitEnd: 1 },
      ],
      expect: [serves(FILE), { ...serves(FILE), goaway: ["NO_ERROR"], then: "closed" }],
    },
    {
      name: "ends the connection after the client's GOAWAY, or answers further requests",
      section: "RFC 9113 §6.8",
      level: "must",
      send: [goaway(0, "NO_ERROR")],
      expect: [ignores, connectionError("NO_ERROR")],
    },
    {
      name: "allows at least a hundred concurrent streams",
      section: "RFC 9113 §6.5.2",
      level: "should",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 0]], windows: "manual" },
      send: [...Array.from({ length: 100 }, (_, index) => getOn(index * 2 + 1, FILE)), { awaitHead: 199 }, reset(1)],
      expect: ignores,
    },
  ],
};

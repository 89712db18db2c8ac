/** RFC 9113 §5.1: every stream state with every type of frame. */
import {
  continuation,
  data,
  frame,
  getOn,
  get,
  goaway,
  headers,
  octets,
  ping,
  postOn,
  priority,
  pushPromise,
  reset,
  settings,
  windowUpdate,
} from "../frames.ts";
import { Flag, FrameType, Setting, uint32 } from "../protocol.ts";
import {
  answersOn,
  connectionError,
  type FrameStep,
  type H2Expectation,
  type H2Row,
  type H2SectionGroup,
  ignores,
  isConnectionError,
  isStreamError,
  type Opening,
  serves,
  type Step,
} from "../row.ts";

const SECTION = "RFC 9113 §5.1";
const FILE = "/alphabet.txt";
const TRAILERS = [["x-trailer", "1"]] as const;

/** How stream 1 comes into a state. */
interface State {
  readonly name: string;
  readonly opening?: Opening;
  readonly prepare: readonly Step[];
}

const IDLE: State = { name: "an idle stream", prepare: [] };
/** The response waits for credit, so the server's side stays open. */
const HALF_CLOSED: State = {
  name: "a half-closed (remote) stream",
  opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 10]], windows: "manual" },
  prepare: [getOn(1, FILE), { awaitContent: 1, octets: 10 }],
};
const ENDED: State = { name: "a stream that both sides have ended", prepare: [getOn(1, FILE), { awaitEnd: 1 }] };
const RESET: State = { name: "a stream that the client has reset", prepare: [postOn(1, FILE), reset(1)] };
const OPEN: State = { name: "an open stream", prepare: [headers(1, get(FILE), { end: false })] };

const onStream = (type: number, flags: number, ...payload: Uint8Array[]): FrameStep =>
  frame(type, flags, 1, ...payload);

/** Frames that no stream may carry, whatever its state, and frames that no client may send. */
const NEVER_ON_A_STREAM: readonly (readonly [string, FrameStep])[] = [
  ["SETTINGS", onStream(FrameType.SETTINGS, Flag.NONE)],
  ["PING", onStream(FrameType.PING, Flag.NONE, octets("12345678"))],
  ["GOAWAY", onStream(FrameType.GOAWAY, Flag.NONE, uint32(0), uint32(0))],
  ["PUSH_PROMISE", pushPromise(1)],
  ["CONTINUATION", continuation(1, TRAILERS)],
];

const refused = (state: State, what: string, step: FrameStep): H2Row[] =>
  isConnectionError(
    { what: `${what} on ${state.name}`, section: SECTION, ...openingOf(state), send: [...state.prepare, step] },
    "PROTOCOL_ERROR",
  );

const openingOf = ({ opening }: State): { opening?: Opening } => (opening === undefined ? {} : { opening });

function ignored(state: State, what: string, step: FrameStep, expect: H2Row["expect"]): H2Row {
  return {
    name: `ignores ${what} on ${state.name}`,
    section: SECTION,
    level: "must",
    ...openingOf(state),
    send: [...state.prepare, step],
    expect,
  };
}

const served: H2Expectation = serves(FILE);

/**
 * Closed streams: §6.1 asks for STREAM_CLOSED, §5.1 allows to discard what comes, or to end the connection.
 * So the must is that the server stays in step or says goodbye; that it names the fault is a choice.
 */
function onClosed(state: State, what: string, step: FrameStep, before: H2Expectation): H2Row[] {
  const send = [...state.prepare, step];
  const reportsReset: H2Expectation = { ...before, resets: { 1: ["STREAM_CLOSED", "PROTOCOL_ERROR"] } };
  return [
    {
      name: `discards ${what} on ${state.name}, or treats it as an error`,
      section: SECTION,
      level: "must",
      send,
      expect: [before, reportsReset, connectionError("STREAM_CLOSED")],
    },
    {
      name: `reports ${what} on ${state.name} as STREAM_CLOSED`,
      section: "RFC 9113 §6.1",
      level: "choice",
      send,
      expect: [
        { ...before, resets: { 1: ["STREAM_CLOSED"] } },
        { goaway: ["STREAM_CLOSED"], isAnnounced: true, then: "closed" },
      ],
    },
  ];
}

const halfClosed = (what: string, step: FrameStep): H2Row[] =>
  isStreamError(
    {
      what: `${what} on ${HALF_CLOSED.name}`,
      section: SECTION,
      ...openingOf(HALF_CLOSED),
      send: [...HALF_CLOSED.prepare, step],
    },
    "STREAM_CLOSED",
  );

/** The server has reset the stream and may have frames of the client's still under way. */
function inFlight(what: string, ...frames: FrameStep[]): H2Row {
  return {
    name: `ignores ${what} on a stream that it has just reset`,
    section: SECTION,
    level: "must",
    send: [headers(1, get(FILE, ["X-Upper-Case", "1"]), { end: false }), { awaitEnd: 1 }, ...frames],
    expect: [
      { resets: { 1: ["PROTOCOL_ERROR", "INTERNAL_ERROR"] }, then: "open" },
      answersOn(1, { status: "4xx" }),
      { ...answersOn(1, { status: "4xx" }), resets: { 1: ["NO_ERROR", "PROTOCOL_ERROR", "STREAM_CLOSED"] } },
      // The first error was treated as one of the connection.
      connectionError("PROTOCOL_ERROR"),
    ],
  };
}

export const STATE_ROWS: H2SectionGroup = {
  title: "RFC 9113 §5.1 stream states",
  rows: [
    ...[IDLE, OPEN, HALF_CLOSED, ENDED, RESET].flatMap((state) =>
      NEVER_ON_A_STREAM.flatMap(([what, step]) => refused(state, what, step)),
    ),
    ...(
      [
        ["DATA", data(1, "x")],
        ["empty DATA", data(1, "")],
        ["RST_STREAM", reset(1)],
        ["WINDOW_UPDATE", windowUpdate(1, 1)],
      ] as const
    ).flatMap(([what, step]) => refused(IDLE, what, step)),
    ...(
      [
        ["DATA", data(2, "x")],
        ["HEADERS", getOn(2, FILE)],
        ["RST_STREAM", reset(2)],
        ["WINDOW_UPDATE", windowUpdate(2, 1)],
      ] as const
    ).flatMap(([what, step]) =>
      isConnectionError(
        { what: `${what} on an idle stream of the server's`, section: SECTION, send: [step] },
        "PROTOCOL_ERROR",
      ),
    ),
    ignored(IDLE, "PRIORITY", priority(1), ignores),
    {
      name: "opens an idle stream by HEADERS",
      section: SECTION,
      level: "must",
      send: [getOn(1, FILE)],
      expect: served,
    },
    {
      name: "opens a stream that PRIORITY has named before",
      section: SECTION,
      level: "must",
      send: [priority(5), getOn(1, FILE), { awaitEnd: 1 }, getOn(5, FILE)],
      expect: { responses: { 1: { status: 200 }, 5: { status: 200, body: { file: FILE } } }, then: "open" },
    },
    ignored(OPEN, "PRIORITY", priority(1), [ignores, served]),
    ignored(OPEN, "WINDOW_UPDATE", windowUpdate(1, 100), [ignores, served]),
    {
      name: "ends an open stream by DATA with END_STREAM",
      section: SECTION,
      level: "must",
      send: [...OPEN.prepare, data(1, "x"), data(1, "", { end: true })],
      expect: served,
    },
    {
      name: "forgets an open stream that the client resets",
      section: SECTION,
      level: "must",
      send: [...OPEN.prepare, reset(1)],
      expect: [ignores, served],
    },
    ...halfClosed("DATA", data(1, "x")),
    ...halfClosed("DATA with END_STREAM", data(1, "x", { end: true })),
    ...halfClosed("empty DATA", data(1, "")),
    ...halfClosed("HEADERS", headers(1, TRAILERS)),
    ...halfClosed("HEADERS without END_STREAM", headers(1, TRAILERS, { end: false })),
    ignored(HALF_CLOSED, "PRIORITY", priority(1), ignores),
    ignored(HALF_CLOSED, "a frame of unknown type", frame(0xee, 0xff, 1, octets("x")), ignores),
    {
      name: "goes on with a half-closed (remote) stream by WINDOW_UPDATE",
      section: SECTION,
      level: "must",
      ...openingOf(HALF_CLOSED),
      send: [...HALF_CLOSED.prepare, windowUpdate(1, 26)],
      expect: served,
    },
    {
      name: "forgets a half-closed (remote) stream that the client resets",
      section: SECTION,
      level: "must",
      ...openingOf(HALF_CLOSED),
      send: [...HALF_CLOSED.prepare, reset(1)],
      expect: ignores,
    },
    ...onClosed(ENDED, "DATA", data(1, "x"), served),
    ...onClosed(ENDED, "empty DATA with END_STREAM", data(1, "", { end: true }), served),
    ...onClosed(ENDED, "HEADERS", headers(1, get(FILE)), served),
    ignored(ENDED, "PRIORITY", priority(1), served),
    ignored(ENDED, "WINDOW_UPDATE", windowUpdate(1, 1), served),
    ignored(ENDED, "RST_STREAM", reset(1), served),
    ignored(ENDED, "a frame of unknown type", frame(0xee, 0xff, 1, octets("x")), served),
    ...onClosed(RESET, "DATA", data(1, "x"), ignores),
    ...onClosed(RESET, "HEADERS", headers(1, TRAILERS), ignores),
    ignored(RESET, "PRIORITY", priority(1), ignores),
    ignored(RESET, "a frame of unknown type", frame(0xee, 0xff, 1, octets("x")), ignores),
    {
      name: "ignores WINDOW_UPDATE on a stream that the client has reset, or treats it as an error",
      section: SECTION,
      level: "must",
      send: [...RESET.prepare, windowUpdate(1, 1)],
      expect: [ignores, connectionError("STREAM_CLOSED")],
    },
    {
      name: "does not answer RST_STREAM by RST_STREAM",
      section: "RFC 9113 §5.4.2",
      level: "must",
      send: [...RESET.prepare, reset(1)],
      expect: [ignores, connectionError("STREAM_CLOSED")],
    },
    inFlight("DATA", data(1, "x"), data(1, "x", { end: true })),
    inFlight("HEADERS", headers(1, TRAILERS)),
    inFlight("RST_STREAM", reset(1)),
    inFlight("WINDOW_UPDATE", windowUpdate(1, 1)),
    inFlight("PRIORITY", priority(1)),
    {
      name: "takes skipped stream identifiers for closed",
      section: "RFC 9113 §5.1.1",
      level: "must",
      send: [getOn(101, FILE), { awaitEnd: 101 }, priority(51)],
      expect: answersOn(101, { status: 200, body: { file: FILE } }),
    },
    {
      name: "answers pings while a stream is blocked",
      section: SECTION,
      level: "must",
      ...openingOf(HALF_CLOSED),
      send: [...HALF_CLOSED.prepare, ping("blocked?")],
      expect: { frames: [{ type: FrameType.PING, flags: Flag.ACK, payload: "blocked?" }], then: "open" },
    },
    {
      name: "acknowledges SETTINGS while a stream is blocked",
      section: "RFC 9113 §6.5.3",
      level: "must",
      ...openingOf(HALF_CLOSED),
      send: [...HALF_CLOSED.prepare, settings()],
      expect: { frames: [{ type: FrameType.SETTINGS, flags: Flag.ACK }], then: "open" },
    },
    {
      name: "answers the last request of a client that sends GOAWAY behind it",
      section: "RFC 9113 §6.8",
      level: "must",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 0]], windows: "manual" },
      send: [getOn(1, FILE), { awaitHead: 1 }, goaway(0, "NO_ERROR"), windowUpdate(1, 26), { awaitEnd: 1 }],
      expect: [
        served,
        { responses: { 1: { status: 200, body: { file: FILE } } }, goaway: ["NO_ERROR"], then: "closed" },
      ],
    },
  ],
};

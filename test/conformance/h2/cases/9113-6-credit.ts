/** RFC 9113 §6.9: credit that breaks the rules, and the credit that a server gives for the content of s. */
import { data, frame, get, getOn, headers, settings, windowUpdate } from "../frames.ts";
import { FrameType, Setting, uint32, WINDOW_MAX } from "../protocol.ts";
import { ANY } from "../../row.ts";
import {
  answersAll,
  answersOn,
  connectionError,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  isStreamError,
  type Opening,
  serves,
  streamError,
} from "../row.ts";

const FILE = "/alphabet.txt";
const whole = { status: 200, body: { file: FILE } } as const;

/** So much of 65 535 octets of credit that a server has used up what it means to use. */
const FULL = 60_000;

/** Windows of streams that the client opens at; credit is given by steps alone. */
const windowOf = (octets: number): Opening => ({
  settings: [[Setting.INITIAL_WINDOW_SIZE, octets]],
  windows: "manual",
});

const row = (
  name: string,
  section: string,
  opening: Opening | undefined,
  send: H2Row["send"],
  expect: H2Row["expect"],
): H2Row => ({
  name,
  section,
  level: "must",
  ...(opening ? { opening } : {}),
  send,
  expect,
});

const wrongLength = (octets: number): H2Row[] =>
  isConnectionError(
    {
      what: `WINDOW_UPDATE of ${octets} octets`,
      section: "RFC 9113 §6.9",
      send: [frame(FrameType.WINDOW_UPDATE, 0, 0, new Uint8Array(octets).fill(1))],
    },
    "FRAME_SIZE_ERROR",
  );

export const CREDIT_ROWS: H2SectionGroup = {
  title: "RFC 9113 §6.9 credit",
  rows: [
    ...isConnectionError(
      {
        what: "credit that takes the connection's window above 2³¹-1",
        section: "RFC 9113 §6.9.1",
        send: [windowUpdate(0, WINDOW_MAX)],
      },
      "FLOW_CONTROL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "the last of many credits that takes the connection's window above 2³¹-1",
        section: "RFC 9113 §6.9.1",
        send: [windowUpdate(0, WINDOW_MAX - 65_535), windowUpdate(0, 1)],
      },
      "FLOW_CONTROL_ERROR",
    ),
    ...isStreamError(
      {
        what: "credit that takes a stream's window above 2³¹-1",
        section: "RFC 9113 §6.9.1",
        opening: windowOf(1_000_000),
        send: [getOn(1, "/noise.bin"), { awaitContent: 1, octets: FULL }, windowUpdate(1, WINDOW_MAX)],
      },
      "FLOW_CONTROL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "SETTINGS that take a stream's window above 2³¹-1",
        section: "RFC 9113 §6.9.2",
        opening: windowOf(65_535),
        send: [
          getOn(1, "/noise.bin"),
          { awaitContent: 1, octets: FULL },
          windowUpdate(1, WINDOW_MAX - 65_535),
          settings([Setting.INITIAL_WINDOW_SIZE, 200_000]),
        ],
      },
      "FLOW_CONTROL_ERROR",
    ),
    ...isConnectionError(
      { what: "WINDOW_UPDATE of zero on the connection", section: "RFC 9113 §6.9", send: [windowUpdate(0, 0)] },
      "PROTOCOL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "WINDOW_UPDATE with nothing but the reserved bit",
        section: "RFC 9113 §6.9",
        send: [windowUpdate(0, 2 ** 31)],
      },
      "PROTOCOL_ERROR",
    ),
    ...isStreamError(
      {
        what: "WINDOW_UPDATE of zero on a stream",
        section: "RFC 9113 §6.9",
        opening: windowOf(0),
        send: [getOn(1, FILE), { awaitHead: 1 }, windowUpdate(1, 0)],
      },
      "PROTOCOL_ERROR",
    ),
    ...wrongLength(0),
    ...wrongLength(3),
    ...wrongLength(5),
    ...wrongLength(8),
    row(
      "gives credit for content that it doesn't want, or ends the stream",
      "RFC 9113 §5.2.2",
      undefined,
      [headers(1, get(FILE), { end: false }), { contentOn: 1, octets: 300_000 }],
      [serves(FILE), answersOn(1, { status: "4xx" }), ...streamError(1, "NO_ERROR", "CANCEL")],
    ),
    row(
      "gives the connection credit for content of ten streams",
      "RFC 9113 §6.9",
      undefined,
      Array.from(
        { length: 10 },
        (_, index) =>
          [headers(index * 2 + 1, get(FILE), { end: false }), { contentOn: index * 2 + 1, octets: 60_000 }] as const,
      ).flat(),
      answersAll(Object.fromEntries(Array.from({ length: 10 }, (_, index) => [index * 2 + 1, { status: ANY }]))),
    ),
    row(
      "gives credit for padding",
      "RFC 9113 §6.1",
      undefined,
      [headers(1, get(FILE), { end: false }), { contentOn: 1, octets: 1_000, padding: 255 }],
      [serves(FILE), answersOn(1, { status: "4xx" })],
    ),
    row(
      "gives the connection credit for DATA on a stream that is closed",
      "RFC 9113 §6.9",
      undefined,
      [
        getOn(1, FILE),
        { awaitEnd: 1 },
        ...Array.from({ length: 3 }, () => data(1, new Uint8Array(16_384))),
        headers(3, get(FILE), { end: false }),
        { contentOn: 3, octets: FULL },
      ],
      [
        answersAll({ 1: whole, 3: { status: ANY } }),
        { ...answersAll({ 1: whole, 3: { status: ANY } }), resets: { 1: ["STREAM_CLOSED", "PROTOCOL_ERROR"] } },
        connectionError("STREAM_CLOSED"),
      ],
    ),
    row(
      "treats DATA beyond its own windows as a flow-control error, or has given credit before",
      "RFC 9113 §6.9.1",
      undefined,
      [headers(1, get(FILE), { end: false }), { overrun: 1 }],
      [
        ...streamError(1, "FLOW_CONTROL_ERROR"),
        answersOn(1, { status: ANY }),
        { ...answersOn(1, { status: ANY }), resets: { 1: ["FLOW_CONTROL_ERROR", "NO_ERROR", "STREAM_CLOSED"] } },
      ],
    ),
    {
      name: "has windows large enough for an empty request's content to be read at once",
      section: "RFC 9113 §6.9.2",
      level: "must",
      send: [headers(1, get(FILE), { end: false }), frame(FrameType.DATA, 1, 1)],
      expect: serves(FILE),
    },
    {
      name: "gives up a response that waits for credit once the client has closed",
      section: "RFC 9113 §6.9",
      level: "choice",
      opening: windowOf(10),
      send: [getOn(1, "/page.html"), { awaitContent: 1, octets: 10 }, { halfClose: true }],
      expect: connectionError("NO_ERROR"),
    },
    {
      name: "ignores credit for a stream that is complete",
      section: "RFC 9113 §6.9",
      level: "must",
      send: [getOn(1, FILE), { awaitEnd: 1 }, windowUpdate(1, WINDOW_MAX), windowUpdate(1, WINDOW_MAX)],
      expect: serves(FILE),
    },
    ...isConnectionError(
      {
        what: "WINDOW_UPDATE on an idle stream above one that is open",
        section: "RFC 9113 §5.1",
        send: [headers(1, get(FILE), { end: false }), frame(FrameType.WINDOW_UPDATE, 0, 9, uint32(1))],
      },
      "PROTOCOL_ERROR",
    ),
  ],
};

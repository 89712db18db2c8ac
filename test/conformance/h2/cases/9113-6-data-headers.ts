/** RFC 9113 §6.1 to §6.4: DATA, HEADERS, PRIORITY, RST_STREAM. */
import { data, frame, get, getOn, headers, octets, postOn, priority, reset } from "../frames.ts";
import { Flag, FrameType, uint32 } from "../protocol.ts";
import {
  type FrameStep,
  type H2Row,
  type H2SectionGroup,
  connectionError,
  isConnectionError,
  isStreamError,
  type PayloadPart,
  serves,
} from "../row.ts";

const FILE = "/alphabet.txt";
const OPEN = headers(1, get(FILE), { end: false });

const served = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name,
  section,
  level: "must",
  send,
  expect: serves(FILE),
});

const onStreamZero = (what: string, section: string, step: FrameStep): H2Row[] =>
  isConnectionError({ what: `${what} on stream 0`, section, send: [step] }, "PROTOCOL_ERROR");

/** DATA that say to have `padding` octets of padding. */
const paddedData = (padding: number, payload: string): FrameStep =>
  frame(FrameType.DATA, Flag.PADDED, 1, Uint8Array.of(padding), octets(payload));

const paddedHeaders = (padding: number, ...payload: PayloadPart[]): FrameStep =>
  frame(FrameType.HEADERS, Flag.PADDED | Flag.END_HEADERS | Flag.END_STREAM, 1, Uint8Array.of(padding), ...payload);

const tooMuchPadding = (what: string, section: string, ...send: H2Row["send"]): H2Row[] =>
  isConnectionError({ what, section, send }, "PROTOCOL_ERROR");

const wrongPriority = (length: number): H2Row[] =>
  isStreamError(
    {
      what: `PRIORITY of ${length} octets`,
      section: "RFC 9113 §6.3",
      send: [OPEN, frame(FrameType.PRIORITY, 0, 1, new Uint8Array(length))],
    },
    "FRAME_SIZE_ERROR",
  );

const wrongReset = (length: number): H2Row[] =>
  isConnectionError(
    {
      what: `RST_STREAM of ${length} octets on an open stream`,
      section: "RFC 9113 §6.4",
      send: [OPEN, frame(FrameType.RST_STREAM, 0, 1, new Uint8Array(length))],
    },
    "FRAME_SIZE_ERROR",
  );

export const DATA_AND_HEADERS_ROWS: H2SectionGroup = {
  title: "RFC 9113 §6.1 to §6.4 DATA, HEADERS, PRIORITY, RST_STREAM",
  rows: [
    ...onStreamZero("DATA", "RFC 9113 §6.1", data(0, "x")),
    served("takes padding out of DATA", "RFC 9113 §6.1", OPEN, data(1, "hello", { padding: 100, end: true })),
    served(
      "takes padding of no octets out of DATA",
      "RFC 9113 §6.1",
      OPEN,
      data(1, "hello", { padding: 0, end: true }),
    ),
    served(
      "takes DATA that are nothing but padding",
      "RFC 9113 §6.1",
      OPEN,
      data(1, "", { padding: 255 }),
      data(1, "", { padding: 0, end: true }),
    ),
    served(
      "takes several empty DATA",
      "RFC 9113 §6.1",
      OPEN,
      data(1, ""),
      data(1, ""),
      data(1, ""),
      data(1, "", { end: true }),
    ),
    ...tooMuchPadding("DATA with as much padding as payload", "RFC 9113 §6.1", OPEN, paddedData(5, "xxxx")),
    ...tooMuchPadding("DATA with more padding than payload", "RFC 9113 §6.1", OPEN, paddedData(255, "xxxx")),
    ...tooMuchPadding("DATA of nothing but a pad length", "RFC 9113 §6.1", OPEN, paddedData(1, "")),
    {
      name: "ignores what padding consists of, or treats it as a connection error",
      section: "RFC 9113 §6.1",
      level: "must",
      send: [OPEN, paddedData(4, "hellojunk"), data(1, "", { end: true })],
      expect: [serves(FILE), connectionError("PROTOCOL_ERROR")],
    },
    ...onStreamZero("HEADERS", "RFC 9113 §6.2", getOn(0, FILE)),
    served("takes padding out of HEADERS", "RFC 9113 §6.2", headers(1, get(FILE), { padding: 200 })),
    served("takes padding of no octets out of HEADERS", "RFC 9113 §6.2", headers(1, get(FILE), { padding: 0 })),
    served("takes a priority out of HEADERS", "RFC 9113 §6.2", headers(1, get(FILE), { dependsOn: 0 })),
    served(
      "takes padding and a priority out of HEADERS",
      "RFC 9113 §6.2",
      headers(1, get(FILE), { padding: 7, dependsOn: 3 }),
    ),
    served("takes padding out of trailers", "RFC 9113 §6.2", OPEN, headers(1, [["x-trailer", "1"]], { padding: 9 })),
    ...tooMuchPadding("HEADERS with more padding than payload", "RFC 9113 §6.2", paddedHeaders(250, ...get(FILE))),
    ...tooMuchPadding(
      "HEADERS with as much padding as payload",
      "RFC 9113 §6.2",
      paddedHeaders(5, octets("\x82\x86\x84\x41")),
    ),
    ...tooMuchPadding(
      "HEADERS whose padding reaches into the priority",
      "RFC 9113 §6.2",
      frame(
        FrameType.HEADERS,
        Flag.PADDED | Flag.PRIORITY | Flag.END_HEADERS | Flag.END_STREAM,
        1,
        Uint8Array.of(3),
        uint32(0),
        Uint8Array.of(15),
      ),
    ),
    ...onStreamZero("PRIORITY", "RFC 9113 §6.3", priority(0)),
    ...wrongPriority(4),
    ...wrongPriority(6),
    ...wrongPriority(0),
    ...onStreamZero("RST_STREAM", "RFC 9113 §6.4", reset(0)),
    ...wrongReset(0),
    ...wrongReset(8),
    ...isConnectionError(
      { what: "RST_STREAM on an idle stream above one that is open", section: "RFC 9113 §6.4", send: [OPEN, reset(3)] },
      "PROTOCOL_ERROR",
    ),
    {
      name: "goes on after the client has reset a request with content",
      section: "RFC 9113 §6.4",
      level: "must",
      send: [postOn(1, FILE), data(1, "some"), reset(1, "NO_ERROR"), postOn(3, FILE), reset(3, "REFUSED_STREAM")],
      expect: { then: "open" },
    },
  ],
};

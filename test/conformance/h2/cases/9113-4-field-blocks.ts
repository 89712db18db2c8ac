/** RFC 9113 §4.3 and §6.10: field blocks in HEADERS and CONTINUATION. */
import {
  continuation,
  data,
  frame,
  get,
  getOn,
  goaway,
  headers,
  inFragments,
  ping,
  postOn,
  priority,
  reset,
  settings,
  windowUpdate,
} from "../frames.ts";
import { indexed, literal, stringLiteral } from "../hpack/encoder.ts";
import {
  answersAll,
  connectionError,
  type FrameStep,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  serves,
} from "../row.ts";

const BLOCK = get("/alphabet.txt");
const FIRST_PART = headers(1, BLOCK.slice(0, 2), { endHeaders: false });
const REST = continuation(1, BLOCK.slice(2));

const joins = (what: string, ...send: H2Row["send"]): H2Row => ({
  name: `joins a field block ${what}`,
  section: "RFC 9113 §4.3",
  level: "must",
  send,
  expect: serves("/alphabet.txt"),
});

/** What is flood protection to one is a broken rule to another: any number of CONTINUATION frames can be sent (§6.10). */
const joinsOrCalms = (what: string, ...send: H2Row["send"]): H2Row => ({
  ...joins(what, ...send),
  name: `joins a field block ${what}, or calls it excessive`,
  section: "RFC 9113 §6.10",
  expect: [serves("/alphabet.txt"), connectionError("ENHANCE_YOUR_CALM")],
});

const INTERLOPERS: readonly (readonly [string, FrameStep])[] = [
  ["DATA", data(1, "x")],
  ["HEADERS on the same stream", headers(1, BLOCK)],
  ["HEADERS on another stream", headers(3, BLOCK)],
  ["CONTINUATION on another stream", continuation(3, BLOCK.slice(2))],
  ["CONTINUATION on stream 0", continuation(0, BLOCK.slice(2))],
  ["PRIORITY on the same stream", priority(1)],
  ["PRIORITY on another stream", priority(3)],
  ["RST_STREAM", reset(1)],
  ["SETTINGS", settings()],
  ["PING", ping()],
  ["GOAWAY", goaway(0, "NO_ERROR")],
  ["WINDOW_UPDATE on stream 0", windowUpdate(0, 1)],
  ["WINDOW_UPDATE on the same stream", windowUpdate(1, 1)],
  ["a frame of unknown type", frame(0xee, 0, 0)],
  ["a frame of unknown type on the same stream", frame(0xee, 0, 1)],
];

const misplaced = (what: string, ...send: H2Row["send"]): H2Row[] =>
  isConnectionError({ what, section: "RFC 9113 §6.10", send }, "PROTOCOL_ERROR");

/** A line that goes into the decoder's table, and a request whose :path is that line. */
const INSERT_PATH = literal(4, "/dir/file.txt", "indexing");
const BY_TABLE = headers(3, [...BLOCK.slice(0, 3), indexed(62)]);

const keepsState = (what: string, ...send: H2Row["send"]): H2Row => ({
  name: `decodes the field block of ${what}`,
  section: "RFC 9113 §4.3",
  level: "must",
  send: [...send, BY_TABLE],
  expect: [
    answersAll({ 3: { status: 200, body: { file: "/dir/file.txt" } } }),
    {
      resets: { 1: ["STREAM_CLOSED", "PROTOCOL_ERROR", "INTERNAL_ERROR"] },
      ...answersAll({ 3: { status: 200, body: { file: "/dir/file.txt" } } }),
    },
    answersAll({ 1: { status: ["2xx", "4xx"] }, 3: { status: 200, body: { file: "/dir/file.txt" } } }),
    {
      resets: { 1: ["STREAM_CLOSED", "PROTOCOL_ERROR", "INTERNAL_ERROR"] },
      ...answersAll({ 1: { status: ["2xx", "4xx"] }, 3: { status: 200, body: { file: "/dir/file.txt" } } }),
    },
    connectionError("STREAM_CLOSED"),
  ],
});

export const FIELD_BLOCK_ROWS: H2SectionGroup = {
  title: "RFC 9113 §4.3, §6.10 field blocks",
  rows: [
    joins("in HEADERS and one CONTINUATION", FIRST_PART, REST),
    joins(
      "in HEADERS and three CONTINUATION",
      FIRST_PART,
      continuation(1, [BLOCK[2]!], false),
      continuation(1, [BLOCK[3]!], false),
      continuation(1, [["x-test", "1"]]),
    ),
    joins("cut within a field line", inFragments(1, BLOCK, 21)),
    joins("whose HEADERS carry none of it", headers(1, [], { endHeaders: false }), continuation(1, BLOCK)),
    joins(
      "whose HEADERS are padded and carry a priority",
      headers(1, BLOCK.slice(0, 2), { endHeaders: false, padding: 20, dependsOn: 0 }),
      REST,
    ),
    joins("that comes in segments of single octets", { inSegments: [FIRST_PART, REST], octets: 1 }),
    joins(
      "whose END_STREAM comes with DATA",
      headers(1, BLOCK.slice(0, 2), { endHeaders: false, end: false }),
      REST,
      data(1, "", { end: true }),
    ),
    joins(
      "that a trailer section in two fragments follows",
      headers(1, BLOCK, { end: false }),
      headers(1, [["x-a", "1"]], { endHeaders: false }),
      continuation(1, [["x-b", "2"]]),
    ),
    joins("whose last CONTINUATION is empty", headers(1, BLOCK, { endHeaders: false }), continuation(1, [])),
    joinsOrCalms("in fragments of one octet", inFragments(1, BLOCK, 1)),
    joinsOrCalms("with an empty CONTINUATION in the middle", FIRST_PART, continuation(1, [], false), REST),
    {
      name: "gives up on a field block that has no end",
      section: "RFC 9113 §10.5.1",
      level: "choice",
      send: [FIRST_PART, ...Array.from({ length: 200 }, () => continuation(1, [["x-fill", "x".repeat(4_000)]], false))],
      expect: connectionError("ENHANCE_YOUR_CALM"),
    },
    {
      name: "gives up on empty CONTINUATION frames without end",
      section: "RFC 9113 §10.5",
      level: "choice",
      send: [FIRST_PART, ...Array.from({ length: 5_000 }, () => continuation(1, [], false))],
      expect: connectionError("ENHANCE_YOUR_CALM"),
    },
    ...INTERLOPERS.flatMap(([what, interloper]) =>
      misplaced(`${what} within a field block`, FIRST_PART, interloper, REST),
    ),
    ...misplaced(
      "CONTINUATION after a complete field block",
      getOn(1, "/alphabet.txt"),
      continuation(1, [["x-test", "1"]]),
    ),
    ...misplaced(
      "CONTINUATION after DATA",
      headers(1, BLOCK, { end: false }),
      data(1, "x"),
      continuation(1, [["x-test", "1"]]),
    ),
    ...misplaced(
      "CONTINUATION after a block that CONTINUATION has ended",
      FIRST_PART,
      REST,
      continuation(1, [["x-test", "1"]]),
    ),
    ...misplaced("CONTINUATION on stream 0", continuation(0, BLOCK)),
    ...misplaced("CONTINUATION as the first frame of a stream", continuation(1, BLOCK)),
    keepsState(
      "HEADERS on a stream that the client has reset",
      postOn(1, "/alphabet.txt"),
      reset(1),
      headers(1, [INSERT_PATH]),
    ),
    keepsState(
      "HEADERS on a stream that is complete",
      getOn(1, "/alphabet.txt"),
      { awaitEnd: 1 },
      headers(1, [INSERT_PATH]),
    ),
    keepsState(
      "a request that is reset at once",
      headers(1, [...BLOCK.slice(0, 3), INSERT_PATH], { end: false }),
      reset(1),
    ),
    keepsState("a malformed request", headers(1, [...BLOCK.slice(0, 3), INSERT_PATH, ["X-Upper", "1"]])),
    {
      name: "decodes the field block of a trailer section",
      section: "RFC 9113 §4.3",
      level: "must",
      send: [
        headers(1, BLOCK, { end: false }),
        data(1, "x"),
        headers(1, [literal(stringLiteral("x-trailer"), "/dir/file.txt", "indexing")]),
        headers(3, [...BLOCK.slice(0, 3), indexed(62), ["x-test", "1"]]),
      ],
      // The line in the table is a regular field, so the request that refers to it has no :path.
      expect: [
        { ...answersAll({ 1: { status: "2xx" } }), resets: { 3: ["PROTOCOL_ERROR"] } },
        answersAll({ 1: { status: "2xx" }, 3: { status: "4xx" } }),
        connectionError("PROTOCOL_ERROR"),
      ],
    },
  ],
};

/**
 * RFC 9218: the priority field and PRIORITY_UPDATE.
 *
 * The client holds back the connection's credit until the server has all requests, so that only urgency decides what comes first.
 */
import { get, getOn, headers, priorityUpdate, windowUpdate } from "../frames.ts";
import { Setting } from "../protocol.ts";
import {
  answersOn,
  type FrameStep,
  type H2Expectation,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  type Opening,
  serves,
} from "../row.ts";

const FILE = "/alphabet.txt";
const NOISE = { status: 200, body: { file: "/noise.bin" } } as const;
const WIDE: Opening = {
  settings: [
    [Setting.INITIAL_WINDOW_SIZE, 4_000_000],
    [Setting.NO_RFC7540_PRIORITIES, 1],
  ],
  windows: "manual",
};

/** All of the connection's credit is taken up: what comes after it waits. */
const OCCUPY = [
  getOn(1, FILE),
  { awaitEnd: 1 },
  getOn(3, "/noise.bin", ["priority", "u=0"]),
  { awaitContent: 3, octets: 60_000 },
] as const;
const RELEASE = [{ roundTrip: true }, windowUpdate(0, 5_000_000)] as const;

/** Files of one size: servers that give each stream its turn, or the first its all, end them in the order of their streams. */
const noiseOn = (stream: number, priority?: string) => requestOn(stream, "/noise.bin", priority);
const fileOn = (stream: number, priority?: string) => requestOn(stream, FILE, priority);

function requestOn(stream: number, path: string, priority?: string): FrameStep {
  return getOn(stream, path, ...(priority === undefined ? [] : [["priority", priority] as const]));
}

const ordered = (
  name: string,
  section: string,
  send: H2Row["send"],
  endInOrder: readonly number[],
  more: Partial<H2Expectation> = {},
): H2Row => ({
  name,
  section,
  level: "should",
  opening: WIDE,
  send: [...OCCUPY, ...send],
  expect: {
    responses: Object.fromEntries([1, 3, ...endInOrder].map((stream) => [stream, { status: 200 }])),
    endInOrder,
    then: "open",
    ...more,
  },
});

/** Accepted, whatever it does to the order. */
const accepted = (what: string, section: string, level: H2Row["level"], ...send: H2Row["send"]): H2Row => ({
  name: `answers a request with ${what}`,
  section,
  level,
  send,
  expect: serves(FILE),
});

export const PRIORITY_ROWS: H2SectionGroup = {
  title: "RFC 9218 priorities",
  rows: [
    ordered(
      "sends an urgent response before one that isn't",
      "RFC 9218 §10",
      [noiseOn(5, "u=5"), noiseOn(7, "u=1"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "sends the most urgent of three responses first",
      "RFC 9218 §10",
      [noiseOn(5, "u=6"), noiseOn(7, "u=4"), noiseOn(9, "u=2"), ...RELEASE],
      [9, 7, 5],
    ),
    ordered(
      "sends an urgent response that was asked for first before one that isn't",
      "RFC 9218 §10",
      [noiseOn(5, "u=1"), noiseOn(7, "u=5"), ...RELEASE],
      [5, 7],
    ),
    ordered(
      "sends three responses by urgency, whatever their order",
      "RFC 9218 §10",
      [noiseOn(5, "u=4"), noiseOn(7, "u=2"), noiseOn(9, "u=6"), ...RELEASE],
      [7, 5, 9],
    ),
    ordered("takes urgency 3 for the default", "RFC 9218 §4.1", [noiseOn(5, "u=4"), noiseOn(7), ...RELEASE], [7, 5]),
    ordered(
      "takes urgency 3 for the default, on the other side",
      "RFC 9218 §4.1",
      [noiseOn(5), noiseOn(7, "u=2"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "sends large responses of equal urgency that aren't incremental in the order of their streams",
      "RFC 9218 §10",
      [noiseOn(5, "u=3"), noiseOn(7, "u=3"), noiseOn(9, "u=3"), ...RELEASE],
      [5, 7, 9],
    ),
    ordered(
      "sends incremental responses of equal urgency in turns",
      "RFC 9218 §10",
      [noiseOn(5, "u=3, i"), noiseOn(7, "u=3, i"), ...RELEASE],
      [5, 7],
      { interleave: [5, 7], endInOrder: [] },
    ),
    ordered(
      "finishes a small incremental response while a large one goes on",
      "RFC 9218 §10",
      [noiseOn(5, "u=3, i"), fileOn(7, "u=3, i"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "changes urgency by PRIORITY_UPDATE",
      "RFC 9218 §7.1",
      [noiseOn(5, "u=3"), noiseOn(7, "u=6"), priorityUpdate(7, "u=0"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "changes urgency by PRIORITY_UPDATE for the worse",
      "RFC 9218 §7.1",
      [noiseOn(5, "u=1"), noiseOn(7, "u=3"), priorityUpdate(5, "u=7"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "keeps a PRIORITY_UPDATE that comes before its request",
      "RFC 9218 §7.1",
      [priorityUpdate(7, "u=0"), noiseOn(5, "u=3"), noiseOn(7), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "takes a PRIORITY_UPDATE that comes first for more than the request's own field",
      "RFC 9218 §7",
      [priorityUpdate(7, "u=0"), noiseOn(5, "u=3"), noiseOn(7, "u=6"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "takes an empty PRIORITY_UPDATE for the defaults",
      "RFC 9218 §7.1",
      [noiseOn(5, "u=4"), noiseOn(7, "u=7"), priorityUpdate(7, ""), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "ignores an urgency that is out of range",
      "RFC 9218 §4",
      [noiseOn(5, "u=4"), noiseOn(7, "u=9"), ...RELEASE],
      [7, 5],
    ),
    ordered(
      "ignores parameters that it doesn't know",
      "RFC 9218 §4",
      [noiseOn(5, "u=4, x=1"), noiseOn(7, "x;y=2, u=1, z"), ...RELEASE],
      [7, 5],
    ),
    {
      name: "goes on with a less urgent response while the urgent one is blocked",
      section: "RFC 9218 §10",
      level: "should",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 10]], windows: "manual" },
      send: [
        getOn(1, "/page.html", ["priority", "u=0"]),
        { awaitContent: 1, octets: 10 },
        fileOn(3, "u=7"),
        windowUpdate(3, 16),
        { awaitEnd: 3 },
        windowUpdate(1, 60_000),
      ],
      expect: {
        responses: { 1: { status: 200 }, 3: { status: 200, body: { file: FILE } } },
        endInOrder: [3, 1],
        then: "open",
      },
    },
    {
      name: "sends a small urgent response while a large one is under way",
      section: "RFC 9218 §10",
      level: "should",
      opening: WIDE,
      send: [
        getOn(1, "/large.bin", ["priority", "u=5"]),
        { awaitContent: 1, octets: 60_000 },
        fileOn(3, "u=0"),
        { roundTrip: true },
        windowUpdate(0, 5_000_000),
      ],
      expect: {
        responses: { 1: { status: 200, body: { file: "/large.bin" } }, 3: { status: 200, body: { file: FILE } } },
        endInOrder: [3, 1],
        then: "open",
      },
    },
    {
      name: "serves two large responses octet for octet when they take turns",
      section: "RFC 9218 §10",
      level: "must",
      send: [noiseOn(1, "i"), noiseOn(3, "i"), noiseOn(5, "u=1")],
      expect: { responses: { 1: NOISE, 3: NOISE, 5: NOISE }, then: "open" },
    },
    accepted("a priority field that can't be parsed", "RFC 9218 §5", "should", fileOn(1, "u==,;;")),
    accepted("an empty priority field", "RFC 9218 §5", "should", fileOn(1, "")),
    accepted(
      "two priority fields",
      "RFC 9218 §5",
      "should",
      headers(1, get(FILE, ["priority", "u=1"], ["priority", "i"])),
    ),
    accepted("a priority field of 4 000 octets", "RFC 9218 §5", "should", fileOn(1, `u=1${", x=1".repeat(800)}`)),
    {
      name: "answers a client that says in its first SETTINGS that it has no other priorities",
      section: "RFC 9218 §2.1",
      level: "must",
      opening: { settings: [[Setting.NO_RFC7540_PRIORITIES, 1]] },
      send: [fileOn(1)],
      expect: serves(FILE),
    },
    accepted(
      "a PRIORITY_UPDATE that can't be parsed before it",
      "RFC 9218 §7.1",
      "must",
      priorityUpdate(1, "]["),
      fileOn(1),
    ),
    {
      name: "ignores PRIORITY_UPDATE of a stream that is complete",
      section: "RFC 9218 §7.1",
      level: "must",
      send: [fileOn(1), { awaitEnd: 1 }, priorityUpdate(1, "u=0")],
      expect: answersOn(1, { status: 200, body: { file: FILE } }),
    },
    ...isConnectionError(
      {
        what: "PRIORITY_UPDATE on a stream",
        section: "RFC 9218 §7.1",
        level: "choice",
        send: [priorityUpdate(1, "u=0", 1)],
      },
      "PROTOCOL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "PRIORITY_UPDATE of stream 0",
        section: "RFC 9218 §7.1",
        level: "choice",
        send: [priorityUpdate(0, "u=0")],
      },
      "PROTOCOL_ERROR",
    ),
    ...isConnectionError(
      {
        what: "PRIORITY_UPDATE of 3 octets",
        section: "RFC 9218 §7.1",
        level: "choice",
        send: [{ type: 0x10, flags: 0, stream: 0, payload: [new Uint8Array(3)] }],
      },
      "FRAME_SIZE_ERROR",
    ),
  ],
};

/** RFC 9113 §5.1.1 to §5.5: stream identifiers, concurrency, priorities, errors, extensions. */
import {
  data,
  frame,
  get,
  getOn,
  goaway,
  headers,
  octets,
  ping,
  postOn,
  priority,
  reset,
  settings,
  windowUpdate,
} from "../frames.ts";
import { indexed } from "../hpack/encoder.ts";
import { FrameType, Setting, WINDOW_MAX } from "../protocol.ts";
import {
  answersAll,
  answersOn,
  connectionError,
  type H2Row,
  type H2SectionGroup,
  ignores,
  isConnectionError,
  serves,
  streamError,
} from "../row.ts";

const FILE = "/alphabet.txt";
const whole = { status: 200, body: { file: FILE } } as const;
const BLOCKED = { settings: [[Setting.INITIAL_WINDOW_SIZE, 0]], windows: "manual" } as const;

const unexpected = (what: string, ...send: H2Row["send"]): H2Row[] =>
  isConnectionError({ what, section: "RFC 9113 §5.1.1", send }, "PROTOCOL_ERROR");

const served = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name,
  section,
  level: "must",
  send,
  expect: serves(FILE),
});

/** GOAWAY names the last stream that was received (§5.4.1). */
const namesLast = (what: string, lastStream: number, ...send: H2Row["send"]): H2Row => ({
  name: `names in GOAWAY the last stream it has received: ${what}`,
  section: "RFC 9113 §6.8",
  level: "should",
  send: [...send, ping("", 0)],
  expect: { goaway: ["FRAME_SIZE_ERROR"], isAnnounced: true, lastStream, then: "closed" },
});

export const STREAM_ROWS: H2SectionGroup = {
  title: "RFC 9113 §5 streams, errors, extensions",
  rows: [
    ...unexpected("HEADERS on an even stream", getOn(2, FILE)),
    ...unexpected("HEADERS on an even stream after an odd one", getOn(1, FILE), { awaitEnd: 1 }, getOn(4, FILE)),
    {
      name: "treats HEADERS on a stream below one that was opened before as a connection error",
      section: "RFC 9113 §5.1.1",
      level: "must",
      send: [getOn(5, FILE), { awaitEnd: 5 }, getOn(3, FILE)],
      expect: connectionError("PROTOCOL_ERROR", "STREAM_CLOSED"),
    },
    {
      name: "answers streams whose identifiers leave gaps",
      section: "RFC 9113 §5.1.1",
      level: "must",
      send: [3, 7, 1001, 65_537].map((stream) => getOn(stream, FILE)),
      expect: answersAll({ 3: whole, 7: whole, 1001: whole, 65537: whole }),
    },
    {
      name: "answers the stream with the highest identifier",
      section: "RFC 9113 §5.1.1",
      level: "must",
      send: [getOn(WINDOW_MAX, FILE)],
      expect: answersOn(WINDOW_MAX, whole),
    },
    {
      name: "answers fifty streams that are open at the same time",
      section: "RFC 9113 §5",
      level: "must",
      send: Array.from({ length: 50 }, (_, index) => getOn(index * 2 + 1, FILE)),
      expect: answersAll(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [index * 2 + 1, whole]))),
    },
    {
      name: "answers a thousand streams one after the other",
      section: "RFC 9113 §5.1.1",
      level: "must",
      send: Array.from({ length: 1_000 }, (_, index) => [
        getOn(index * 2 + 1, "/tiny.html"),
        ...(index % 50 === 49 ? [{ awaitEnd: index * 2 + 1 }] : []),
      ]).flat(),
      expect: [
        answersAll(Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [index * 2 + 1, { status: 200 }]))),
        // Servers may set an end to the requests of a connection.
        { goaway: ["NO_ERROR"], then: "closed", responses: { 1: { status: 200 } } },
      ],
    },
    {
      name: "refuses a stream beyond its SETTINGS_MAX_CONCURRENT_STREAMS",
      section: "RFC 9113 §5.1.2",
      level: "must",
      opening: BLOCKED,
      send: [{ exceedStreams: FILE }],
      expect: [ignores, connectionError("REFUSED_STREAM", "ENHANCE_YOUR_CALM")],
    },
    {
      name: "counts streams no longer that are complete",
      section: "RFC 9113 §5.1.2",
      level: "must",
      send: Array.from(
        { length: 300 },
        (_, index) => [getOn(index * 2 + 1, FILE), { awaitEnd: index * 2 + 1 }] as const,
      ).flat(),
      expect: answersAll(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [index * 2 + 1, whole]))),
    },
    served("serves a request that a PRIORITY frame comes before", "RFC 9113 §5.3.2", priority(1), getOn(1, FILE)),
    served(
      "serves a request whose HEADERS bear a priority",
      "RFC 9113 §5.3.2",
      headers(1, get(FILE), { dependsOn: 0 }),
    ),
    served(
      "serves a request that depends exclusively on an idle stream",
      "RFC 9113 §5.3.2",
      headers(1, get(FILE), { dependsOn: 2 ** 31 + 99 }),
    ),
    {
      name: "ignores that HEADERS depend on their own stream, or treats it as a stream error",
      section: "RFC 9113 §5.3.2",
      level: "must",
      send: [headers(1, get(FILE), { dependsOn: 1 })],
      expect: [serves(FILE), ...streamError(1, "PROTOCOL_ERROR")],
    },
    {
      name: "serves a request after a hundred PRIORITY frames, as old browsers send them",
      section: "RFC 9113 §5.3.2",
      level: "choice",
      send: [...Array.from({ length: 100 }, (_, index) => priority(index * 2 + 3, 0)), getOn(1, FILE)],
      expect: serves(FILE),
    },
    namesLast("none", 0),
    namesLast("one", 1, getOn(1, FILE), { awaitEnd: 1 }),
    namesLast("three", 5, getOn(1, FILE), getOn(3, FILE), getOn(5, FILE), { awaitEnd: 5 }),
    {
      name: "does not let a stream error touch other streams",
      section: "RFC 9113 §5.4.2",
      level: "choice",
      opening: { settings: [[Setting.INITIAL_WINDOW_SIZE, 0]], windows: "manual" },
      send: [getOn(1, FILE), { awaitHead: 1 }, headers(3, get(FILE, ["X-Upper", "1"])), windowUpdate(1, 26)],
      expect: [
        { responses: { 1: whole }, resets: { 3: ["PROTOCOL_ERROR"] }, then: "open" },
        answersAll({ 1: whole, 3: { status: "4xx" } }),
      ],
    },
    {
      name: "reports a connection error by one GOAWAY",
      section: "RFC 9113 §5.4",
      level: "should",
      send: [windowUpdate(0, 0), data(0, "x"), ping("", 0)],
      expect: { goaway: ["PROTOCOL_ERROR"], isAnnounced: true, then: "closed" },
    },
    {
      name: "answers nothing after a connection error",
      section: "RFC 9113 §5.4.1",
      level: "must",
      send: [{ inSegments: [data(0, "x"), getOn(1, FILE)], octets: 10_000 }],
      expect: { ...connectionError("PROTOCOL_ERROR") },
    },
    served(
      "ignores settings that it doesn't know",
      "RFC 9113 §5.5",
      settings([0x00, 1], [0x07, 7], [0x08, 0], [0x4d44, 0xffff_ffff], [0xffff, 1]),
      getOn(1, FILE),
    ),
    served("ignores SETTINGS_ENABLE_CONNECT_PROTOCOL of a client", "RFC 8441 §3", settings([0x08, 1]), getOn(1, FILE)),
    {
      name: "takes an error code that it doesn't know in RST_STREAM for any other",
      section: "RFC 9113 §7",
      level: "must",
      send: [postOn(1, FILE), reset(1, 0xdead_beef)],
      expect: ignores,
    },
    {
      name: "takes an error code that it doesn't know in GOAWAY for any other",
      section: "RFC 9113 §7",
      level: "must",
      send: [getOn(1, FILE), { awaitEnd: 1 }, goaway(0, 0xdead_beef)],
      expect: [serves(FILE), { ...serves(FILE), goaway: ["NO_ERROR"], then: "closed" }],
    },
    ...isConnectionError(
      {
        what: "an extension frame within a field block",
        section: "RFC 9113 §5.5",
        send: [headers(1, get(FILE), { endHeaders: false }), frame(0xfe, 0, 0, octets("x"))],
      },
      "PROTOCOL_ERROR",
    ),
    {
      name: "goes on after requests that the client resets at once",
      section: "RFC 9113 §6.4",
      level: "must",
      send: Array.from({ length: 20 }, (_, index) => [getOn(index * 2 + 1, "/noise.bin"), reset(index * 2 + 1)]).flat(),
      expect: ignores,
    },
    {
      name: "stops a client that resets requests without end",
      section: "RFC 9113 §10.5",
      level: "choice",
      send: Array.from({ length: 20_000 }, (_, index) => [
        headers(index * 2 + 1, [indexed(2), indexed(7), indexed(4), [":authority", "a"]]),
        reset(index * 2 + 1),
      ]).flat(),
      expect: connectionError("ENHANCE_YOUR_CALM"),
    },
    ...(
      [
        ["SETTINGS", settings()],
        ["PING", ping()],
        ["empty DATA", data(1, "")],
        ["PRIORITY", priority(1)],
      ] as const
    ).map(([what, step]): H2Row => ({
      name: `stops a client that sends ${what} without end`,
      section: "RFC 9113 §10.5",
      level: "choice",
      send: [headers(1, get(FILE), { end: false }), ...Array.from({ length: 30_000 }, () => step)],
      expect: [
        connectionError("ENHANCE_YOUR_CALM"),
        { responses: { 1: whole }, ...connectionError("ENHANCE_YOUR_CALM") },
      ],
    })),
    {
      name: "stops a client that sends PING of nothing but acknowledgements without end",
      section: "RFC 9113 §10.5",
      level: "choice",
      send: Array.from({ length: 30_000 }, () => ping("12345678", 1)),
      expect: connectionError("ENHANCE_YOUR_CALM"),
    },
    {
      name: "is not impressed by frames of unknown types",
      section: "RFC 9113 §4.1",
      level: "must",
      send: Array.from({ length: 100 }, (_, index) =>
        frame(0x80 + (index % 0x40), index, index % 3, new Uint8Array(index)),
      ),
      expect: ignores,
    },
    {
      name: "answers a PING before it has answered a request",
      section: "RFC 9113 §6.7",
      level: "should",
      opening: BLOCKED,
      send: [getOn(1, "/noise.bin"), { awaitHead: 1 }, ping("priority")],
      expect: { frames: [{ type: FrameType.PING, flags: 1, payload: "priority" }], then: "open" },
    },
  ],
};

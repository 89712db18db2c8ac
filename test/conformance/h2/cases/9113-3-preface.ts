/** RFC 9113 §3: starting HTTP/2, the connection preface. */
import { data, getOn, headers, get, ping, priority, settings, windowUpdate } from "../frames.ts";
import { Flag, FrameType, PREFACE, Setting } from "../protocol.ts";
import { connectionError, type FrameStep, type H2Row, type H2SectionGroup, serves, type Step } from "../row.ts";

const SECTION = "RFC 9113 §3.4";

/** A beginning that is no client connection preface. A GOAWAY may be left out (§3.4). */
const invalid = (what: string, ...send: Step[]): H2Row => ({
  name: `treats ${what} as an invalid preface`,
  section: SECTION,
  level: "must",
  opening: "none",
  // Over cleartext these are requests of HTTP/1.1, good or bad.
  needs: "tls",
  send,
  expect: connectionError("PROTOCOL_ERROR"),
});

const begins = (what: string, ...send: Step[]): H2Row => ({
  name: `begins a connection whose preface ${what}`,
  section: SECTION,
  level: "must",
  opening: "none",
  send,
  expect: serves("/alphabet.txt"),
});

const request = getOn(1, "/alphabet.txt");

const FIRST_FRAMES: readonly (readonly [string, FrameStep])[] = [
  ["PING", ping()],
  ["HEADERS", request],
  ["WINDOW_UPDATE", windowUpdate(0, 1)],
  ["PRIORITY", priority(1)],
  ["DATA", data(1, "x")],
];

export const PREFACE_ROWS: H2SectionGroup = {
  title: "RFC 9113 §3 connection preface",
  rows: [
    {
      name: "begins with SETTINGS and acknowledges those of the client",
      section: SECTION,
      level: "must",
      opening: "none",
      send: [PREFACE, settings(), { acknowledge: true }],
      expect: {
        frames: [
          { type: FrameType.SETTINGS, flags: Flag.NONE },
          { type: FrameType.SETTINGS, flags: Flag.ACK, payload: "" },
        ],
        then: "open",
      },
    },
    begins("has empty SETTINGS, with a request right behind it", PREFACE, settings(), request),
    begins(
      "has SETTINGS of every kind",
      PREFACE,
      settings(
        [Setting.HEADER_TABLE_SIZE, 4096],
        [Setting.ENABLE_PUSH, 0],
        [Setting.MAX_CONCURRENT_STREAMS, 100],
        [Setting.INITIAL_WINDOW_SIZE, 65_535],
        [Setting.MAX_FRAME_SIZE, 16_384],
        [Setting.MAX_HEADER_LIST_SIZE, 65_536],
      ),
      request,
    ),
    begins("and request come in one segment, with WINDOW_UPDATE between", {
      inSegments: [PREFACE, settings(), windowUpdate(0, 1_000_000), request],
      octets: 10_000,
    }),
    begins("and request come octet by octet", { inSegments: [PREFACE, settings(), request], octets: 1 }),
    begins("is cut in the middle", { inSegments: [PREFACE, settings(), request], octets: 12 }),
    begins("is cut before its last octet", { inSegments: [PREFACE, settings(), request], octets: 23 }),
    begins("is cut behind its 24 octets", { inSegments: [PREFACE, settings(), request], octets: 24 }),
    begins("is cut within the head of SETTINGS", { inSegments: [PREFACE, settings(), request], octets: 28 }),
    begins(
      "is followed by the acknowledgement of the server's SETTINGS late, after a request",
      PREFACE,
      settings(),
      request,
      { awaitEnd: 1 },
      { acknowledge: true },
    ),
    ...FIRST_FRAMES.map(([name, first]): H2Row => ({
      name: `treats ${name} in place of the preface's SETTINGS as a connection error`,
      section: SECTION,
      level: "must",
      opening: "none",
      send: [PREFACE, first],
      expect: connectionError("PROTOCOL_ERROR"),
    })),
    invalid("other octets", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    invalid("a preface whose last octet differs", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r", settings(), request),
    invalid("a preface whose first octet differs", "QRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", settings(), request),
    invalid("a preface of version 2.1", "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n", settings(), request),
    invalid("a preface in lower case", "pri * http/2.0\r\n\r\nsm\r\n\r\n", settings(), request),
    invalid("a request of HTTP/1.1", "GET /alphabet.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    invalid("SETTINGS without a preface", settings(), request),
    {
      name: "closes when the client closes within the preface",
      section: SECTION,
      level: "should",
      opening: "none",
      needs: "tls",
      send: [PREFACE.slice(0, 10), { halfClose: true }],
      expect: connectionError("PROTOCOL_ERROR", "NO_ERROR"),
    },
    {
      name: "closes when the client closes without having sent anything",
      section: SECTION,
      level: "should",
      opening: "none",
      send: [{ halfClose: true }],
      expect: connectionError("PROTOCOL_ERROR", "NO_ERROR"),
    },
    {
      name: "closes when the client closes after the preface",
      section: SECTION,
      level: "should",
      send: [{ halfClose: true }],
      expect: connectionError("NO_ERROR"),
    },
    {
      name: "treats a second preface as a connection error",
      section: SECTION,
      level: "must",
      send: [PREFACE],
      expect: connectionError("PROTOCOL_ERROR", "FRAME_SIZE_ERROR"),
    },
    {
      name: "answers several requests that come with the preface in one segment",
      section: SECTION,
      level: "must",
      opening: "none",
      send: [
        {
          inSegments: [PREFACE, settings(), ...[1, 3, 5, 7].map((stream) => headers(stream, get("/alphabet.txt")))],
          octets: 10_000,
        },
      ],
      expect: {
        responses: Object.fromEntries(
          [1, 3, 5, 7].map((stream) => [stream, { status: 200, body: { file: "/alphabet.txt" } }]),
        ),
        then: "open",
      },
    },
  ],
};

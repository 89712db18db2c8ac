/** RFC 9113 §8.1, §8.1.1: message framing, malformed messages. */
import { data, get, getOn, headers, request } from "../frames.ts";
import { ANY } from "../../row.ts";
import {
  answersOn,
  connectionError,
  type FieldLineStep,
  type H2Row,
  type H2SectionGroup,
  isMalformed,
  serves,
  streamError,
} from "../row.ts";

const FILE = "/alphabet.txt";
const OPEN = headers(1, get(FILE), { end: false });
const TRAILERS: readonly FieldLineStep[] = [["x-trailer", "1"]];

const served = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name,
  section,
  level: "must",
  send,
  expect: serves(FILE),
});

/**
 * What is wrong only after a request's header section. A server may answer before it has seen that (§8.1.1), so
 * the must is that it answers or refuses and stays in step; that it finds out is a choice.
 */
function malformedLater(what: string, section: string, ...send: H2Row["send"]): H2Row[] {
  return [
    {
      name: `answers early or refuses a request with ${what}`,
      section,
      level: "must",
      send,
      expect: [
        ...streamError(1, "PROTOCOL_ERROR"),
        answersOn(1, { status: ANY }),
        { ...answersOn(1, { status: ANY }), resets: { 1: ["PROTOCOL_ERROR", "STREAM_CLOSED"] } },
      ],
    },
    {
      name: `finds a request malformed that has ${what}`,
      section: "RFC 9113 §8.1.1",
      level: "choice",
      send,
      expect: [{ resets: { 1: ["PROTOCOL_ERROR"] }, then: "open" }, answersOn(1, { status: 400 })],
    },
  ];
}

const withLength = (length: string, end: boolean) => headers(1, get(FILE, ["content-length", length]), { end });

export const MESSAGE_ROWS: H2SectionGroup = {
  title: "RFC 9113 §8.1 messages",
  rows: [
    served("answers a request of HEADERS alone", "RFC 9113 §8.1", getOn(1, FILE)),
    served("answers a request whose content is empty", "RFC 9113 §8.1", OPEN, data(1, "", { end: true })),
    served(
      "answers a request whose content it doesn't need",
      "RFC 9113 §8.1",
      OPEN,
      data(1, "one"),
      data(1, "two"),
      data(1, "three", { end: true }),
    ),
    served("answers a request with trailers and no content", "RFC 9113 §8.1", OPEN, headers(1, TRAILERS)),
    served(
      "answers a request with content and trailers",
      "RFC 9113 §8.1",
      OPEN,
      data(1, "content"),
      headers(1, TRAILERS),
    ),
    served(
      "answers a request with an empty trailer section",
      "RFC 9113 §8.1",
      OPEN,
      data(1, "content"),
      headers(1, []),
    ),
    served(
      "answers a request whose content-length is right",
      "RFC 9113 §8.1.1",
      withLength("5", false),
      data(1, "hello", { end: true }),
    ),
    served(
      "answers a request whose content-length is right, with trailers",
      "RFC 9113 §8.1.1",
      withLength("5", false),
      data(1, "hello"),
      headers(1, TRAILERS),
    ),
    served("answers a request whose content-length is zero", "RFC 9113 §8.1.1", withLength("0", true)),
    served(
      "answers a request whose content-length doesn't count padding",
      "RFC 9113 §8.1.1",
      withLength("5", false),
      data(1, "hello", { end: true, padding: 50 }),
    ),
    {
      name: "answers POST of a file once its content has come",
      section: "RFC 9113 §8.1",
      level: "must",
      send: [
        headers(1, request("POST", FILE, ["content-length", "5"]), { end: false }),
        data(1, "hello", { end: true }),
      ],
      expect: answersOn(1, { status: ["2xx", 403, 404, 405, 501] }),
    },
    {
      name: "asks for no more content by NO_ERROR, if it resets a request that it has answered",
      section: "RFC 9113 §8.1",
      level: "must",
      send: [headers(1, request("POST", FILE), { end: false }), data(1, "some")],
      expect: [{ then: "open" }, answersOn(1, { status: ANY })],
    },
    ...malformedLater(
      "less content than its content-length says",
      "RFC 9113 §8.1.1",
      withLength("10", false),
      data(1, "hello", { end: true }),
    ),
    ...malformedLater(
      "more content than its content-length says",
      "RFC 9113 §8.1.1",
      withLength("3", false),
      data(1, "hello", { end: true }),
    ),
    ...malformedLater(
      "content although its content-length is zero",
      "RFC 9113 §8.1.1",
      withLength("0", false),
      data(1, "hello", { end: true }),
    ),
    ...malformedLater(
      "less content than its content-length says, and trailers",
      "RFC 9113 §8.1.1",
      withLength("10", false),
      data(1, "hello"),
      headers(1, TRAILERS),
    ),
    ...malformedLater(
      "content in pieces that exceed its content-length",
      "RFC 9113 §8.1.1",
      withLength("7", false),
      data(1, "hello"),
      data(1, "hello", { end: true }),
    ),
    ...isMalformed({
      what: "a content-length in a request that ends at once",
      section: "RFC 9113 §8.1.1",
      send: [withLength("5", true)],
    }),
    ...isMalformed({
      what: "a content-length that is no number",
      section: "RFC 9110 §8.6",
      send: [withLength("five", false)],
    }),
    ...isMalformed({ what: "a content-length with a sign", section: "RFC 9110 §8.6", send: [withLength("+0", true)] }),
    ...isMalformed({
      what: "two content-lengths that differ",
      section: "RFC 9110 §8.6",
      send: [headers(1, get(FILE, ["content-length", "0"], ["content-length", "1"]))],
    }),
    ...isMalformed({
      what: "a content-length beyond any number",
      section: "RFC 9110 §8.6",
      send: [withLength("99999999999999999999999", false)],
    }),
    ...malformedLater(
      "a second HEADERS without END_STREAM",
      "RFC 9113 §8.1",
      OPEN,
      headers(1, TRAILERS, { end: false }),
    ),
    ...malformedLater(
      "a second HEADERS without END_STREAM after DATA",
      "RFC 9113 §8.1",
      OPEN,
      data(1, "x"),
      headers(1, TRAILERS, { end: false }),
      data(1, "x", { end: true }),
    ),
    ...malformedLater(
      "a pseudo-header field in its trailers",
      "RFC 9113 §8.1",
      OPEN,
      data(1, "x"),
      headers(1, [[":method", "GET"]]),
    ),
    ...malformedLater("a whole request as its trailers", "RFC 9113 §8.1", OPEN, headers(1, get("/smuggled.txt"))),
    ...malformedLater("an upper-case name in its trailers", "RFC 9113 §8.2.1", OPEN, headers(1, [["X-Upper", "1"]])),
    ...malformedLater(
      "a connection-specific field in its trailers",
      "RFC 9113 §8.2.2",
      OPEN,
      headers(1, [["connection", "close"]]),
    ),
    {
      name: "treats DATA after trailers as an error",
      section: "RFC 9113 §5.1",
      level: "must",
      send: [OPEN, headers(1, TRAILERS), data(1, "x")],
      expect: [
        serves(FILE),
        { ...serves(FILE), resets: { 1: ["STREAM_CLOSED", "PROTOCOL_ERROR"] } },
        ...streamError(1, "STREAM_CLOSED"),
        connectionError("STREAM_CLOSED"),
      ],
    },
    {
      name: "sends 100 to a request that expects it before its content, or a final response",
      section: "RFC 9110 §10.1.1",
      level: "must",
      send: [
        headers(1, request("POST", FILE, ["expect", "100-continue"], ["content-length", "5"]), { end: false }),
        { awaitInterim: 1 },
        data(1, "hello", { end: true }),
      ],
      expect: [
        answersOn(1, { status: ANY, interim: "any" }),
        { ...answersOn(1, { status: ANY, interim: "any" }), resets: { 1: ["STREAM_CLOSED", "NO_ERROR"] } },
      ],
    },
    {
      name: "sends no 100 to a request that has ended",
      section: "RFC 9110 §10.1.1",
      level: "should",
      send: [getOn(1, FILE, ["expect", "100-continue"])],
      expect: answersOn(1, { status: [200, 417] }),
    },
  ],
};

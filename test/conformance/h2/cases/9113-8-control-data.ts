/** RFC 9113 §8.3, §8.5: pseudo-header fields, CONNECT. */
import { data, get, getOn, headers, request } from "../frames.ts";
import {
  answersOn,
  connectionError,
  type FieldLineStep,
  type H2Expectation,
  type H2Row,
  type H2SectionGroup,
  isMalformed,
  serves,
  streamError,
} from "../row.ts";

const FILE = "/alphabet.txt";
const BLOCK = get(FILE);

/** A request's four pseudo-header fields without one of them. */
const without = (name: string): FieldLineStep[] => BLOCK.filter(([other]) => other !== name);

const withValue = (name: string, value: string): FieldLineStep[] =>
  BLOCK.map((field) => (field[0] === name ? ([name, value] as const) : field));

const malformed = (what: string, block: readonly FieldLineStep[], section = "RFC 9113 §8.3"): H2Row[] =>
  isMalformed({ what, section, send: [headers(1, block)] });

/** Refused in one way or another, and nothing else happens. */
const refused: readonly H2Expectation[] = [
  ...streamError(1, "PROTOCOL_ERROR"),
  answersOn(1, { status: ["4xx", 501, 505] }),
];

const row = (
  name: string,
  section: string,
  level: H2Row["level"],
  block: readonly FieldLineStep[],
  expect: H2Row["expect"],
): H2Row => ({ name, section, level, send: [headers(1, block)], expect });

export const CONTROL_DATA_ROWS: H2SectionGroup = {
  title: "RFC 9113 §8.3, §8.5 control data",
  rows: [
    ...malformed("a request without :method", without(":method"), "RFC 9113 §8.3.1"),
    ...malformed("a request without :scheme", without(":scheme"), "RFC 9113 §8.3.1"),
    ...malformed("a request without :path", without(":path"), "RFC 9113 §8.3.1"),
    ...malformed("a request without any pseudo-header field", [["x-test", "1"]], "RFC 9113 §8.3.1"),
    ...malformed("a request without any field", [], "RFC 9113 §8.3.1"),
    ...malformed("two :method", [...BLOCK, [":method", "GET"]]),
    ...malformed("two :method that differ", [[":method", "POST"], ...BLOCK]),
    ...malformed("two :scheme", [...BLOCK, [":scheme", "{scheme}"]]),
    ...malformed("two :path", [...BLOCK, [":path", "/tiny.html"]]),
    ...malformed("two :authority", [...BLOCK, [":authority", "{host}"]]),
    ...malformed("a pseudo-header field that isn't defined", [...BLOCK, [":test", "1"]]),
    ...malformed("a pseudo-header field without a name", [...BLOCK, [":", "1"]]),
    ...malformed(":status in a request", [...BLOCK, [":status", "200"]]),
    ...malformed(":protocol without SETTINGS_ENABLE_CONNECT_PROTOCOL", [...BLOCK, [":protocol", "websocket"]]),
    ...malformed("a pseudo-header field in upper case", [...without(":path"), [":PATH", FILE]]),
    ...malformed(":path after a regular field", [...without(":path"), ["x-test", "1"], [":path", FILE]]),
    ...malformed(":method after a regular field", [...without(":method"), ["x-test", "1"], [":method", "GET"]]),
    ...malformed(":authority after a regular field", [
      ...without(":authority"),
      ["x-test", "1"],
      [":authority", "{host}"],
    ]),
    ...malformed("an empty :path", withValue(":path", ""), "RFC 9113 §8.3.1"),
    ...malformed("an empty :method", withValue(":method", ""), "RFC 9113 §8.3.1"),
    ...malformed("an empty :scheme", withValue(":scheme", ""), "RFC 9113 §8.3.1"),
    ...malformed("a :path that doesn't begin with a slash", withValue(":path", "alphabet.txt"), "RFC 9113 §8.3.1"),
    ...malformed("a :path of an asterisk in a request that isn't OPTIONS", withValue(":path", "*"), "RFC 9113 §8.3.1"),
    ...malformed("SP in :path", withValue(":path", "/alphabet.txt HTTP/1.1"), "RFC 9113 §8.3.1"),
    ...malformed("CRLF in :path", withValue(":path", "/alphabet.txt\r\nx-test: 1"), "RFC 9113 §8.2.1"),
    ...malformed("NUL in :path", withValue(":path", "/alphabet.txt\0"), "RFC 9113 §8.2.1"),
    ...malformed("a fragment in :path", withValue(":path", "/alphabet.txt#fragment"), "RFC 9113 §8.3.1"),
    ...malformed("SP in :method", withValue(":method", "GET /"), "RFC 9113 §8.3.1"),
    ...malformed("CRLF in :method", withValue(":method", "GET\r\n"), "RFC 9113 §8.2.1"),
    ...malformed("CRLF in :authority", withValue(":authority", "localhost\r\nx: y"), "RFC 9113 §8.2.1"),
    ...malformed("SP in :authority", withValue(":authority", "local host"), "RFC 9113 §8.3.1"),
    ...malformed("CRLF in :scheme", withValue(":scheme", "https\r\n"), "RFC 9113 §8.2.1"),
    row("refuses userinfo in :authority", "RFC 9113 §8.3.1", "should", withValue(":authority", "user@{host}"), refused),
    row("refuses a path in :authority", "RFC 9110 §4.2", "should", withValue(":authority", "{host}/x"), refused),
    row("accepts pseudo-header fields in any order", "RFC 9113 §8.3", "must", [...BLOCK].reverse(), serves(FILE)),
    row(
      "accepts Host in place of :authority",
      "RFC 9113 §8.3.1",
      "must",
      [...without(":authority"), ["host", "{host}"]],
      serves(FILE),
    ),
    row(
      "accepts Host beside :authority when they are equal",
      "RFC 9113 §8.3.1",
      "must",
      [...BLOCK, ["host", "{host}"]],
      serves(FILE),
    ),
    row(
      "refuses Host that differs from :authority",
      "RFC 9113 §8.3.1",
      "should",
      [...BLOCK, ["host", "other.example"]],
      refused,
    ),
    row(
      "refuses Host that differs from :authority in its port",
      "RFC 9113 §8.3.1",
      "should",
      [...BLOCK, ["host", "localhost:1"]],
      refused,
    ),
    row(
      "refuses two Host fields",
      "RFC 9110 §7.2",
      "must",
      [...without(":authority"), ["host", "{host}"], ["host", "other.example"]],
      refused,
    ),
    row("refuses a request without authority", "RFC 9113 §8.3.1", "choice", without(":authority"), refused),
    row("refuses an empty :authority", "RFC 9110 §4.2.2", "must", withValue(":authority", ""), [
      ...refused,
      serves(FILE),
    ]),
    row(
      "answers another authority with its file, 404 or 421",
      "RFC 9110 §7.4",
      "must",
      withValue(":authority", "other.example"),
      answersOn(1, { status: [200, 403, 404, 421] }),
    ),
    row("refuses a scheme that it doesn't serve", "RFC 9110 §7.4", "choice", withValue(":scheme", "ftp"), refused),
    row(
      "takes a method for what it is, in its case",
      "RFC 9110 §9.1",
      "must",
      withValue(":method", "get"),
      answersOn(1, { status: [400, 405, 501] }),
    ),
    row(
      "answers 501 or 405 to an unknown method",
      "RFC 9110 §9.1",
      "should",
      withValue(":method", "BREW"),
      answersOn(1, { status: [405, 501] }),
    ),
    row(
      "answers a :path with a query",
      "RFC 9113 §8.3.1",
      "must",
      withValue(":path", "/alphabet.txt?a=b&c"),
      serves(FILE),
    ),
    row(
      "answers a :path with a percent-encoded octet",
      "RFC 9110 §4.2.3",
      "must",
      withValue(":path", "/%61lphabet.txt"),
      serves(FILE),
    ),
    row(
      "does not leave its root by :path",
      "RFC 9110 §17.3",
      "must",
      withValue(":path", "/../../../../etc/passwd"),
      answersOn(1, { status: ["3xx", "4xx"], body: { without: "root:" } }),
    ),
    row(
      "does not leave its root by a percent-encoded :path",
      "RFC 9110 §17.3",
      "must",
      withValue(":path", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
      answersOn(1, { status: ["3xx", "4xx"], body: { without: "root:" } }),
    ),
    row("answers OPTIONS in asterisk-form", "RFC 9113 §8.3.1", "must", request("OPTIONS", "*"), [
      answersOn(1, { status: ["2xx", "4xx", 501] }),
      ...streamError(1, "PROTOCOL_ERROR"),
    ]),
    row(
      "accepts OPTIONS in asterisk-form",
      "RFC 9110 §9.3.7",
      "choice",
      request("OPTIONS", "*"),
      answersOn(1, { status: "2xx" }),
    ),
    {
      name: "does not answer CONNECT with success",
      section: "RFC 9113 §8.5",
      level: "must",
      send: [
        headers(
          1,
          [
            [":method", "CONNECT"],
            [":authority", "example.com:443"],
          ],
          { end: false },
        ),
      ],
      expect: [
        answersOn(1, { status: ["4xx", 501] }),
        ...streamError(1, "PROTOCOL_ERROR", "CONNECT_ERROR", "REFUSED_STREAM"),
      ],
    },
    ...malformed(
      "CONNECT with :scheme and :path",
      [
        [":method", "CONNECT"],
        [":scheme", "{scheme}"],
        [":authority", "example.com:443"],
        [":path", "/"],
      ],
      "RFC 9113 §8.5",
    ),
    ...malformed("CONNECT without :authority", [[":method", "CONNECT"]], "RFC 9113 §8.5"),
    ...malformed(
      "CONNECT of a websocket without SETTINGS_ENABLE_CONNECT_PROTOCOL",
      [...request("CONNECT", FILE), [":protocol", "websocket"]],
      "RFC 8441 §4",
    ),
    {
      name: "refuses a request of HTTP/1.1 that hides in DATA",
      section: "RFC 9113 §8.1",
      level: "must",
      send: [
        headers(1, BLOCK, { end: false }),
        data(1, "GET /smuggled.txt HTTP/1.1\r\nhost: a\r\n\r\n", { end: true }),
      ],
      expect: serves(FILE),
    },
    {
      name: "refuses transfer-encoding with content that would hide a request",
      section: "RFC 9113 §8.2.2",
      level: "must",
      send: [
        headers(1, request("POST", FILE, ["transfer-encoding", "chunked"]), { end: false }),
        data(1, "0\r\n\r\nGET /smuggled.txt HTTP/1.1\r\nhost: a\r\n\r\n", { end: true }),
      ],
      expect: [...streamError(1, "PROTOCOL_ERROR"), answersOn(1, { status: "4xx" }), connectionError("PROTOCOL_ERROR")],
    },
    {
      name: "answers further requests after one that it refused",
      section: "RFC 9113 §5.4.2",
      level: "choice",
      send: [headers(1, without(":path")), getOn(3, FILE)],
      expect: [
        { responses: { 3: { status: 200, body: { file: FILE } } }, resets: { 1: ["PROTOCOL_ERROR"] }, then: "open" },
        { responses: { 1: { status: 400 }, 3: { status: 200, body: { file: FILE } } }, then: "open" },
      ],
    },
  ],
};

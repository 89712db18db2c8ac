/** RFC 9113 §8.2: field names and values, connection-specific fields, Cookie. */
import { continuation, get, getOn, headers } from "../frames.ts";
import {
  answersOn,
  type FieldLineStep,
  type FrameStep,
  type H2Row,
  type H2SectionGroup,
  isMalformed,
  serves,
  streamError,
} from "../row.ts";

const FILE = "/alphabet.txt";

/** A field that breaks §8.2.1: refused in any way; and by 400, as that section recommends, with or without a reset. */
function invalidField(what: string, field: FieldLineStep): H2Row[] {
  const send = [getOn(1, FILE, field)];
  return [
    {
      name: `treats ${what} as malformed`,
      section: "RFC 9113 §8.2.1",
      level: "must",
      send,
      expect: [...streamError(1, "PROTOCOL_ERROR"), answersOn(1, { status: "4xx" })],
    },
    {
      name: `answers 400 to ${what}`,
      section: "RFC 9113 §8.2.1",
      level: "should",
      send,
      expect: [answersOn(1, { status: 400 }), { resets: { 1: ["PROTOCOL_ERROR"] }, beforeReset: 400, then: "open" }],
    },
  ];
}

const connectionSpecific = (name: string, value: string): H2Row[] =>
  isMalformed({
    what: `the field ${name}: ${value}`,
    section: "RFC 9113 §8.2.2",
    send: [getOn(1, FILE, [name, value])],
  });

const accepted = (what: string, ...fields: FieldLineStep[]): H2Row => ({
  name: `accepts ${what}`,
  section: "RFC 9113 §8.2.1",
  level: "must",
  send: [getOn(1, FILE, ...fields)],
  expect: serves(FILE),
});

export const FIELD_ROWS: H2SectionGroup = {
  title: "RFC 9113 §8.2 fields",
  rows: [
    ...invalidField("an upper-case field name", ["X-Test", "1"]),
    ...invalidField("a field name with one upper-case letter", ["x-tesT", "1"]),
    ...invalidField("a Huffman-coded upper-case field name", ["X-Test", "1", "indexing", true]),
    ...invalidField("an upper-case name of a field that it knows", ["Range", "bytes=0-1"]),
    ...invalidField("an empty field name", ["", "1"]),
    ...invalidField("SP in a field name", ["x test", "1"]),
    ...invalidField("SP at the end of a field name", ["x-test ", "1"]),
    ...invalidField("NUL in a field name", ["x-\0test", "1"]),
    ...invalidField("CR in a field name", ["x-\rtest", "1"]),
    ...invalidField("LF in a field name", ["x-\ntest", "1"]),
    ...invalidField("a colon within a field name", ["x:test", "1"]),
    ...invalidField("DEL in a field name", ["x-\x7ftest", "1"]),
    ...invalidField("obs-text in a field name", ["x-\xe4", "1"]),
    ...invalidField("NUL in a field value", ["x-test", "a\0b"]),
    ...invalidField("CR in a field value", ["x-test", "a\rb"]),
    ...invalidField("LF in a field value", ["x-test", "a\nb"]),
    ...invalidField("CRLF and another field in a field value", ["x-test", "a\r\nx-other: b"]),
    ...invalidField("LF at the end of a field value", ["x-test", "a\n"]),
    ...invalidField("SP at the beginning of a field value", ["x-test", " a"]),
    ...invalidField("SP at the end of a field value", ["x-test", "a "]),
    ...invalidField("HTAB at the beginning of a field value", ["x-test", "\ta"]),
    ...invalidField("HTAB at the end of a field value", ["x-test", "a\t"]),
    ...invalidField("nothing but SP as a field value", ["x-test", " "]),
    ...invalidField("NUL in a Huffman-coded field value", ["x-test", "a\0b", "plain", true]),
    {
      name: "treats a parenthesis in a field name as malformed",
      section: "RFC 9113 §8.2.1",
      level: "should",
      send: [getOn(1, FILE, ["x(test)", "1"])],
      expect: [...streamError(1, "PROTOCOL_ERROR"), answersOn(1, { status: "4xx" })],
    },
    {
      name: "treats a control character in a field value as malformed",
      section: "RFC 9113 §8.2.1",
      level: "should",
      send: [getOn(1, FILE, ["x-test", "a\x01b"])],
      expect: [...streamError(1, "PROTOCOL_ERROR"), answersOn(1, { status: "4xx" })],
    },
    accepted("an empty field value", ["x-test", ""]),
    accepted("every tchar in a field name", ["!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz", "1"]),
    accepted("HTAB and SP within a field value", ["x-test", "a \t b"]),
    accepted("obs-text in a field value", ["x-test", "caf\xe9 \xff"]),
    accepted("the same field name several times", ["x-test", "1"], ["x-test", "2"], ["x-test", "3"]),
    accepted("cookie-pairs in field lines of their own", ["cookie", "a=b"], ["cookie", "c=d"], ["cookie", "e=f"]),
    accepted("fifty fields", ...Array.from({ length: 50 }, (_, index) => [`x-test-${index}`, "value"] as const)),
    ...connectionSpecific("connection", "keep-alive"),
    ...connectionSpecific("connection", "close"),
    ...connectionSpecific("proxy-connection", "keep-alive"),
    ...connectionSpecific("keep-alive", "timeout=5"),
    ...connectionSpecific("transfer-encoding", "chunked"),
    ...connectionSpecific("transfer-encoding", "identity"),
    ...connectionSpecific("upgrade", "h2c"),
    ...connectionSpecific("upgrade", "websocket"),
    ...connectionSpecific("te", "gzip"),
    ...connectionSpecific("te", "trailers, deflate"),
    accepted("te: trailers", ["te", "trailers"]),
    {
      name: "answers a field section of 200 fields, or refuses it with 431",
      section: "RFC 6585 §5",
      level: "must",
      send: [getOn(1, FILE, ...Array.from({ length: 200 }, (_, index) => [`x-test-${index}`, "value"] as const))],
      expect: [
        serves(FILE),
        answersOn(1, { status: [400, 431] }),
        ...streamError(1, "PROTOCOL_ERROR", "ENHANCE_YOUR_CALM", "REFUSED_STREAM"),
      ],
    },
    {
      name: "answers 431 to a field section of 24 000 octets",
      section: "RFC 6585 §5",
      level: "choice",
      send: longFields(2),
      expect: answersOn(1, { status: 431 }),
    },
    {
      name: "stays in step after a field section beyond its limits, or ends the connection",
      section: "RFC 9113 §10.5.1",
      level: "must",
      send: longFields(6),
      expect: [serves(FILE), answersOn(1, { status: "4xx" }), ...streamError(1, "ENHANCE_YOUR_CALM")],
    },
  ],
};

/** A request whose field block takes so many frames of 12 000 octets. */
function longFields(frames: number): FrameStep[] {
  const field = (index: number): FieldLineStep => [`x-fill-${index}`, "x".repeat(12_000)];
  const rest = Array.from({ length: frames - 1 }, (_, index) => continuation(1, [field(index)], index === frames - 2));
  return [headers(1, get(FILE, field(frames)), { endHeaders: false }), ...rest];
}

/** RFC 9110 §14, §13.1.5, §15.3.7, §15.5.17: Range, If-Range, 206, 416, multipart/byteranges. */
import { answers, type Expectation, request, type Row, type SectionGroup, serves } from "../row.ts";

const FILE = "/alphabet.txt";
const SIZE = 26;
const get = (...fields: string[]): string => request(`GET ${FILE}`, ...fields);
const range = (value: string): string => get(`Range: bytes=${value}`);
const whole = serves(FILE);

const part = (first: number, last: number, file = FILE, size = SIZE): Expectation =>
  answers(
    206,
    { "Content-Range": `bytes ${first}-${last}/${size}`, "Content-Length": `${last - first + 1}` },
    {
      body: { file, first, last },
    },
  );

const parts = (...ranges: (readonly [number, number])[]): Expectation =>
  answers(
    206,
    { "Content-Range": false, "Content-Type": /^multipart\/byteranges; ?boundary=/i },
    {
      body: { parts: ranges, file: FILE },
    },
  );

const unsatisfiable = answers(416, { "Content-Range": `bytes */${SIZE}` });

const LARGE = "/large.bin";
const LARGE_SIZE = 3_000_000;
const large = (first: number, last: number): Expectation => part(first, last, LARGE, LARGE_SIZE);

const SATISFIABLE: readonly (readonly [what: string, value: string, expect: Expectation])[] = [
  ["the first five octets", "0-4", part(0, 4)],
  ["the first octet", "0-0", part(0, 0)],
  ["octets in the middle", "10-15", part(10, 15)],
  ["the last octet by its offset", "25-25", part(25, 25)],
  ["everything", "0-25", part(0, 25)],
  ["everything, open-ended", "0-", part(0, 25)],
  ["an open-ended range", "20-", part(20, 25)],
  ["an open-ended range of the last octet", "25-", part(25, 25)],
  ["a suffix-range", "-5", part(21, 25)],
  ["a suffix-range of one octet", "-1", part(25, 25)],
  ["a suffix-range of the whole length", "-26", part(0, 25)],
  ["a suffix-range longer than the representation", "-100", part(0, 25)],
  ["a last-pos beyond the end", "20-100", part(20, 25)],
  ["leading zeros", "0005-0009", part(5, 9)],
];

const INVALID = ["5-2", "a-b", "-", "5", "1-2-3", "--5", "0x0-0x4", "0-4;", "1.0-4.0", ""];

export const RANGES: SectionGroup = {
  title: "RFC 9110 §14 range requests",
  rows: [
    ...SATISFIABLE.map(([what, value, expect]): Row => ({
      name: `sends ${what} for bytes=${value}`,
      section: "RFC 9110 §14.2",
      level: "should",
      send: range(value),
      expect,
      needs: "byte-ranges",
    })),
    ...(
      [
        ["the first octets", "0-99", large(0, 99)],
        ["octets across any buffer", "65535-131073", large(65535, 131073)],
        ["a megabyte", "1000000-1999999", large(1_000_000, 1_999_999)],
        ["the end", "-70000", large(2_930_000, 2_999_999)],
        ["all but the first octet", "1-", large(1, 2_999_999)],
      ] as const
    ).map(([what, value, expect]): Row => ({
      name: `sends ${what} of a large file`,
      section: "RFC 9110 §14.2",
      level: "should",
      send: request(`GET ${LARGE}`, `Range: bytes=${value}`),
      expect,
      needs: "byte-ranges",
    })),
    {
      name: "answers pipelined ranges of a large file in order",
      section: "RFC 9112 §9.3.2",
      level: "must",
      send: ["Range: bytes=0-299999", "Range: bytes=2999990-"].map((field) => request(`GET ${LARGE}`, field)).join(""),
      expect: {
        responses: [
          { status: 206, body: { file: LARGE, first: 0, last: 299_999 } },
          { status: 206, body: { file: LARGE, first: 2_999_990, last: 2_999_999 } },
        ],
        then: "either",
      },
      needs: "byte-ranges",
    },
    {
      name: "generates Content-Range in a 206 with a single part",
      section: "RFC 9110 §15.3.7.1",
      level: "must",
      send: range("0-4"),
      expect: [answers(206, { "Content-Range": "bytes 0-4/26" }), whole],
    },
    {
      name: "does not send multipart/byteranges for a single range",
      section: "RFC 9110 §15.3.7.2",
      level: "must",
      send: range("0-4"),
      expect: answers([200, 206], { "Content-Type": /^text\/plain/ }),
    },
    {
      name: "generates in 206 the fields that it would have sent with 200",
      section: "RFC 9110 §15.3.7",
      level: "must",
      send: `${get()}${range("0-4")}`,
      expect: { responses: [{ status: 200 }, { status: 206, check: "fields-as-if-200" }], then: "either" },
      needs: "byte-ranges",
    },
    {
      name: "advertises byte ranges",
      section: "RFC 9110 §14.3",
      level: "choice",
      send: get(),
      expect: answers(200, { "Accept-Ranges": "bytes" }),
    },
    ...["26-", "26-30", "100-200", "9999999999-", "-0"].map((value): Row => ({
      name: `answers 416 with the length to the unsatisfiable bytes=${value}`,
      section: "RFC 9110 §14.2",
      level: "should",
      send: range(value),
      expect: unsatisfiable,
      needs: "byte-ranges",
    })),
    {
      name: "answers 416 when no range of several is satisfiable",
      section: "RFC 9110 §14.2",
      level: "should",
      send: range("30-31,40-"),
      expect: unsatisfiable,
      needs: "byte-ranges",
    },
    {
      name: "does not send 206 for an int-range of an empty representation",
      section: "RFC 9110 §14.1.2",
      level: "must",
      send: request("GET /empty.txt", "Range: bytes=0-"),
      expect: answers([200, 416]),
    },
    {
      name: "answers a suffix-range of an empty representation with 200",
      section: "RFC 9110 §14.1.2",
      level: "choice",
      send: request("GET /empty.txt", "Range: bytes=-5"),
      expect: answers(200),
    },
    ...INVALID.map((value): Row => ({
      name: `ignores or rejects the invalid bytes=${value}`,
      section: "RFC 9110 §14.2",
      level: "should",
      send: range(value),
      expect: [whole, answers([400, 416])],
    })),
    {
      name: "ignores a ranges-specifier whose last-pos is less than its first-pos",
      section: "RFC 9110 §14.2",
      level: "choice",
      send: range("5-2"),
      expect: whole,
    },
    {
      name: "ignores or rejects SP inside an int-range",
      section: "RFC 9110 §14.1.1",
      level: "choice",
      send: range("0 - 4"),
      expect: [whole, answers([400, 416])],
    },
    {
      name: "ignores a range unit that it does not understand",
      section: "RFC 9110 §14.2",
      level: "must",
      send: get("Range: items=0-4"),
      expect: whole,
    },
    {
      name: "ignores a Range without unit",
      section: "RFC 9110 §14.2",
      level: "choice",
      send: get("Range: 0-4"),
      expect: whole,
    },
    {
      name: "matches the range unit without regard to case",
      section: "RFC 9110 §14.1",
      level: "should",
      send: get("Range: BYTES=0-4"),
      expect: part(0, 4),
      needs: "byte-ranges",
    },
    {
      name: "ignores empty list elements in a range-set",
      section: "RFC 9110 §5.6.1.2",
      level: "should",
      send: range(",0-4,,"),
      expect: part(0, 4),
      needs: "byte-ranges",
    },
    ...(
      [
        ["a last-pos of 2^64 + 4", "0-18446744073709551620", part(0, 25)],
        ["a first-pos of 2^64", "18446744073709551616-18446744073709551620", unsatisfiable],
        ["a first-pos of 2^32", "4294967296-4294967300", unsatisfiable],
        ["a suffix-length of 2^64 + 1", "-18446744073709551617", part(0, 25)],
        ["a last-pos of a hundred digits", "20-{repeat 9 100}", part(20, 25)],
      ] as const
    ).map(([what, value, expect]): Row => ({
      name: `does not lose precision with ${what}`,
      section: "RFC 9110 §14.1.2",
      level: "must",
      send: range(value),
      expect: [expect, whole, answers(416, {}, {})],
    })),
    {
      name: "takes a last-pos of 2^64 + 4 for the end",
      section: "RFC 9110 §14.1.2",
      level: "should",
      send: range("0-18446744073709551620"),
      expect: part(0, 25),
      needs: "byte-ranges",
    },
    {
      name: "ignores Range with HEAD",
      section: "RFC 9110 §14.2",
      level: "must",
      send: request(`HEAD ${FILE}`, "Range: bytes=0-4"),
      expect: answers(200, { "Content-Range": false }),
    },
    {
      name: "ignores an unsatisfiable Range with HEAD",
      section: "RFC 9110 §14.2",
      level: "must",
      send: request(`HEAD ${FILE}`, "Range: bytes=100-"),
      expect: answers(200, { "Content-Range": false }),
    },
    {
      name: "ignores Range when there is no representation",
      section: "RFC 9110 §14.2",
      level: "must",
      send: request("GET /nothing-here", "Range: bytes=0-4"),
      expect: answers(404),
    },
    {
      name: "ignores Range when it redirects",
      section: "RFC 9110 §14.2",
      level: "should",
      send: request("GET /dir", "Range: bytes=100000-"),
      expect: answers(["3xx", 200, 404, 416]),
    },
    {
      name: "ignores Content-Range in a GET",
      section: "RFC 9110 §14.4",
      level: "must",
      send: get("Content-Range: bytes 0-4/26"),
      expect: whole,
    },
    {
      name: "sends two ranges as multipart/byteranges",
      section: "RFC 9110 §15.3.7.2",
      level: "should",
      send: range("0-1,10-12"),
      expect: parts([0, 1], [10, 12]),
      needs: "multipart-ranges",
    },
    {
      name: "sends three ranges of all kinds as multipart/byteranges",
      section: "RFC 9110 §14.1.2",
      level: "should",
      send: range("0-0, 9-9 ,-1"),
      expect: parts([0, 0], [9, 9], [25, 25]),
      needs: "multipart-ranges",
    },
    {
      name: "supports several ranges in one request",
      section: "RFC 9110 §14.2",
      level: "choice",
      send: range("0-0,-1"),
      expect: parts([0, 0], [25, 25]),
    },
    {
      name: "sends two ranges, one whole or the representation, but nothing else",
      section: "RFC 9110 §15.3.7.2",
      level: "must",
      send: range("0-1,10-12"),
      expect: [parts([0, 1], [10, 12]), part(0, 1), part(0, 12), whole, answers(416)],
    },
    {
      name: "leaves unsatisfiable ranges out",
      section: "RFC 9110 §15.3.7.2",
      level: "should",
      send: range("0-1,100-200"),
      expect: [part(0, 1), parts([0, 1])],
      needs: "multipart-ranges",
    },
    {
      name: "sends overlapping ranges apart, joined or not at all",
      section: "RFC 9110 §15.3.7.2",
      level: "must",
      send: range("0-5,3-8"),
      expect: [parts([0, 5], [3, 8]), parts([0, 8]), part(0, 8), whole, answers([400, 416])],
    },
    {
      name: "joins or refuses overlapping ranges",
      section: "RFC 9110 §17.15",
      level: "choice",
      send: range("0-5,3-8"),
      expect: [parts([0, 8]), part(0, 8), whole, answers([400, 416])],
    },
    {
      name: "does not send a hundred overlapping ranges",
      section: "RFC 9110 §17.15",
      level: "should",
      send: request("GET /noise.bin", `Range: bytes=${Array(100).fill("0-").join(",")}`),
      expect: answers([200, 206, 400, 416], {}, { check: "not-much-longer-than-file", file: "/noise.bin" }),
    },
    {
      name: "does not send a thousand tiny ranges in descending order",
      section: "RFC 9110 §17.15",
      level: "should",
      send: request(
        "GET /page.html",
        `Range: bytes=${Array.from({ length: 1000 }, (_, i) => `${1999 - 2 * i}-${1999 - 2 * i}`).join(",")}`,
      ),
      expect: answers([200, 206, 400, 416, 431], {}, { check: "not-much-longer-than-file", file: "/page.html" }),
    },
    {
      name: "does not combine two Range lines into something else",
      section: "RFC 9110 §5.3",
      level: "choice",
      send: get("Range: bytes=0-4", "Range: bytes=10-14"),
      expect: [whole, answers([400, 416])],
    },
    {
      name: "supports Range in HTTP/1.0",
      section: "RFC 9110 §6.2",
      level: "choice",
      send: "GET /alphabet.txt HTTP/1.0\r\nHost: {host}\r\nRange: bytes=0-4\r\n\r\n",
      expect: part(0, 4),
    },
    ...(
      [
        [
          "sends the range when If-Range holds the strong entity tag",
          "{etag /alphabet.txt}",
          [part(0, 4)],
          "should",
          "entity-tag",
        ],
        ["sends everything when If-Range holds another tag", '"nothing-like-it"', [whole], "must", "entity-tag"],
        ["compares If-Range strongly", "{weak-etag /alphabet.txt}", [whole], "must", "entity-tag"],
        [
          "sends the range when If-Range holds Last-Modified",
          "{last-modified /alphabet.txt}",
          [part(0, 4)],
          "should",
          "last-modified",
        ],
        [
          "sends everything when If-Range is earlier",
          "{last-modified /alphabet.txt -60}",
          [whole],
          "must",
          "last-modified",
        ],
        [
          "sends everything when If-Range is later",
          "{last-modified /alphabet.txt +60}",
          [whole],
          "must",
          "last-modified",
        ],
        [
          "accepts If-Range in rfc850-date format",
          "{last-modified /alphabet.txt rfc850}",
          [part(0, 4), whole],
          "must",
          "last-modified",
        ],
        ["takes an If-Range of * for false", "*", [whole], "choice", "byte-ranges"],
        ["takes an If-Range that is no validator for false", "nothing", [whole], "should", "byte-ranges"],
      ] as const
    ).map(([name, value, expect, level, needs]): Row => ({
      name,
      section: "RFC 9110 §13.1.5",
      level,
      send: get("Range: bytes=0-4", `If-Range: ${value}`),
      expect,
      needs,
    })),
    {
      name: "ignores If-Range without Range",
      section: "RFC 9110 §13.1.5",
      level: "must",
      send: get('If-Range: "nothing-like-it"'),
      expect: whole,
    },
    {
      name: "ignores an unsatisfiable Range when If-Range is false",
      section: "RFC 9110 §13.1.5",
      level: "must",
      send: get("Range: bytes=100-", 'If-Range: "nothing-like-it"'),
      expect: whole,
    },
    {
      name: "ignores or rejects an unsatisfiable Range when If-Range is true",
      section: "RFC 9110 §13.2.2",
      level: "must",
      send: get("Range: bytes=100-", "If-Range: {etag /alphabet.txt}"),
      expect: [whole, answers(416)],
    },
    {
      name: "sends 206 when If-Match and If-Range are true",
      section: "RFC 9110 §13.2.2",
      level: "should",
      send: get("Range: bytes=0-4", "If-Match: {etag /alphabet.txt}", "If-Range: {etag /alphabet.txt}"),
      expect: part(0, 4),
      needs: "byte-ranges",
    },
  ],
};

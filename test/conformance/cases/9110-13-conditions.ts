/** RFC 9110 §13 and §15.4.5: preconditions, their order, 304 and 412. */
import { answers, request, type Row, type SectionGroup, serves } from "../row.ts";

const FILE = "/alphabet.txt";
const TAG = "{etag /alphabet.txt}";
const WEAK = "{weak-etag /alphabet.txt}";
const DATE = "{last-modified /alphabet.txt}";
const EARLIER = "{last-modified /alphabet.txt -86400}";
const LATER = "{last-modified /alphabet.txt +86400}";
const OTHER = '"nothing-like-it"';

const get = (...fields: string[]): string => request(`GET ${FILE}`, ...fields);
const head = (...fields: string[]): string => request(`HEAD ${FILE}`, ...fields);
const whole = serves(FILE);
const notModified = answers(304);
const failed = answers(412);

type Case = readonly [name: string, octets: string, expect: Row["expect"], level?: Row["level"]];

const rowsOf = (section: string, needs: Row["needs"], cases: readonly Case[]): Row[] =>
  cases.map(([name, send, expect, level]) => ({
    name,
    section: `RFC 9110 ${section}`,
    level: level ?? "must",
    send,
    expect,
    ...(needs ? { needs } : {}),
  }));

/** Values that are no HTTP-date although a lenient parser may read a time out of them. */
const INVALID_DATES: readonly (readonly [what: string, value: string, level?: Row["level"]])[] = [
  ["a word", "tomorrow"],
  ["a number", "1893456000"],
  ["an ISO 8601 date", "2030-01-01T00:00:00Z"],
  ["no time zone", "Tue, 01 Jan 2030 00:00:00"],
  ["another time zone", "Tue, 01 Jan 2030 00:00:00 +0100"],
  ["a day beyond the month", "Tue, 32 Jan 2030 00:00:00 GMT", "should"],
  ["an unknown month", "Tue, 01 Foo 2030 00:00:00 GMT"],
  ["an hour beyond the day", "Tue, 01 Jan 2030 25:00:00 GMT", "should"],
  ["trailing octets", "Tue, 01 Jan 2030 00:00:00 GMT; length=26"],
  ["no value", ""],
];

export const CONDITIONS: SectionGroup = {
  title: "RFC 9110 §13 conditional requests",
  rows: [
    ...rowsOf("§13.1.2", "entity-tag", [
      ["answers 304 when If-None-Match holds the entity tag", get(`If-None-Match: ${TAG}`), notModified],
      ["answers 200 when If-None-Match holds another tag", get(`If-None-Match: ${OTHER}`), whole],
      ["compares If-None-Match weakly", get(`If-None-Match: ${WEAK}`), notModified],
      ["finds the entity tag in a list", get(`If-None-Match: ${OTHER}, W/"x", ${TAG}, "y"`), notModified],
      ["answers 200 when no member of the list matches", get(`If-None-Match: ${OTHER}, W/"x"`), whole],
      ["finds the entity tag after one that holds a comma", get(`If-None-Match: "a,b", ${TAG}`), notModified],
      ["finds the entity tag without SP after the comma", get(`If-None-Match: ${OTHER},${TAG}`), notModified],
      ["combines two If-None-Match lines", get(`If-None-Match: ${OTHER}`, `If-None-Match: ${TAG}`), notModified],
      ["answers 304 to If-None-Match: *", get("If-None-Match: *"), notModified],
      ["answers 304 to HEAD with the entity tag", head(`If-None-Match: ${TAG}`), notModified],
      ["does not match a prefix of the entity tag", get(`If-None-Match: ""`), whole],
      [
        "ignores If-Modified-Since beside an If-None-Match that does not match",
        get(`If-None-Match: ${OTHER}`, `If-Modified-Since: ${LATER}`),
        whole,
      ],
      [
        "answers 304 by If-None-Match whatever If-Modified-Since says",
        get(`If-None-Match: ${TAG}`, `If-Modified-Since: ${EARLIER}`),
        notModified,
      ],
      ["takes a tag without quotation marks for no match", get("If-None-Match: nothing-like-it"), whole, "choice"],
    ]),
    ...rowsOf("§13.1.3", "last-modified", [
      ["answers 304 when not modified since", get(`If-Modified-Since: ${DATE}`), notModified, "should"],
      ["answers 304 when If-Modified-Since is later", get(`If-Modified-Since: ${LATER}`), notModified, "should"],
      ["answers 200 when modified since", get(`If-Modified-Since: ${EARLIER}`), whole],
      ["compares If-Modified-Since to the second", get("If-Modified-Since: {last-modified /alphabet.txt -1}"), whole],
      [
        "answers 304 when If-Modified-Since lies in the future",
        get("If-Modified-Since: {now +86400}"),
        notModified,
        "should",
      ],
      ["answers 304 to HEAD when not modified since", head(`If-Modified-Since: ${DATE}`), notModified, "should"],
      [
        "ignores an If-Modified-Since with more than one member",
        get(`If-Modified-Since: ${LATER}`, `If-Modified-Since: ${LATER}`),
        [whole, answers(400)],
      ],
      ...INVALID_DATES.map(([what, value, level]): Case => [
        `ignores an If-Modified-Since that is no HTTP-date (${what})`,
        get(`If-Modified-Since: ${value}`),
        whole,
        level,
      ]),
    ]),
    ...rowsOf("§5.6.7", "last-modified", [
      [
        "accepts an If-Modified-Since in rfc850-date format",
        get("If-Modified-Since: {last-modified /alphabet.txt +60 rfc850}"),
        notModified,
      ],
      [
        "accepts an If-Modified-Since in asctime-date format",
        get("If-Modified-Since: {last-modified /alphabet.txt +60 asctime}"),
        notModified,
      ],
      [
        "reads an earlier If-Modified-Since in rfc850-date format as earlier",
        get("If-Modified-Since: {last-modified /alphabet.txt -60 rfc850}"),
        whole,
      ],
      [
        "reads an earlier If-Modified-Since in asctime-date format as earlier",
        get("If-Modified-Since: {last-modified /alphabet.txt -60 asctime}"),
        whole,
      ],
      [
        "takes a two-digit year more than 50 years ahead for one in the past",
        get("If-Modified-Since: Saturday, 06-Nov-93 08:49:37 GMT"),
        whole,
      ],
    ]),
    ...rowsOf("§13.1.1", "entity-tag", [
      ["performs a GET whose If-Match holds the entity tag", get(`If-Match: ${TAG}`), whole],
      ["answers 412 when If-Match holds another tag", get(`If-Match: ${OTHER}`), failed],
      ["performs a GET with If-Match: *", get("If-Match: *"), whole],
      ["compares If-Match strongly", get(`If-Match: ${WEAK}`), failed],
      ["finds the entity tag in an If-Match list", get(`If-Match: ${OTHER}, ${TAG}`), whole],
      ["answers 412 when no member of the If-Match list matches", get(`If-Match: ${OTHER}, "y"`), failed],
      ["combines two If-Match lines", get(`If-Match: ${OTHER}`, `If-Match: ${TAG}`), whole],
      ["answers 412 to HEAD when If-Match is false", head(`If-Match: ${OTHER}`), failed],
    ]),
    ...rowsOf("§13.1.4", "last-modified", [
      ["performs a GET when unmodified since", get(`If-Unmodified-Since: ${DATE}`), whole],
      ["performs a GET when If-Unmodified-Since is later", get(`If-Unmodified-Since: ${LATER}`), whole],
      ["answers 412 when modified since If-Unmodified-Since", get(`If-Unmodified-Since: ${EARLIER}`), failed],
      ["answers 412 to HEAD when modified since", head(`If-Unmodified-Since: ${EARLIER}`), failed],
      [
        "accepts an If-Unmodified-Since in rfc850-date format",
        get("If-Unmodified-Since: {last-modified /alphabet.txt -60 rfc850}"),
        failed,
      ],
      [
        "accepts an If-Unmodified-Since in asctime-date format",
        get("If-Unmodified-Since: {last-modified /alphabet.txt -60 asctime}"),
        failed,
      ],
      ["ignores an If-Unmodified-Since that is a word", get("If-Unmodified-Since: yesterday"), whole],
      [
        "ignores an If-Unmodified-Since that is a list of dates",
        get(`If-Unmodified-Since: ${EARLIER}, ${EARLIER}`),
        whole,
      ],
    ]),
    ...rowsOf("§13.2.2", "entity-tag", [
      [
        "evaluates If-None-Match after an If-Match that is true",
        get(`If-Match: ${TAG}`, `If-None-Match: ${TAG}`),
        notModified,
      ],
      [
        "answers 412 by If-Match before it looks at If-None-Match",
        get(`If-Match: ${OTHER}`, `If-None-Match: ${TAG}`),
        failed,
      ],
      [
        "ignores If-Unmodified-Since beside an If-Match that is true",
        get(`If-Match: ${TAG}`, `If-Unmodified-Since: ${EARLIER}`),
        whole,
      ],
      [
        "answers 412 by If-Match whatever If-Unmodified-Since says",
        get(`If-Match: ${OTHER}`, `If-Unmodified-Since: ${LATER}`),
        failed,
      ],
      [
        "answers 412 by If-Unmodified-Since before it looks at If-None-Match",
        get(`If-Unmodified-Since: ${EARLIER}`, `If-None-Match: ${TAG}`),
        failed,
      ],
      [
        "evaluates If-Modified-Since after an If-Unmodified-Since that is true",
        get(`If-Unmodified-Since: ${DATE}`, `If-Modified-Since: ${DATE}`),
        notModified,
        "should",
      ],
      ["answers 412 by If-Match before it looks at Range", get(`If-Match: ${OTHER}`, "Range: bytes=0-4"), failed],
      [
        "answers 304 by If-None-Match before it looks at Range",
        get(`If-None-Match: ${TAG}`, "Range: bytes=0-4"),
        notModified,
      ],
      [
        "answers 304 by If-None-Match before it finds Range unsatisfiable",
        get(`If-None-Match: ${TAG}`, "Range: bytes=100-"),
        notModified,
      ],
      [
        "answers 412 by If-Unmodified-Since before it looks at Range",
        get(`If-Unmodified-Since: ${EARLIER}`, "Range: bytes=0-4"),
        failed,
      ],
      [
        "answers 304 by If-None-Match whatever If-Range says",
        get(`If-None-Match: ${TAG}`, "Range: bytes=0-4", `If-Range: ${OTHER}`),
        notModified,
      ],
    ]),
    ...rowsOf("§13.2.1", undefined, [
      [
        "ignores If-None-Match: * when there is no representation",
        request("GET /nothing-here", "If-None-Match: *"),
        answers(404),
      ],
      [
        "ignores If-Match when there is no representation",
        request("GET /nothing-here", `If-Match: ${OTHER}`),
        answers(404),
      ],
      [
        "ignores If-Unmodified-Since when there is no representation",
        request("GET /nothing-here", "If-Unmodified-Since: Mon, 01 Jan 1990 00:00:00 GMT"),
        answers(404),
      ],
      [
        "ignores preconditions when it redirects",
        request("GET /dir", "If-None-Match: *", `If-Match: ${OTHER}`),
        answers([301, 302, 307, 308, 404]),
      ],
      [
        "ignores preconditions when it refuses the method",
        request("DELETE /alphabet.txt", "If-None-Match: *", "If-Modified-Since: {now}"),
        answers([400, 403, 404, 405, 501]),
      ],
      [
        "answers 400 to a malformed request whatever the preconditions",
        "GET /alphabet.txt HTTP/1.1\r\nIf-None-Match: *\r\n\r\n",
        answers(400),
      ],
    ]),
    ...rowsOf("§15.4.5", "entity-tag", [
      [
        "generates in 304 the fields that it would have sent with 200",
        `${get()}${get(`If-None-Match: ${TAG}`)}`,
        { responses: [{ status: 200 }, { status: 304, check: "fields-as-if-200" }], then: "either" },
      ],
      ["generates ETag in 304 by If-Modified-Since", get(`If-Modified-Since: ${DATE}`), answers(304, { ETag: TAG })],
      [
        "leaves out of 304 the metadata that no cache needs",
        get(`If-None-Match: ${TAG}`),
        answers(304, { "Content-Type": false, "Content-Encoding": false, "Content-Range": false }),
        "should",
      ],
      [
        "sends no content with 304 and stays in step",
        `${get(`If-None-Match: ${TAG}`)}${get()}`,
        { responses: [{ status: 304 }, { status: 200, body: { file: FILE } }], then: "either" },
      ],
      [
        "sends no content with 304 for a large file",
        request("GET /large.bin", "If-None-Match: {etag /large.bin}"),
        notModified,
      ],
    ]),
    ...rowsOf("§15.5.13", "entity-tag", [
      [
        "answers 412 for a large file without sending it",
        request("GET /large.bin", `If-Match: ${OTHER}`),
        answers(412, {}, { check: "not-much-longer-than-file", file: FILE }),
      ],
    ]),
  ],
};

/** The suite itself: its rows, its notation, its parser of responses. No server needed. */
import { describe, expect, test } from "bun:test";
import { ALL_ROWS, SECTION_GROUPS } from "./cases/index.ts";
import { FIXTURE_FILES } from "./fixture-site.ts";
import { findDifference, matchesStatus } from "./judge.ts";
import { expandPlaceholders, formatDate, type Lookup, MissingValidator, toOctets, toVisible } from "./octet-text.ts";
import { describeExpectation } from "./report.ts";
import { fieldValue, parseResponses } from "./response-parser.ts";
import { type Expectation, LEVELS, type Row } from "./row.ts";

const NOBODY = (): boolean => false;
const parse = (text: string, closed = false, head = NOBODY) => parseResponses(toOctets(text), closed, head);

describe("rows", () => {
  test("there are at least 250 of them", () => {
    expect(ALL_ROWS.length).toBeGreaterThanOrEqual(250);
  });

  test("every name is there once", () => {
    const names = ALL_ROWS.map((row) => row.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each(SECTION_GROUPS.map((group) => [group.title, group] as const))(
    "%s: every row is well formed",
    (_, group) => {
      for (const row of group.rows) {
        expect(row.section).toMatch(/^RFC \d{4} §\d+(\.\d+)*$/);
        expect(LEVELS).toContain(row.level);
        expect(row.name).toMatch(/^[a-z].*[^.]$/);
        expect(describeExpectation(row.expect)).not.toBe("");
        for (const octets of octetsOf(row)) expect(/[^\x00-\xff]/.test(octets)).toBe(false);
      }
    },
  );

  test("every fixture file that a row names exists", () => {
    for (const row of ALL_ROWS) {
      for (const file of filesOf(row)) expect(FIXTURE_FILES.has(file), `${file} of ${row.name}`).toBe(true);
    }
  });
});

function octetsOf(row: Row): string[] {
  const steps = typeof row.send === "string" ? [row.send] : row.send;
  return steps.filter((step) => typeof step === "string");
}

function filesOf(row: Row): string[] {
  const alternatives = Array.isArray(row.expect) ? (row.expect as readonly Expectation[]) : [row.expect as Expectation];
  return alternatives.flatMap((one) =>
    one.responses.flatMap((response) => {
      const files: string[] = response.file === undefined ? [] : [response.file];
      if (response.body && "file" in response.body) files.push(response.body.file);
      if (response.body && "decodedFile" in response.body) files.push(response.body.decodedFile);
      return files;
    }),
  );
}

describe("octet text", () => {
  const lookup: Lookup = {
    host: "h:1",
    scheme: "http",
    entityTag: async (path) => (path === "/none" ? null : '"tag"'),
    lastModifiedMs: async (path) => (path === "/none" ? null : Date.UTC(2024, 5, 3, 12, 34, 56)),
  };

  test.each([
    ["no placeholder", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"],
    ["braces that are none", "{x} {", "{x} {"],
    ["host", "Host: {host}", "Host: h:1"],
    ["scheme", "{scheme}://{host}", "http://h:1"],
    ["entity tag", "{etag /a}", '"tag"'],
    ["weak entity tag", "{weak-etag /a}", 'W/"tag"'],
    ["last-modified", "{last-modified /a}", "Mon, 03 Jun 2024 12:34:56 GMT"],
    ["earlier", "{last-modified /a -57}", "Mon, 03 Jun 2024 12:33:59 GMT"],
    ["rfc850", "{last-modified /a rfc850}", "Monday, 03-Jun-24 12:34:56 GMT"],
    ["asctime", "{last-modified /a +1 asctime}", "Mon Jun  3 12:34:57 2024"],
    ["repeat", "<{repeat ab 3}>", "<ababab>"],
  ])("expands %s", async (_, text, expanded) => {
    expect(await expandPlaceholders(text, lookup)).toBe(expanded);
  });

  test.each(["{etag /none}", "{last-modified /none}"])("cannot expand %s without validator", async (text) => {
    await expect(expandPlaceholders(text, lookup)).rejects.toBeInstanceOf(MissingValidator);
  });

  test("refuses an unknown date format", () => {
    expect(() => formatDate(0, "iso")).toThrow();
  });

  test("shows every octet", () => {
    expect(toVisible("a\r\n\t\x00\xff")).toBe("a\\r\\n\\t\\x00\\xff");
  });

  test("cuts long octets in the middle", () => {
    expect(toVisible("x".repeat(1000), 10)).toBe("xxxxxxx…(990 more)…xxx");
  });
});

describe("response parser", () => {
  const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

  test.each([
    ["Content-Length", ok, ["hi"]],
    ["two responses", ok + ok, ["hi", "hi"]],
    ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nhi\r\n0\r\nA: b\r\n\r\n", ["hi"]],
    ["304 without body", `HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n${ok}`, ["", "hi"]],
    ["204 without body", `HTTP/1.1 204 No Content\r\n\r\n${ok}`, ["", "hi"]],
    ["a reason-phrase of nothing", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", [""]],
  ])("reads %s at every split", (_, text, bodies) => {
    for (let split = 0; split < text.length; split++) {
      const { breach, responses } = parse(text.slice(0, split));
      expect(breach).toBeNull();
      expect(responses.length).toBeLessThanOrEqual(bodies.length);
    }
    expect(parse(text).responses.map((one) => Buffer.from(one.body).toString())).toEqual(bodies);
  });

  test("reads no body in a response to HEAD", () => {
    const { responses, rest } = parse("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", false, () => true);
    expect([responses.length, rest.length]).toEqual([1, 0]);
  });

  test("reads until the connection closes when nothing else delimits", () => {
    const text = "HTTP/1.0 200 OK\r\n\r\nto the end";
    expect(parse(text).responses).toEqual([]);
    expect(parse(text, true).responses[0]!.framing).toBe("close");
  });

  test("keeps interim responses apart", () => {
    const { responses } = parse(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
    expect(responses.map((one) => one.interim)).toEqual([[100]]);
    expect(parse("HTTP/1.1 100 Continue\r\n\r\n").pendingInterim).toEqual([100]);
  });

  test("combines field lines", () => {
    const { responses } = parse("HTTP/1.1 204 No\r\nA: 1\r\na: 2\r\n\r\n");
    expect(fieldValue(responses[0]!, "A")).toBe("1, 2");
    expect(fieldValue(responses[0]!, "B")).toBeNull();
  });

  test.each([
    ["octets that are no response", "abc"],
    ["a status-line without the second space", "HTTP/1.1 200\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 X\r\n\r\n"],
    ["a field line without colon", "HTTP/1.1 200 OK\r\nX\r\n\r\n"],
    ["SP before the colon", "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n"],
    ["a folded field line", "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n"],
    ["a bare CR in a field value", "HTTP/1.1 200 OK\r\nX: 1\r2\r\n\r\n"],
    ["two Content-Length lines", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n"],
    ["a Content-Length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["both kinds of framing", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["a Content-Length in 204", "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n"],
    ["a malformed chunk-size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"],
    ["chunk-data without CRLF", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n"],
  ])("finds the breach: %s", (_, text) => {
    expect(parse(text).breach).not.toBeNull();
  });

  test("finds that a response was cut off", () => {
    expect(parse(ok.slice(0, -1), false).breach).toBeNull();
    expect(parse(ok.slice(0, -1), true).breach).not.toBeNull();
  });
});

describe("judge", () => {
  const [response] = parse("HTTP/1.1 206 X\r\nContent-Range: bytes 0-4/26\r\nContent-Length: 5\r\n\r\nabcde").responses;
  const judge = (expected: Expectation["responses"][number]) =>
    findDifference({ responses: [expected], then: "either" }, [response!]);

  test.each([
    ["the same status", { status: 206 }],
    ["a class of status", { status: "2xx" }],
    ["one of several", { status: [200, 206] }],
    ["a field of that value", { status: 206, fields: { "content-range": "bytes 0-4/26" } }],
    ["a field that matches", { status: 206, fields: { "Content-Range": /26$/ } }],
    ["an absent field", { status: 206, fields: { ETag: false } }],
    ["a slice of a file", { status: 206, body: { file: "/alphabet.txt", first: 0, last: 4 } }],
  ] as const)("accepts %s", (_, expected) => {
    expect(judge(expected)).toBeNull();
  });

  test.each([
    ["another status", { status: 200 }],
    ["another class", { status: "4xx" }],
    ["an absent field that must be there", { status: 206, fields: { ETag: true } }],
    ["a field that must not be there", { status: 206, fields: { "Content-Range": false } }],
    ["a field of another value", { status: 206, fields: { "Content-Range": "bytes 0-4/27" } }],
    ["another slice", { status: 206, body: { file: "/alphabet.txt", first: 1, last: 5 } }],
    ["a longer slice", { status: 206, body: { file: "/alphabet.txt" } }],
    ["a missing interim response", { status: 206, interim: [100] }],
    ["another version", { status: 206, version: "HTTP/1.0" }],
    ["what should be multipart", { status: 206, body: { file: "/alphabet.txt", parts: [[0, 4]] } }],
  ] as const)("tells the difference: %s", (_, expected) => {
    expect(judge(expected)).not.toBeNull();
  });

  test("does not accept one response more", () => {
    expect(findDifference({ responses: [], then: "closed" }, [response!])).not.toBeNull();
  });

  test("knows classes of status", () => {
    expect([matchesStatus("4xx", 404), matchesStatus("4xx", 500), matchesStatus(["5xx", 404], 404)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

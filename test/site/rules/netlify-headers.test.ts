/** `_headers`: what its lines become in any layout, what is said of those that are not obeyed, and which ones shut the site. */
import { describe, expect, test } from "bun:test";
import { parseNetlifyHeaders } from "../../../src/site/rules/netlify-headers.ts";
import { decodeRuleText } from "../../../src/site/rules/rule-text.ts";

/** The blocks: path, fields, and users in brackets. */
function shown(text: string): string[] {
  const { rules, guards, notes, faults } = parseNetlifyHeaders(text);
  expect([...notes, ...faults]).toEqual([]);
  return [
    ...rules.map(({ pattern, edits }) =>
      [pattern.source, ...edits.map(({ name, value }) => `${name}: ${value}`)].join(" | "),
    ),
    ...guards.map(({ pattern, users }) => `${pattern.source} [${[...users.keys()].join()}]`),
  ];
}

const PLAIN = "/secret/*\n  Basic-Auth: ann:pw\n  X-A: 1\n/b\n  X-B: 2\n";
const BLOCKS = ["/secret/* | X-A: 1", "/b | X-B: 2", "/secret/* [ann]"];

describe("layouts that mean the same", () => {
  test.each<[string, string]>([
    ["as documented", PLAIN],
    ["a byte order mark", `\ufeff${PLAIN}`],
    ["everything indented", PLAIN.replace(/^/gm, "    ")],
    ["everything indented by tabs", PLAIN.replace(/^/gm, "\t")],
    ["nothing indented", PLAIN.replace(/^ +/gm, "")],
    ["only the second path indented", PLAIN.replace("/b", "  /b")],
    ["only the first password not indented", PLAIN.replace("  Basic", "Basic")],
    ["only the password and the paths not indented", PLAIN.replace("  Basic", "Basic").replace("/b", "  /b")],
    ["no-break spaces", PLAIN.replaceAll("  ", "\u00a0\u00a0")],
    ["CRLF", PLAIN.replaceAll("\n", "\r\n")],
    ["CR", PLAIN.replaceAll("\n", "\r")],
    ["mixed ends", PLAIN.replace("\n", "\r\n").replace("\n  X", "\r  X")],
    ["empty lines", PLAIN.replaceAll("\n", "\n\n \t\n")],
    ["white space at the ends of lines", PLAIN.replaceAll("\n", " \t\n")],
    ["comments", PLAIN.replaceAll("\n", "\n # Basic-Auth: eve:x\n")],
    ["no end of the last line", PLAIN.trimEnd()],
    ["space around the colon", PLAIN.replaceAll(":", " : ").replace("ann : pw", "ann:pw")],
    ["no space behind the colon", PLAIN.replaceAll(": ", ":")],
    ["another case of the name", PLAIN.replace("Basic-Auth", "bAsIc-aUtH")],
  ])("%s", (_, text) => expect(shown(text)).toEqual(BLOCKS));

  test.each<[string, number[], (text: string) => Buffer]>([
    ["UTF-8", [0xef, 0xbb, 0xbf], (text) => Buffer.from(text)],
    ["UTF-16, little-endian", [0xff, 0xfe], (text) => Buffer.from(text, "utf16le")],
    ["UTF-16, big-endian", [0xfe, 0xff], (text) => Buffer.from(text, "utf16le").swap16()],
  ])("%s with its mark", (_, mark, encode) =>
    expect(shown(decodeRuleText(Buffer.concat([Buffer.from(mark), encode(PLAIN)])))).toEqual(BLOCKS),
  );
});

describe("fields of a block", () => {
  test.each<[string, string, string[]]>([
    ["a name given twice", "X-A: 1\nx-a: 2", ["x-a: 1, 2"]],
    ["a name given three times", "X-A: 1\nX-B: b\nX-A: 2\nX-A: 3", ["X-A: 1, 2, 3", "X-B: b"]],
    ["Set-Cookie given twice", "Set-Cookie: a=1\nset-cookie: b=2, 3", ["Set-Cookie: a=1", "set-cookie: b=2, 3"]],
    ["left out", "! Server", ["Server: null"]],
    ["left out, then given", "! X-A\nX-A: 1", ["X-A: null", "X-A: 1"]],
    ["left out without a space", "!Server", ["Server: null"]],
    ["a value with colons", "Link: <https://a.example/>; rel=x", ["Link: <https://a.example/>; rel=x"]],
    ["a value about passwords", "Link: </docs/basic-auth>; rel=help", ["Link: </docs/basic-auth>; rel=help"]],
    ["a hash in a value", "X-A: a # b", ["X-A: a # b"]],
  ])("%s", (_, lines, edits) => expect(shown(`/a\n${lines}\n`)).toEqual([["/a", ...edits].join(" | ")]));

  test("a second line of Set-Cookie stands beside the first", () => {
    const [rule] = parseNetlifyHeaders("/a\n  Set-Cookie: a=1\n  Set-Cookie: b=2").rules;
    expect(rule!.edits.map(({ isFurther }) => isFurther)).toEqual([undefined, true]);
  });
});

describe("paths", () => {
  test.each([
    ["/caf%C3%A9/*", "/café/*"],
    ["/a%20b", "/a b"],
    ["/100%", "/100%"],
    ["/docs/basic-auth/*", "/docs/basic-auth/*"],
    ["/:lang/basic-auth", "/:lang/basic-auth"],
    ["/a b", "/a b"],
  ])("%s is %s", (path, source) => expect(shown(`${path}\nX-A: 1`)).toEqual([`${source} | X-A: 1`]));
});

describe("notes", () => {
  test.each([
    ["*.css\n  X-A: 1", '_headers:1: no path such as "/assets/*": "*.css"; it and the lines below it are not obeyed'],
    ["/b\n  X-A: 1\nassets/*\n  X-B: 1", '_headers:3: no path such as "/assets/*": "assets/*"'],
    ["X-A: 1\n/a\n  X-B: 1", "_headers:1: there is no path above it"],
    [
      "https://a.example/*\n  X-A: 1",
      '_headers:1: no path such as "/assets/*": "https://a.example/*"; it and the lines below',
    ],
    ["/a?b\n  X-A: 1", '_headers:1: no path such as "/assets/*": "/a?b"'],
    ["/a # c\n  X-A: 1", '_headers:1: no path such as "/assets/*": "/a # c"'],
    ["/a/../b\n  X-A: 1", "_headers:1: no path such as"],
    ["/a%2F..%2Fb\n  X-A: 1", "_headers:1: no path such as"],
    ["/:a*\n  X-A: 1", "_headers:1: no path such as"],
    ["/caf\ufffd\n  X-A: 1", "_headers:1: no path such as"],
    ["/a\n/b\n  X-A: 1", '_headers:1: nothing is said of the path "/a"'],
    ["/b\n  X-A: 1\n/a\n# end", '_headers:3: nothing is said of the path "/a"'],
    ["/a\n  X-A", '_headers:2: no field that can be set: "X-A"'],
    ["/a\n  X-A:", "_headers:2: X-A has no value"],
    ["/a\n  : b", '_headers:2: no field that can be set: ": b"'],
    ["/a\n  X A: b", '_headers:2: no field that can be set: "X A"'],
    ["/a\n  Content-Length: 1", '_headers:2: no field that can be set: "Content-Length"'],
    ["/a\n  Transfer-Encoding: chunked", "_headers:2: no field that can be set"],
    ["/a\n  X-A: é", "_headers:2: the value of X-A can't be sent"],
    ["/a\n  X-A: a\0b", "_headers:2: the value of X-A can't be sent"],
    ["/a\n  X-A: a\u2028b", "_headers:2: the value of X-A can't be sent"],
    [`/a\n  X-A: ${"x".repeat(8193)}`, "_headers:2: the value of X-A is longer than 8192 characters"],
    [`/a\n  X-A: ${"x".repeat(8000)}\n  x-a: ${"x".repeat(200)}`, "_headers:3: the value of x-a is longer than 8192"],
    [`/a\n  ${"x ".repeat(9000)}`, `_headers:2: no field that can be set: "${"x ".repeat(40)}…"`],
    ["/a\n  ! Content-Length", '_headers:2: no field that can be left out: "Content-Length"'],
  ])("%j", (text, note) => {
    const { notes, faults } = parseNetlifyHeaders(text);
    expect(notes).toEqual([expect.stringContaining(note)]);
    expect(faults).toEqual([]);
  });
});

test("lines and files of any size are read in little time", () => {
  const size = 1_000_000;
  for (const text of [
    `a${"/".repeat(size)}:`,
    `/a${" ".repeat(size)}b`,
    `/a\n${" basic".repeat(size / 6)}`,
    `/a\nbasic${"-".repeat(size)}`,
    `/a\nX: ${"a:b ".repeat(size / 4)}`,
    "/a\n".repeat(size / 3),
    `/a\n${"X: 1\n".repeat(size / 5)}`,
    `/a\n${Array.from({ length: size / 10 }, (_, index) => `X-${index}: 1\n`).join("")}`,
    `${"/*".repeat(500)}\nX: 1\n`,
  ]) {
    const { faults, notes, rules } = parseNetlifyHeaders(text);
    expect([faults.length + notes.length + rules.length > 0, rules.every(({ edits }) => edits.length <= 128)]).toEqual([
      true,
      true,
    ]);
  }
});

describe("a line about a password that is not understood is a fault", () => {
  test.each([
    ["/a\n  Basic-Auth", "_headers:2: this is not how a password is asked for"],
    ["/a\n  Basic-Auth ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic-Auth = ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  BasicAuth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  basic_auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic Auth ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic-Authentication: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basci-Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic-Aut: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  Basic\u2011Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  B\u0430sic-Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  B\0a\0s\0i\0c\0-\0A\0u\0t\0h\0:\0 \0a\0:\0b", "_headers:2: this is not how"],
    ["/a\n  - Basic-Auth: ann:hunter2", "_headers:2: this is not how"],
    ['/a\n  "Basic-Auth": "ann:hunter2"', "_headers:2: this is not how"],
    ["/a\n  X-Basic-Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  set: Basic-Auth: ann:hunter2", "_headers:2: this is not how"],
    ["/a\n  ! Basic-Auth", "_headers:2: this is not how"],
    ["/a Basic-Auth: ann:hunter2", "_headers:1: this is not how"],
    ["/a:Basic-Auth:ann:hunter2", "_headers:1: this is not how"],
    ["/a\n  Basic-Auth: ann:hunter2\ufffd", "_headers:2: this is not how"],
    ["/a\n  Basic-Auth:", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann:", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: :hunter2", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann: hunter2", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann:hunter2 bob", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann:hunter2 # the boss", '_headers:2: Basic-Auth needs "name:password"'],
    ["/a\n  Basic-Auth: ann:x\n    eve:hunter2", "_headers:3: this is not how"],
    [
      "/a\n  Basic-Auth: ann:x\n    eve:hunter2\n    ivy:hunter2",
      "_headers:3: this is not how",
      "_headers:4: this is not how",
    ],
    ["Basic-Auth: ann:hunter2", "_headers:1: there is no path above it"],
    ["Basic-Auth: ann:hunter2\n/a\n  X-A: 1", "_headers:1: there is no path above it"],
    ["*.css\n  Basic-Auth: ann:hunter2", "_headers:2: the path above it is not understood"],
    ["/b\n  X-A: 1\nassets/*\n  Basic-Auth: ann:hunter2", "_headers:4: the path above it is not understood"],
    ["https://a.example/*\n  Basic-Auth: ann:hunter2", "_headers:2: the path above it is not understood"],
    ["/a?b\n  X-A: 1\n  Basic-Auth: ann:hunter2", "_headers:3: the path above it is not understood"],
    ["/caf\ufffd/*\n  Basic-Auth: ann:hunter2", "_headers:2: the path above it is not understood"],
    ["/a\n  X-A: 1\nsecret\n  Basic-Auth: ann:hunter2", "_headers:4: a line above it is not understood"],
    [
      "/a/* /b/*\n  Basic-Auth: ann:hunter2",
      '_headers:2: the path above it holds " ", which stands for itself only as "%20"',
    ],
    ["/a/*, /b/*\n  Basic-Auth: ann:hunter2", '_headers:2: the path above it holds " "'],
    [
      "/a/*,\n  Basic-Auth: ann:hunter2",
      '_headers:2: the path above it holds ",", which stands for itself only as "%2C"',
    ],
    ["/a/*:\n  Basic-Auth: ann:hunter2", '_headers:2: the path above it holds ":"'],
    ["/{a,b}/*\n  Basic-Auth: ann:hunter2", '_headers:2: the path above it holds "{"'],
    ["/[ab]/*\n  Basic-Auth: ann:hunter2", '_headers:2: the path above it holds "["'],
    [
      "/a%/*\n  Basic-Auth: ann:hunter2",
      '_headers:2: the path above it holds "%", which stands for itself only as "%25"',
    ],
    ["/a\u200b/*\n  Basic-Auth: ann:hunter2", '"%E2%80%8B"'],
  ] as string[][])("%j", (text = "", ...wanted) => {
    const { faults, notes, rules } = parseNetlifyHeaders(text);
    expect(faults).toEqual(wanted.map((fault) => expect.stringContaining(fault)));
    expect([...faults, ...notes].join()).not.toMatch(/hunter2|\b(?:ann|eve)\b/);
    expect(rules.flatMap(({ edits }) => edits.map(({ name }) => name))).not.toContain("eve");
  });

  test.each([
    ["/%20%7Ba,b%7D%25/:x/*", "/ {a,b}%/:x/*"],
    ["/café;x/a:b,c~!$&'()+=@-._", "/café;x/a:b,c~!$&'()+=@-._"],
    ["/a\n  X-A", "/a"],
  ])("%j is a path for one", (head, source) => {
    const { faults, guards } = parseNetlifyHeaders(`${head}\n  Basic-Auth: ann:hunter2`);
    expect([faults, guards.map(({ pattern }) => pattern.source)]).toEqual([[], [source]]);
  });

  test.each(["X-Basis: 1", "X-Auth: 1", "Basic: 1", "Authorization: Basic YTpi"])("%s is none", (line) =>
    expect(parseNetlifyHeaders(`/a\n  ${line}`).faults).toEqual([]),
  );
});

test("Basic-Auth is a guard, never a field, and never shown", () => {
  const text = "/a/*\n  Basic-Auth: ann:hunter2 bob:x:y\n  basic-auth: eve:hunter2\n";
  const { rules, guards, notes, faults } = parseNetlifyHeaders(text);
  expect([rules, notes, faults]).toEqual([[], [], []]);
  expect(guards.map(({ users }) => [...users.keys()])).toEqual([["ann", "bob", "eve"]]);
  expect(JSON.stringify(guards)).not.toContain("hunter2");
});

test("no line sets or removes X-Request-Id where responses carry one already", () => {
  const text = "/*\n  X-A: 1\n  x-request-id: mine\n  ! X-Request-Id\n  X-A: 2\n";
  const { rules, notes } = parseNetlifyHeaders(text, true);
  expect(rules.map(({ edits }) => edits.map(({ name, value }) => [name, value]))).toEqual([[["X-A", "1, 2"]]]);
  expect(notes).toEqual([
    '_headers:3: request_id = "send" sets X-Request-Id; the line is not obeyed',
    '_headers:4: request_id = "send" sets X-Request-Id; the line is not obeyed',
  ]);
  expect(parseNetlifyHeaders(text).notes).toEqual([]);
});

/** One head and one content answer many: with lines of their own, or without content. */
import { describe, expect, test } from "bun:test";
import { ContentKind, FileContent, OctetsContent, PartsContent, type SharedFile } from "../../src/http/content.ts";
import { CacheOutcome, MoreLines, octetsReply, Reply } from "../../src/http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";
import { contentOf, headText } from "./support/sent-reply.ts";
import { Octets, Offset } from "../../src/units.ts";

const FIELDS: readonly FieldLine[] = [
  ["Date", null],
  ["X", "y"],
];
const HEAD = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX: y\r\n";

const ofOne = new MoreLines([["Access-Control-Allow-Origin", "https://one.example"]]);
const ofOther = new MoreLines([
  ["Access-Control-Allow-Origin", "https://other.example"],
  ["Access-Control-Allow-Credentials", "true"],
]);

test("content lies behind its head, in one piece", () => {
  const reply = octetsReply(200, FIELDS, Buffer.from("content"), CacheOutcome.Hit);
  const { content, head, outcome, status } = reply;
  expect([status, outcome, headText(reply), contentOf(reply).toString()]).toEqual([
    200,
    CacheOutcome.Hit,
    `${HEAD}\r\n`,
    "content",
  ]);
  if (content.kind !== ContentKind.Octets) throw new Error("content of another kind");
  expect(content.octets).toBe(head.h1.octets);
  expect([content.start, content.octetCount]).toEqual([head.h1.end, 7]);
});

test("without content it is the same to HEAD", () => {
  const reply = octetsReply(200, FIELDS, Buffer.from("content"), CacheOutcome.Hit).with(ofOne);
  const { content, head, lines, outcome } = reply.withoutContent();
  expect([content.kind, content.octetCount]).toEqual([ContentKind.None, 0]);
  expect([head, lines, outcome]).toEqual([reply.head, reply.lines, CacheOutcome.Hit]);
  expect(head).toBe(reply.head);
});

describe("more lines", () => {
  const file: SharedFile = { fd: 3, retain() {}, release() {} };
  const parts = [{ lead: Buffer.from("a"), offset: Offset(0), octets: Octets(1) }];

  test.each([
    ["none", undefined],
    ["octets", new OctetsContent(Buffer.from("a content and more"), 2, 9)],
    ["a piece of a file", new FileContent(file, Offset(5), Octets(7))],
    ["parts", new PartsContent(parts, Buffer.from("z"), null, file, 3)],
  ])("share head and content: %s", (_, content) => {
    const reply = new Reply(buildResponseHead(200, FIELDS), content, CacheOutcome.Miss);
    const one = reply.with(ofOne);
    const other = reply.with(ofOther);
    for (const grown of [one, other]) {
      expect(grown.head).toBe(reply.head);
      expect(grown.content).toBe(reply.content);
      expect(grown.outcome).toBe(CacheOutcome.Miss);
    }
    expect(headText(one)).toBe(`${HEAD}Access-Control-Allow-Origin: https://one.example\r\n\r\n`);
    expect(headText(other)).toBe(
      `${HEAD}Access-Control-Allow-Origin: https://other.example\r\nAccess-Control-Allow-Credentials: true\r\n\r\n`,
    );
    expect([headText(reply), reply.lines]).toEqual([`${HEAD}\r\n`, null]);
  });

  test("a date set for one is that of all", () => {
    const reply = octetsReply(200, FIELDS, Buffer.from("content"));
    const one = reply.with(ofOne);
    const date = "Sun, 06 Nov 1994 08:49:37 GMT";
    one.head.h1.octets.write(date, one.head.h1.dateOffset, "latin1");
    for (const sent of [reply, one, reply.with(ofOther), reply.withoutContent()]) {
      expect(headText(sent)).toContain(`\r\nDate: ${date}\r\n`);
    }
    expect(contentOf(one).toString()).toBe("content");
  });

  test("further ones follow them", () => {
    const reply = new Reply(buildResponseHead(200, FIELDS)).with(ofOne).with(new MoreLines([["Z", "1"]]));
    expect(headText(reply)).toBe(`${HEAD}Access-Control-Allow-Origin: https://one.example\r\nZ: 1\r\n\r\n`);
    expect(reply.lines!.fields).toEqual([...ofOne.fields, ["Z", "1"]]);
    expect(ofOne.fields).toHaveLength(1);
  });

  test("can't begin another response", () => {
    expect(() => new MoreLines([["X", "a\r\n\r\nHTTP/1.1 200 OK"]])).toThrow(TypeError);
  });
});

test("its field lines are those that are sent, in their order and with the dates of the time", () => {
  const fields: FieldLine[] = [
    ["Server", "saker"],
    ["Date", null],
    ["Expires", null, 60],
    ["X-Empty", ""],
  ];
  const reply = new Reply(buildResponseHead(200, fields)).with(ofOne);
  expect(reply.fieldsAt(Date.parse("1994-11-06T08:49:37.999Z"))).toEqual([
    ["Server", "saker"],
    ["Date", "Sun, 06 Nov 1994 08:49:37 GMT"],
    ["Expires", "Sun, 06 Nov 1994 08:50:37 GMT"],
    ["X-Empty", ""],
    ["Access-Control-Allow-Origin", "https://one.example"],
  ]);
});

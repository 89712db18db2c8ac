/** A reply with field lines added: the head grows, everything else stays. */
import { expect, test } from "bun:test";
import { CacheOutcome, FileReply, OctetsReply, PartsReply, type SharedFile } from "../../src/http/reply.ts";
import { withFieldLines } from "../../src/http/reply-fields.ts";

const HEAD = "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";
const LINES = Buffer.from("X-A: b\r\nX-C: d\r\n");
const GROWN = HEAD.replace(/\r\n$/, "X-A: b\r\nX-C: d\r\n\r\n");
const DATE_OFFSET = HEAD.indexOf("Thu");

function contentOf(reply: OctetsReply): string {
  const own = reply.octets.subarray(reply.headOctets, reply.octetCount).toString();
  return own + (reply.content?.subarray(reply.contentStart, reply.contentEnd).toString() ?? "");
}

test.each([
  ["behind the head", (): OctetsReply => new OctetsReply(200, Buffer.from(`${HEAD}content`), HEAD.length, DATE_OFFSET)],
  [
    "elsewhere",
    () => {
      const reply = new OctetsReply(200, Buffer.from(HEAD), HEAD.length, DATE_OFFSET);
      reply.content = Buffer.from("a content and more");
      reply.contentStart = 2;
      reply.contentEnd = 9;
      return reply;
    },
  ],
])("content %s", (_, make) => {
  const before = make();
  const reply = withFieldLines(before, LINES) as OctetsReply;
  expect(reply.octets.toString("latin1", 0, reply.headOctets)).toBe(GROWN);
  expect([contentOf(reply), reply.contentOctets, reply.dateOffset]).toEqual(["content", 7, DATE_OFFSET]);
  expect(before.octets.toString("latin1")).toStartWith(HEAD);
});

test("no content, from a buffer that is used again", () => {
  const shared = Buffer.from(`${HEAD}rubbish behind it`);
  const before = new OctetsReply(200, shared, HEAD.length, DATE_OFFSET);
  before.octetCount = HEAD.length;
  before.transient = true;
  const reply = withFieldLines(before, LINES) as OctetsReply;
  shared.fill(0);
  expect([reply.octets.toString(), reply.contentOctets, reply.transient]).toEqual([GROWN, 0, false]);
});

const file: SharedFile = { fd: 3, retain() {}, release() {} };

test("a piece of a file", () => {
  const reply = withFieldLines(
    new FileReply(206, Buffer.from(HEAD), DATE_OFFSET, file, 5, 7, CacheOutcome.Hit),
    LINES,
  ) as FileReply;
  expect(reply.octets.toString("latin1", 0, reply.headOctets)).toBe(GROWN);
  expect([reply.status, reply.file, reply.fileOffset, reply.contentOctets]).toEqual([206, file, 5, 7]);
});

test("parts", () => {
  const parts = [{ lead: Buffer.from("a"), offset: 0, octets: 1 }];
  const before = new PartsReply(
    206,
    Buffer.from(HEAD),
    DATE_OFFSET,
    parts,
    Buffer.from("z"),
    null,
    file,
    3,
    CacheOutcome.None,
  );
  const reply = withFieldLines(before, LINES) as PartsReply;
  expect(reply.octets.toString("latin1", 0, reply.headOctets)).toBe(GROWN);
  expect([reply.parts, reply.file, reply.contentOctets]).toEqual([parts, file, 3]);
});

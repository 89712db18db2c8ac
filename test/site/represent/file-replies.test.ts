/** The ready responses of one representation: what they share, and what each has of its own. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContentKind } from "../../../src/http/content.ts";
import { CacheOutcome, Reply } from "../../../src/http/reply.ts";
import { buildResponseHead } from "../../../src/http/response-head.ts";
import { FileReplies } from "../../../src/site/represent/file-replies.ts";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { ServedFile } from "../../../src/site/load/served-file.ts";
import { FileStatus } from "../../../src/sys/file-status.ts";
import { contentOf, headText } from "../../http/support/sent-reply.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-replies-"));
afterAll(() => rmSync(folder, { recursive: true }));
const TEXT = "abcdefghijklmnopqrstuvwxyz";
writeFileSync(join(folder, "file.txt"), TEXT);
const file = new ServedFile(openSync(join(folder, "file.txt"), "r"), new FileStatus());
afterAll(() => file.release());

const FIELDS = {
  serverField: "saker",
  contentType: "text/plain; charset=utf-8",
  size: TEXT.length,
  entityTag: '"tag"',
  lastModifiedMs: Date.UTC(1994, 10, 6, 8, 49, 37),
};
const FULL = `HTTP/1.1 200 OK
Server: saker
Date: Thu, 01 Jan 1970 00:00:00 GMT
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
Content-Length: 26
Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT
ETag: "tag"
Accept-Ranges: bytes
X-Cache: HIT

`.replaceAll("\n", "\r\n");

describe.each([
  ["behind its head", () => new FileReplies(FIELDS, Buffer.from(TEXT), null, CacheOutcome.Hit)],
  ["in a buffer of its own", () => new FileReplies(FIELDS, Buffer.from(TEXT), null, CacheOutcome.Hit, true)],
  ["in a file", () => new FileReplies(FIELDS, null, file, CacheOutcome.Hit)],
])("content %s", (_, make) => {
  const replies = make();

  test("answers GET and HEAD with one head", () => {
    const { full, headOnly } = replies;
    expect([headText(full), contentOf(full).toString()]).toEqual([FULL, TEXT]);
    expect(headOnly.head).toBe(full.head);
    expect(headOnly.content.octetCount).toBe(0);
  });

  test("304 says what a cache has to know, and no more (RFC 9110 §15.4.5)", () => {
    expect([headText(replies.notModified), replies.notModified.content.kind]).toEqual([
      FULL.replace("200 OK", "304 Not Modified").replaceAll(/(Content-|X-Content-|Accept-)[^\r]*\r\n/g, ""),
      ContentKind.None,
    ]);
    expect(headText(replies.notModifiedAs('"other"'))).toContain('\r\nETag: "other"\r\n');
  });

  test("206 has the octets asked for, and a head of its own", () => {
    const first = replies.partial(0, 0);
    const second = replies.partial(10, 12);
    expect(contentOf(first).toString()).toBe("a");
    expect(contentOf(second).toString()).toBe("klm");
    const common = FULL.replace("200 OK", "206 Partial Content").replace("Content-Length: 26\r\n", "").slice(0, -2);
    expect(headText(first)).toBe(`${common}Content-Range: bytes 0-0/26\r\nContent-Length: 1\r\n\r\n`);
    expect(headText(second)).toBe(`${common}Content-Range: bytes 10-12/26\r\nContent-Length: 3\r\n\r\n`);
    expect(first.head.h1.octets).not.toBe(second.head.h1.octets);
  });

  test("parts come with what stands between them", () => {
    const reply = replies.parts(new Float64Array([0, 1, 10, 12]), 2);
    const head = headText(reply);
    const boundary = /boundary=(\w{24})\r\n/.exec(head)![1]!;
    const part = (numbers: string, text: string) =>
      `\r\n--${boundary}\r\nContent-Type: ${FIELDS.contentType}\r\nContent-Range: bytes ${numbers}/26\r\n\r\n${text}`;
    const content = `${part("0-1", "ab")}${part("10-12", "klm")}\r\n--${boundary}--\r\n`;
    expect(contentOf(reply).toString()).toBe(content);
    expect(head).toEndWith(`\r\nContent-Length: ${content.length}\r\n\r\n`);
    expect(reply.content.octetCount).toBe(content.length);
  });

  test("every head is what its list of fields says", () => {
    const { full, headOnly, notModified } = replies;
    const parts = replies.parts(new Float64Array([0, 1, 10, 12]), 2);
    for (const reply of [full, headOnly, notModified, replies.partial(3, 4), parts]) {
      expect(headText(reply)).toBe(headText(new Reply(buildResponseHead(reply.status, reply.head.fields))));
    }
  });

  test("as a miss, the content is the same and the head says why", () => {
    const miss = replies.asMiss("stale");
    expect(headText(miss.full)).toBe(FULL.replace("HIT", "MISS"));
    expect([contentOf(miss.full).toString(), miss.full.outcome]).toEqual([TEXT, CacheOutcome.Miss]);
    expect([headText(miss.partial(0, 1)).includes("X-Cache: MISS"), contentOf(miss.partial(0, 1)).toString()]).toEqual([
      true,
      "ab",
    ]);
    expect(miss.content?.buffer).toBe(replies.content?.buffer);
    expect(headText(replies.full)).toBe(FULL);
  });
});

test("Expires follows Date in every response, ranges too", () => {
  const edits = [{ name: "Expires", value: "", secondsLater: 60, because: becauseOf("cache") }];
  const replies = new FileReplies({ ...FIELDS, edits }, Buffer.from(TEXT), null, CacheOutcome.Hit);
  const parts = replies.parts(new Float64Array([0, 1, 10, 12]), 2);
  for (const { head } of [replies.full, replies.headOnly, replies.notModified, replies.partial(0, 1), parts]) {
    const { expiresOffset, expiresSeconds, octets } = head.h1;
    expect([octets.toString("latin1", expiresOffset - 11, expiresOffset), expiresSeconds]).toEqual([
      "\r\nExpires: ",
      60,
    ]);
  }
});

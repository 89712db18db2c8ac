/** What is sent for each outcome of preconditions and Range. */
import { expect, test } from "bun:test";
import { formatHttpDate } from "../../../src/http/http-date.ts";
import { CacheOutcome } from "../../../src/http/reply.ts";
import { ConditionalReplies } from "../../../src/site/represent/conditional-replies.ts";
import { ErrorReplies } from "../../../src/site/represent/error-replies.ts";
import { FileReplies } from "../../../src/site/represent/file-replies.ts";
import { headOf } from "../../http/support/head-result.ts";
import { contentOf, headText } from "../../http/support/sent-reply.ts";

const SECOND = 784_111_777;
const DATE = formatHttpDate(SECOND * 1000);
const BEFORE = formatHttpDate((SECOND - 1) * 1000);
const FIELDS = { serverField: "", contentType: "text/plain", entityTag: '"a"', lastModifiedMs: SECOND * 1000 };
const CONTENT = Buffer.from("0123456789");
const FILE = new FileReplies({ ...FIELDS, size: 10 }, CONTENT, null, CacheOutcome.Hit);
const CONDITIONAL = new ConditionalReplies(new ErrorReplies(""));

function reply(method: string, lines: readonly string[]) {
  const text = `${method} / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  return CONDITIONAL.of(FILE, headOf(text));
}

test.each<[lines: string[], get: number, head: number]>([
  [['If-None-Match: "a"'], 304, 304],
  [['If-None-Match: "a"', "Range: bytes=0-1"], 304, 304],
  [[`If-Modified-Since: ${DATE}`], 304, 304],
  [['If-Match: "b"'], 412, 412],
  [[`If-Unmodified-Since: ${BEFORE}`, "Range: bytes=20-"], 412, 412],
  [['If-Match: "a"', 'If-None-Match: "b"'], 200, 200],
  [["If-Modified-Since: yesterday"], 200, 200],
  [["Range: bytes=0-1"], 206, 200],
  [["Range: bytes=0-1,5-6"], 206, 200],
  [["Range: bytes=10-"], 416, 200],
  [["Range: lines=0-1"], 200, 200],
  [["Range: bytes=0-1", 'If-Range: "b"'], 200, 200],
  [["Range: bytes=0-1", `If-Range: ${DATE}`], 206, 200],
])("%j: %d to GET, %d to HEAD", (lines, get, head) => {
  expect([reply("GET", lines).status, reply("HEAD", lines).status]).toEqual([get, head]);
});

test("a range has its octets, and what can't be satisfied says how long the whole is", () => {
  const part = reply("GET", ["Range: bytes=-3"]);
  expect([headText(part).match(/Content-Range: .*/)![0], contentOf(part).toString()]).toEqual([
    "Content-Range: bytes 7-9/10",
    "789",
  ]);
  expect(headText(reply("GET", ["Range: bytes=10-"]))).toContain("Content-Range: bytes */10\r\n");
});

test("what is ready is sent as it is", () => {
  expect(reply("GET", ["If-None-Match: *"])).toBe(FILE.notModified);
  expect(reply("GET", ['If-Match: "a"'])).toBe(FILE.full);
  expect(reply("HEAD", ["Range: bytes=0-1"])).toBe(FILE.headOnly);
  expect(CONDITIONAL.ofWhole(FILE, headOf("GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n"))).toBe(FILE.full);
});

/** Replies as HTTP/2 sends them whole: the same frames as if they were put together, for every stream and at any time. */
import { expect, test } from "bun:test";
import { NO_CONTENT, OctetsContent } from "../../src/http/content.ts";
import { PartialHeads } from "../../src/http/partial-head.ts";
import { CacheOutcome, MoreLines, octetsReply, Reply, WHOLE_CONTENT_OCTETS_MAX } from "../../src/http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";
import { Flag, FrameType } from "../../src/http2/frame.ts";
import { fieldBlockOf } from "../../src/http2/hpack-encoder.ts";
import { putWholeReply, wholeReply } from "../../src/http2/whole-reply.ts";
import { Clock } from "../../src/serving/clock.ts";
import { framesOf } from "./support/client-frames.ts";

const FIELDS: readonly FieldLine[] = [
  ["Date", null],
  ["Expires", null, 60],
  ["Content-Type", "text/html"],
];

const hit = (octets: number, fields = FIELDS): Reply =>
  octetsReply(200, fields, Buffer.alloc(octets, "x"), CacheOutcome.Hit);

test("head and content are two frames of the stream", () => {
  const reply = hit(3);
  const whole = wholeReply(reply)!;
  const target = Buffer.alloc(1000, 0xff);
  const end = putWholeReply(whole, target, 7, 0x7654_3211);
  expect(target.subarray(end).every((octet) => octet === 0xff)).toBe(true);
  expect(framesOf(target.subarray(7, end))).toEqual([
    { type: FrameType.Headers, flags: Flag.EndHeaders, stream: 0x7654_3211, payload: fieldBlockOf(reply.head).octets },
    { type: FrameType.Data, flags: Flag.EndStream, stream: 0x7654_3211, payload: Buffer.from("xxx") },
  ]);
});

test("they are made once", () => {
  const reply = hit(3);
  expect(wholeReply(reply)).toBe(wholeReply(reply));
});

test.each([FIELDS, [["Date", null]], [["Server", "saker"]]] as const)(
  "dates are where they are in the block: %j",
  (...fields) => {
    const reply = hit(3, fields as unknown as readonly FieldLine[]);
    const whole = wholeReply(reply)!;
    const block = fieldBlockOf(reply.head);
    const clock = new Clock();
    clock.stamp(whole);
    clock.stamp(block);
    const [head] = framesOf(whole.octets);
    expect(head!.payload).toEqual(block.octets);
  },
);

const content = new OctetsContent(Buffer.from("abc"));
const head = buildResponseHead(200, FIELDS);
const partial = new PartialHeads(FIELDS, 10).of(0, 2);

test.each<[reason: string, reply: Reply]>([
  ["it doesn't come from the cache", octetsReply(200, FIELDS, Buffer.from("abc"), CacheOutcome.Miss)],
  ["its content is large", hit(WHOLE_CONTENT_OCTETS_MAX + 1)],
  ["there is no content", new Reply(head, NO_CONTENT, CacheOutcome.Hit)],
  ["its content is empty", hit(0)],
  ["its fields are for one origin", new Reply(head, content, CacheOutcome.Hit, new MoreLines([["A", "b"]]))],
  ["it is a range", new Reply(partial, content, CacheOutcome.Hit)],
  ["its head takes several frames", hit(3, [["A", "\\".repeat(20_000)]])],
])("a reply isn't kept whole where %s", (_reason, reply) => {
  expect(wholeReply(reply)).toBe(null);
  expect(reply.whole).toBe(null);
});

test("content may be as large as that", () => {
  expect(wholeReply(hit(WHOLE_CONTENT_OCTETS_MAX))).not.toBe(null);
});

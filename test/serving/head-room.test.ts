/** A head that many responses share, put together with what one of them says besides. */
import { expect, test } from "bun:test";
import { MoreLines, Reply } from "../../src/http/reply.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";
import { type Ending, endingFor, FramingLine } from "../../src/serving/h1-framing-line.ts";
import { HeadRoom } from "../../src/serving/head-room.ts";

const ROOM_BEHIND = 1024;

const replyOf = (value: string, lines: MoreLines | null = null) =>
  new Reply(buildResponseHead(200, [["A", value]]), undefined, undefined, lines);

function put(room: HeadRoom, reply: Reply, ending: Ending | null): string {
  const end = room.put(reply, ending); // may have made the room larger
  return room.octets.toString("latin1", 0, end);
}

test.each<[line: FramingLine, more: MoreLines | null, behind: string]>([
  [FramingLine.None, null, ""],
  [FramingLine.Close, null, "Connection: close\r\n"],
  [FramingLine.KeepAlive, null, "Connection: keep-alive\r\n"],
  [FramingLine.None, new MoreLines([["Vary", "Origin"]]), "Vary: Origin\r\n"],
  [FramingLine.Close, new MoreLines([["Vary", "Origin"]]), "Vary: Origin\r\nConnection: close\r\n"],
])("framing line %p, own fields %j", (line, more, behind) => {
  const room = new HeadRoom(ROOM_BEHIND);
  expect(put(room, replyOf("b", more), endingFor(line))).toBe(`HTTP/1.1 200 OK\r\nA: b\r\n${behind}\r\n`);
});

test("there is room behind a head of any length", () => {
  const room = new HeadRoom(ROOM_BEHIND);
  for (const length of [10, 8 * 1024, 100_000]) {
    for (const more of [null, new MoreLines([["C", "d".repeat(length)]])]) {
      for (const ending of [endingFor(FramingLine.None), endingFor(FramingLine.Close)]) {
        const head = put(room, replyOf("b".repeat(length), more), ending);
        expect(head).toStartWith(`HTTP/1.1 200 OK\r\nA: ${"b".repeat(length)}\r\n`);
        expect(head).toEndWith(ending === null ? "\r\n\r\n" : ending.octets.toString("latin1"));
        expect(room.octets.length - head.length).toBeGreaterThanOrEqual(ROOM_BEHIND);
      }
    }
  }
});

test("what is shared stays as it was", () => {
  const reply = replyOf("b");
  put(new HeadRoom(ROOM_BEHIND), reply, endingFor(FramingLine.Close));
  expect(reply.head.h1.octets.toString("latin1", 0, reply.head.h1.end)).toBe("HTTP/1.1 200 OK\r\nA: b\r\n\r\n");
});

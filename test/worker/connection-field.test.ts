/** A head that many responses share, with the Connection field of one. */
import { expect, test } from "bun:test";
import { PartsReply } from "../../src/http/reply.ts";
import { LoggedRequest } from "../../src/log/logged-request.ts";
import { ConnectionField, FIELD_LINE, fieldLinesWithId, HeadRoom } from "../../src/worker/connection-field.ts";

const ROOM_BEHIND = 1024;

const replyOf = (head: string) =>
  new PartsReply(200, Buffer.from(head, "latin1"), -1, [], Buffer.alloc(0), null, null, 0, 0);

test.each([
  [ConnectionField.None, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"],
  [ConnectionField.Close, "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n"],
  [ConnectionField.KeepAlive, "HTTP/1.1 200 OK\r\nA: b\r\nConnection: keep-alive\r\n\r\n"],
])("%s", (field, expected) => {
  const room = new HeadRoom(ROOM_BEHIND);
  const end = room.copy(replyOf("HTTP/1.1 200 OK\r\nA: b\r\n\r\n"), FIELD_LINE[field]!);
  expect(room.octets.toString("latin1", 0, end)).toBe(expected);
});

test.each([
  [ConnectionField.None, "X-Request-Id: ab\r\n\r\n"],
  [ConnectionField.Close, "X-Request-Id: ab\r\nConnection: close\r\n\r\n"],
  [ConnectionField.KeepAlive, "X-Request-Id: ab\r\nConnection: keep-alive\r\n\r\n"],
])("%s, after the request's identifier", (field, expected) => {
  const request = Object.assign(new LoggedRequest(), { id: Buffer.from("abc"), idOctets: 2 });
  expect(fieldLinesWithId(field, request).toString("latin1")).toBe(expected);
});

test("there is room behind a head of any length", () => {
  const room = new HeadRoom(ROOM_BEHIND);
  for (const length of [10, 8 * 1024, 100_000]) {
    for (const field of [ConnectionField.None, ConnectionField.Close, ConnectionField.KeepAlive]) {
      const head = `HTTP/1.1 200 OK\r\nA: ${"b".repeat(length)}\r\n\r\n`;
      const end = room.copy(replyOf(head), FIELD_LINE[field]!);
      const line = FIELD_LINE[field]!;
      expect(room.octets.toString("latin1", 0, end)).toBe(
        field === ConnectionField.None ? head : `${head.slice(0, -2)}${line.toString("latin1")}`,
      );
      expect(room.octets.length - end).toBeGreaterThanOrEqual(ROOM_BEHIND);
    }
  }
});

/** Frames written and read, and the status in a field block. */
import { expect, test } from "bun:test";
import {
  fieldBlock,
  frame,
  FrameFlag,
  FrameReader,
  FrameType,
  numberFrame,
  requestFrame,
  settingsFrame,
  statusOf,
} from "../../bench/load/http2-frames.ts";

test("a frame is its head and its payload (RFC 9113 §4.1)", () => {
  expect([...frame(FrameType.Ping, FrameFlag.Ack, 0x01020304, Buffer.from([9, 8]))]).toEqual([
    0, 0, 2, 6, 1, 1, 2, 3, 4, 9, 8,
  ]);
  expect([...numberFrame(FrameType.WindowUpdate, 3, 258)]).toEqual([0, 0, 4, 8, 0, 0, 0, 0, 3, 0, 0, 1, 2]);
  expect([...settingsFrame([[4, 1]])]).toEqual([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1]);
});

test("fields are literals without indexing, their lengths in as many octets as it takes (RFC 7541 §5.1, §6.2.2)", () => {
  expect([...fieldBlock([["a", "b"]])]).toEqual([0, 1, 97, 1, 98]);
  const long = fieldBlock([["a", "x".repeat(1337)]]);
  expect([...long.subarray(0, 6)]).toEqual([0, 1, 97, 127, 1337 - 127 - 9 * 128 + 128, 9]);
  expect(long.length).toBe(6 + 1337);
});

const FRAMES = Buffer.concat([
  settingsFrame([]),
  requestFrame(1, fieldBlock([[":path", "/"]])),
  frame(FrameType.Data, FrameFlag.EndStream, 1, Buffer.from("content")),
]);

test.each(Array.from({ length: FRAMES.length + 1 }, (_, at) => [at]))("frames in two pieces, cut at %p", (at) => {
  const reader = new FrameReader();
  const seen: unknown[] = [];
  for (const piece of [FRAMES.subarray(0, at), FRAMES.subarray(at)]) {
    reader.push(piece, ({ type, flags, stream, payload }) => seen.push([type, flags, stream, payload.length]));
  }
  expect(seen).toEqual([
    [FrameType.Settings, 0, 0, 0],
    [FrameType.Headers, 5, 1, 9],
    [FrameType.Data, 1, 1, 7],
  ]);
});

test.each([
  ["an entry of the static table", [0x88], 200],
  ["another", [0x8d], 404],
  ["a literal", [0x08, 3, 0x35, 0x30, 0x33], 503],
  ["a literal that asks for indexing", [0x48, 3, 0x34, 0x32, 0x39], 429],
  ["a literal in Huffman code", [0x48, 0x82, 0x64, 0x02], 302],
  ["one after a size of the dynamic table", [0x20, 0x88], 200],
  ["one after a larger size", [0x3f, 0x01, 0x88], 200],
  ["no status", [0x82], 0],
  ["an entry of the dynamic table", [0xbe], 0],
])("the status of %s", (_, block, status) => {
  expect(statusOf(Buffer.from(block))).toBe(status);
});

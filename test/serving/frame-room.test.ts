import { describe, expect, test } from "bun:test";
import { Flag, FRAME_OCTETS_MAX, FrameType } from "../../src/http2/frame.ts";
import { FrameRoom, UnsentFrames } from "../../src/serving/frame-room.ts";
import { data, frame, framesOf } from "../http2/support/client-frames.ts";

describe("a field block", () => {
  const blockOf = (octets: number): { room: FrameRoom; block: Buffer } => {
    const room = new FrameRoom();
    const block = Buffer.from(Array.from({ length: octets }, (_, index) => index & 0xff));
    const end = room.blockStart + block.copy(room.octets, room.blockStart);
    room.addBlock(7, end, Flag.EndStream);
    return { room, block };
  };

  test.each([0, 1, FRAME_OCTETS_MAX, FRAME_OCTETS_MAX + 1, 3 * FRAME_OCTETS_MAX])("of %d octets", (octets) => {
    const { room, block } = blockOf(octets);
    const frames = framesOf(room.octets.subarray(0, room.end));
    expect(Buffer.concat(frames.map(({ payload }) => payload)).equals(block)).toBe(true);
    expect(frames.map(({ type }) => type)).toEqual(
      frames.map((_, index) => (index === 0 ? FrameType.Headers : FrameType.Continuation)),
    );
    expect(frames.map(({ flags }) => flags)).toEqual(
      frames.map(
        (_, index) => (index === 0 ? Flag.EndStream : 0) | (index === frames.length - 1 ? Flag.EndHeaders : 0),
      ),
    );
    expect(frames).toHaveLength(Math.max(1, Math.ceil(octets / FRAME_OCTETS_MAX)));
  });

  test("that no room could hold is a bug", () => {
    expect(() => new FrameRoom().holdsBlock(200_000)).toThrow("invariant");
  });
});

describe("frames that weren't taken", () => {
  const frames = [frame(FrameType.Headers, 4, 1, "head"), data(1, "0123456789"), data(3, "abc"), data(1, "xyz", true)];
  const octets = Buffer.concat(frames);

  test("are told apart wherever they were cut", () => {
    for (let taken = 0; taken < octets.length; taken++) {
      const unsent = new UnsentFrames(octets, taken, octets.length);
      expect(unsent.octets.subarray(unsent.start, unsent.end).equals(octets.subarray(taken))).toBe(true);
      expect(unsent.count).toBe(octets.length - taken);
      const first = frames[0]!.length;
      const contentTaken = Math.max(0, Math.min(10, taken - first - 9));
      const last = octets.length - 3;
      expect(unsent.contentOctetsOf(1)).toBe(10 - contentTaken + Math.min(3, octets.length - Math.max(taken, last)));
      expect(unsent.contentOctetsOf(5)).toBe(0);
    }
  });

  test("may be followed by others, and leave bit by bit", () => {
    const unsent = new UnsentFrames(octets, 20, octets.length);
    const more = data(3, "more");
    unsent.append(more, more.length);
    expect(unsent.contentOctetsOf(3)).toBe(7);
    const all = Buffer.concat([octets.subarray(20), more]);
    for (let left = all.length; left > 0; left -= 5) {
      expect(unsent.count).toBe(left);
      unsent.advance(5);
    }
  });
});

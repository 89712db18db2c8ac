import { describe, expect, test } from "bun:test";
import { ClosedStreams } from "../../src/http2/closed-streams.ts";
import { StreamState } from "../../src/http2/stream-state.ts";

const nameOf = (streams: ClosedStreams, stream: number): string => StreamState[streams.stateOf(stream)]!;

describe("a stream that isn't open", () => {
  test("is idle while none with its number or a higher one was used", () => {
    const streams = new ClosedStreams(10);
    expect(nameOf(streams, 1)).toBe("Idle");
    streams.open(1);
    expect([1, 3, 2].map((stream) => nameOf(streams, stream))).toEqual(["Ended", "Idle", "Foreign"]);
    expect([1, 3, 2, 4].map((stream) => streams.isNew(stream))).toEqual([false, true, false, false]);
  });

  test("is told apart by how it was closed", () => {
    const streams = new ClosedStreams(10);
    for (const stream of [1, 3, 5]) streams.open(stream);
    streams.noteReset(1, StreamState.ResetByUs);
    streams.noteReset(3, StreamState.ResetByPeer);
    streams.open(7);
    expect([1, 3, 5, 7].map((stream) => nameOf(streams, stream))).toEqual([
      "ResetByUs",
      "ResetByPeer",
      "Ended",
      "Ended",
    ]);
  });

  test("is skipped if a higher number was used first", () => {
    const streams = new ClosedStreams(10);
    streams.open(5);
    streams.open(11);
    expect([1, 3, 5, 7, 9, 11].map((stream) => nameOf(streams, stream))).toEqual([
      "Skipped",
      "Skipped",
      "Ended",
      "Skipped",
      "Skipped",
      "Ended",
    ]);
  });

  test("is remembered for twice as many streams as may be open", () => {
    const streams = new ClosedStreams(10);
    streams.open(1);
    streams.noteReset(1, StreamState.ResetByUs);
    for (let stream = 3; stream <= 1 + 2 * 20; stream += 2) streams.open(stream);
    expect(nameOf(streams, 1)).toBe("ResetByUs");
    for (let stream = 43; stream <= 201; stream += 2) streams.open(stream);
    expect(nameOf(streams, 1)).toBe("Ended");
    expect(nameOf(streams, 199)).toBe("Ended");
  });

  test("is known after a leap to the highest number", () => {
    const streams = new ClosedStreams(100);
    streams.open(1);
    streams.open(0x7fff_ffff);
    expect([1, 0x7fff_fffd, 0x7fff_ffff].map((stream) => nameOf(streams, stream))).toEqual([
      "Ended",
      "Skipped",
      "Ended",
    ]);
  });
});

test("a model that remembers everything says the same of the last streams", () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fff_ffff) % below;
  const concurrentMax = 5;
  const streams = new ClosedStreams(concurrentMax);
  const model = new Map<number, StreamState>();
  let last = -1;
  for (let round = 0; round < 5000; round++) {
    const next = last + 2 + (random(10) === 0 ? 2 * random(4) : 0);
    for (let skipped = last + 2; skipped < next; skipped += 2) model.set(skipped, StreamState.Skipped);
    streams.open(next);
    model.set(next, StreamState.Ended);
    last = next;
    const closing = Math.max(1, last - 2 * random(concurrentMax));
    if (random(3) === 0 && model.get(closing) === StreamState.Ended) {
      const way = random(2) === 0 ? StreamState.ResetByUs : StreamState.ResetByPeer;
      streams.noteReset(closing, way);
      model.set(closing, way);
    }
    // Before the first that is out of the ordinary there is no memory, and none is needed.
    for (let stream = Math.max(1, last - 4 * concurrentMax); stream <= last; stream += 2) {
      expect(nameOf(streams, stream)).toBe(StreamState[model.get(stream)!]!);
    }
  }
});

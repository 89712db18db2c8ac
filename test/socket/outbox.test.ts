import { describe, expect, test } from "bun:test";
import type { OctetSink } from "../../src/socket/link.ts";
import { FlushResult, Outbox } from "../../src/socket/outbox.ts";

/** A socket that takes `room` octets of each write in turn, and all once there are no more numbers. */
class Sink implements OctetSink {
  taken = "";
  writes: number[] = [];
  constructor(private readonly room: number[] = []) {}
  write(octets: Buffer, start: number, octetCount: number): number {
    const room = this.room.shift() ?? octetCount;
    if (room < 0) return room;
    const count = Math.min(room, octetCount);
    this.taken += octets.toString("latin1", start, start + count);
    this.writes.push(count);
    return count;
  }
}

/** `volatileOctets`: how many at its start may be overwritten after the flush. */
const add = (outbox: Outbox, text: string, volatileOctets = 0) => {
  const octets = Buffer.from(`<${text}>`, "latin1");
  outbox.add(octets, 1, octets.length - 1, 1 + volatileOctets);
  return octets;
};

describe("Outbox", () => {
  test("several small pieces leave in one write, in order", () => {
    const outbox = new Outbox();
    const sink = new Sink();
    for (const text of ["one ", "two ", "three"]) add(outbox, text);
    expect(outbox.flush(sink)).toBe(FlushResult.Done);
    expect(sink.taken).toBe("one two three");
    expect(sink.writes).toEqual([13]);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.octetsWritten).toBe(13);
  });

  test("a large piece is written by itself, and what surrounds it stays in order", () => {
    const outbox = new Outbox();
    const sink = new Sink();
    const large = "x".repeat(100_000);
    for (const text of ["a", "b", large, "c", "d"]) add(outbox, text);
    expect(outbox.flush(sink)).toBe(FlushResult.Done);
    expect(sink.taken).toBe(`ab${large}cd`);
    expect(sink.writes).toEqual([2, 100_000, 2]);
  });

  test("more small pieces than fit together take more writes", () => {
    const outbox = new Outbox();
    const sink = new Sink();
    const texts = Array.from({ length: 20 }, (_, index) => String.fromCharCode(97 + index).repeat(10_000));
    for (const text of texts) add(outbox, text);
    outbox.flush(sink);
    expect(sink.taken).toBe(texts.join(""));
    expect(sink.writes.length).toBeLessThan(6);
  });

  test("whatever a slow client takes at a time, it gets every octet once and in order", () => {
    const texts = ["head\r\n", "a".repeat(300), "", "b".repeat(20_000), "c", "d".repeat(70_000), "end"];
    const whole = texts.join("");
    for (let step = 1; step < 4000; step += 61) {
      const outbox = new Outbox();
      const sink = new Sink(Array.from({ length: 3 }, () => step));
      for (const text of texts) add(outbox, text);
      let result = outbox.flush(sink);
      while (result === FlushResult.Blocked) {
        const rest = outbox.takeRest();
        expect(outbox.isEmpty).toBe(true);
        outbox.putBack(rest);
        result = outbox.flush(sink);
      }
      expect(result).toBe(FlushResult.Done);
      expect(sink.taken).toBe(whole);
    }
  });

  describe("a rest", () => {
    /** What is still sent after a flush of `taken` octets, if everything volatile is overwritten meanwhile. */
    const restAfter = (taken: number, outbox: Outbox, volatile: readonly (readonly [Buffer, number])[]) => {
      expect(outbox.flush(new Sink([taken]))).toBe(FlushResult.Blocked);
      const rest = outbox.takeRest();
      for (const [octets, count] of volatile) octets.fill("*", 1, 1 + count);
      outbox.putBack(rest);
      const sink = new Sink();
      expect(outbox.flush(sink)).toBe(FlushResult.Done);
      return { rest, sent: sink.taken };
    };

    test("refers to what stays, and copies what doesn't", () => {
      const outbox = new Outbox();
      const shared = add(outbox, "shared");
      const transient = add(outbox, "transient", 9);
      const { rest, sent } = restAfter(3, outbox, [[transient, 9]]);
      expect(rest.sources[0]).toBe(shared);
      expect(rest.sources[1]).not.toBe(transient);
      expect(sent).toBe("redtransient");
    });

    test("of a head and the content behind it copies the head alone", () => {
      const outbox = new Outbox();
      const piece = add(outbox, "head,content", 5);
      const { rest, sent } = restAfter(2, outbox, [[piece, 5]]);
      expect(rest.sources.map((source) => source === piece)).toEqual([false, true]);
      expect(rest.sources[0]!.toString("latin1", rest.starts[0], rest.ends[0])).toBe("ad,");
      expect(sent).toBe("ad,content");
    });

    test.each([5, 6, 11])("that begins in the content, after %p octets, copies nothing", (taken) => {
      const outbox = new Outbox();
      const piece = add(outbox, "head,content", 5);
      const { rest, sent } = restAfter(taken, outbox, [[piece, 5]]);
      expect(rest.sources).toEqual([piece]);
      expect(sent).toBe("head,content".slice(taken));
    });

    test("of several heads, a part of the first, is what was there when it was taken", () => {
      const texts = ["one,1", "two,2", "three,3"];
      const whole = texts.join("");
      for (let taken = 0; taken < whole.length; taken++) {
        const outbox = new Outbox();
        const pieces = texts.map((text) => [add(outbox, text, text.length - 1), text.length - 1] as const);
        expect(restAfter(taken, outbox, pieces).sent).toBe(whole.slice(taken));
      }
    });

    test("that isn't taken the second time either stays what it was", () => {
      const outbox = new Outbox();
      const piece = add(outbox, "head,content", 5);
      outbox.flush(new Sink([1]));
      const first = outbox.takeRest();
      piece.fill("*", 1, 6);
      outbox.putBack(first);
      expect(outbox.flush(new Sink([1]))).toBe(FlushResult.Blocked);
      outbox.putBack(outbox.takeRest());
      const sink = new Sink();
      outbox.flush(sink);
      expect(sink.taken).toBe("ad,content");
    });
  });

  test("a client that is gone empties it", () => {
    const outbox = new Outbox();
    add(outbox, "x");
    expect(outbox.flush(new Sink([-1]))).toBe(FlushResult.Gone);
    expect(outbox.isEmpty).toBe(true);
  });
});

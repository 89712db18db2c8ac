import { describe, expect, test } from "bun:test";
import { FlushResult, Outbox, type OctetSink } from "../../src/worker/outbox.ts";

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

const add = (outbox: Outbox, text: string, transient = false) => {
  const octets = Buffer.from(`<${text}>`, "latin1");
  outbox.add(octets, 1, octets.length - 1, transient);
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

  test("a rest refers to what may be shared, and copies what is transient", () => {
    const outbox = new Outbox();
    const shared = add(outbox, "shared");
    const transient = add(outbox, "transient", true);
    expect(outbox.flush(new Sink([3]))).toBe(FlushResult.Blocked);
    const rest = outbox.takeRest();
    expect(rest.sources[0]).toBe(shared);
    transient.fill(0x2a);
    outbox.putBack(rest);
    const sink = new Sink();
    outbox.flush(sink);
    expect(sink.taken).toBe("redtransient");
  });

  test("a client that is gone empties it", () => {
    const outbox = new Outbox();
    add(outbox, "x");
    expect(outbox.flush(new Sink([-1]))).toBe(FlushResult.Gone);
    expect(outbox.isEmpty).toBe(true);
  });
});

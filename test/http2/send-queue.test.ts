import { describe, expect, test } from "bun:test";
import { type Sendable, SendQueue } from "../../src/http2/send-queue.ts";

/** `3u2i` is stream 3 with urgency 2, incremental; `s` is small. */
function stream(text: string): Sendable & { priority: number } {
  const [, id, urgency, marks] = /^(\d+)(?:u(\d))?([is]*)$/.exec(text)!;
  const isIncremental = marks!.includes("i");
  return {
    id: Number(id),
    priority: Number(urgency ?? 3) * 2 + (isIncremental ? 1 : 0),
    isSmall: marks!.includes("s"),
    lastTurn: 0,
    isQueued: false,
  };
}

/** Who has the turns, in the order of them. */
function turnsOf(queue: SendQueue<Sendable>, count: number): string {
  return Array.from({ length: count }, () => queue.next()!.id).join(" ");
}

function queueOf(...texts: string[]): { queue: SendQueue<Sendable>; streams: Sendable[] } {
  const queue = new SendQueue<Sendable>();
  const streams = texts.map(stream);
  for (const each of streams) queue.add(each);
  return { queue, streams };
}

describe("turns", () => {
  test.each([
    ["one after the other, in the order of streams", ["5", "1", "3"], "1 1 1"],
    ["those that are incremental, by turns", ["5i", "1i", "3i"], "1 3 5 1 3 5"],
    ["the lowest urgency alone", ["1u5", "3u0i", "5u0i", "7"], "3 5 3 5"],
    ["the first that isn't incremental is one of those that are", ["1", "3", "5i", "7i"], "5 7 1 5 7 1"],
    ["small ones first, in the order of streams", ["1", "3i", "7s", "5s"], "5 5 5"],
    ["small ones never before a lower urgency", ["1u1", "3s"], "1 1"],
  ])("%s", (_description, texts, expected) => {
    expect(turnsOf(queueOf(...texts).queue, expected.split(" ").length)).toBe(expected);
  });

  test("go on without who has finished, and with who has come", () => {
    const { queue, streams } = queueOf("1i", "3i", "5i");
    expect(turnsOf(queue, 2)).toBe("1 3");
    queue.remove(streams[0]!);
    queue.remove(streams[0]!);
    expect(turnsOf(queue, 3)).toBe("5 3 5");
    const late = stream("7i");
    queue.add(late);
    queue.add(late);
    expect(turnsOf(queue, 4)).toBe("7 3 5 7");
    for (const each of [...streams, late]) queue.remove(each);
    expect(queue.isEmpty).toBe(true);
    expect(queue.next()).toBe(null);
  });

  test("a priority may change between two of them", () => {
    const { queue, streams } = queueOf("1", "3");
    expect(turnsOf(queue, 1)).toBe("1");
    (streams[1] as { priority: number }).priority = 0;
    expect(turnsOf(queue, 1)).toBe("3");
  });

  test("no stream of an urgency that has its turn is left out for ever", () => {
    const { queue, streams } = queueOf(...Array.from({ length: 40 }, (_, index) => `${2 * index + 1}i`), "101", "103");
    const counts = new Map<number, number>();
    for (let turn = 0; turn < 41 * 10; turn++) {
      const { id } = queue.next()!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(streams.slice(0, 41).map(({ id }) => counts.get(id))).toEqual(streams.slice(0, 41).map(() => 10));
  });
});

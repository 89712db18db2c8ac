import { describe, expect, test } from "bun:test";
import { TimedNode, TimerWheel } from "../../src/worker/timer-wheel.ts";

class Node extends TimedNode {
  constructor(readonly name: string) {
    super();
  }
}

function makeWheel() {
  const expired: [number, string][] = [];
  const wheel: TimerWheel = new TimerWheel((node) => expired.push([wheel.tick, (node as Node).name]));
  const advance = (seconds: number) => {
    for (let second = 0; second < seconds; second++) wheel.advance();
  };
  return { wheel, expired, advance };
}

describe("TimerWheel", () => {
  test.each([0, 1, 2, 10, 65, 126, 127, 128, 129, 300, 1000])(
    "expires after %p seconds and at most one more",
    (seconds) => {
      const { wheel, expired, advance } = makeWheel();
      advance(7);
      wheel.setDeadline(new Node("a"), seconds);
      advance(2000);
      expect(expired).toEqual([[7 + seconds + 1, "a"]]);
    },
  );

  test("expires so many at a time, and the rest when it is told to go on, or in the next second", () => {
    const { wheel, expired } = makeWheel();
    for (const name of ["a", "b", "c", "d", "e"]) wheel.setDeadline(new Node(name), 0);
    expect(wheel.advance(2)).toBe(false);
    expect(expired.length).toBe(2);
    expect(wheel.proceed(2)).toBe(false);
    expect(expired.length).toBe(4);
    wheel.advance(2);
    expect(expired.length).toBe(5);
    expect(wheel.proceed(2)).toBe(true);
  });

  test("a node linked to a second whose list is not done yet waits for its own time", () => {
    const { wheel, expired, advance } = makeWheel();
    for (const name of ["a", "b"]) wheel.setDeadline(new Node(name), 0);
    wheel.advance(1);
    wheel.setDeadline(new Node("late"), 126);
    expect(wheel.proceed(9)).toBe(true);
    expect(expired.map(([, name]) => name).sort()).toEqual(["a", "b"]);
    advance(127);
    expect(expired.at(-1)).toEqual([128, "late"]);
  });

  test("a later deadline replaces an earlier one", () => {
    const { wheel, expired, advance } = makeWheel();
    const node = new Node("a");
    wheel.setDeadline(node, 3);
    advance(3);
    wheel.setDeadline(node, 10);
    advance(100);
    expect(expired).toEqual([[14, "a"]]);
  });

  test("an earlier deadline replaces a later one", () => {
    const { wheel, expired, advance } = makeWheel();
    const node = new Node("a");
    wheel.setDeadline(node, 500);
    wheel.setDeadline(node, 2);
    advance(1000);
    expect(expired).toEqual([[3, "a"]]);
  });

  test("a removed node never expires, and may be removed again", () => {
    const { wheel, expired, advance } = makeWheel();
    const nodes = ["a", "b", "c"].map((name) => new Node(name));
    for (const node of nodes) wheel.setDeadline(node, 5);
    wheel.remove(nodes[1]!);
    wheel.remove(nodes[1]!);
    advance(10);
    expect(expired.map(([, name]) => name).sort()).toEqual(["a", "c"]);
  });

  test("an expiring node may set a new deadline, and remove others of the same second", () => {
    const removed: Node[] = [];
    const names: string[] = [];
    const wheel: TimerWheel = new TimerWheel((node) => {
      names.push((node as Node).name);
      for (const other of removed) wheel.remove(other);
      if (names.length === 1) wheel.setDeadline(node, 1);
    });
    const [a, b, c] = [new Node("a"), new Node("b"), new Node("c")];
    for (const node of [a, b, c]) wheel.setDeadline(node, 0); // looked at in the order c, b, a
    removed.push(b);
    for (let second = 0; second < 10; second++) wheel.advance();
    expect(names).toEqual(["c", "a", "c"]);
  });

  test("agrees with a slow, obvious model over random steps", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const { wheel, expired } = makeWheel();
    const nodes = Array.from({ length: 40 }, (_, index) => new Node(`n${index}`));
    const model = new Map<Node, number>();
    const modelExpired: [number, string][] = [];
    for (let second = 1; second <= 3000; second++) {
      for (let change = 0; change < 5; change++) {
        const node = nodes[random(nodes.length)]!;
        const seconds = random(5) === 0 ? random(400) : random(20);
        if (random(6) === 0) {
          wheel.remove(node);
          model.delete(node);
        } else {
          wheel.setDeadline(node, seconds);
          model.set(node, wheel.tick + seconds + 1);
        }
      }
      wheel.advance();
      for (const [node, deadline] of model) {
        if (deadline > second) continue;
        modelExpired.push([second, node.name]);
        model.delete(node);
      }
    }
    const sorted = (rows: [number, string][]) => rows.map(([second, name]) => `${second} ${name}`).sort();
    expect(sorted(expired)).toEqual(sorted(modelExpired));
  });
});

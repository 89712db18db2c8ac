import { describe, expect, test } from "bun:test";
import { type Timed, TimerWheel } from "../../src/socket/timer-wheel.ts";
import { Seconds, WheelSecond } from "../../src/units.ts";

class Node implements Timed {
  deadline = WheelSecond(0);
  scheduled = -1;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;

  constructor(
    readonly name: string,
    private readonly onExpired: (node: Node) => void,
  ) {}

  expired(): void {
    this.onExpired(this);
  }
}

function makeWheel() {
  const expired: [number, string][] = [];
  const wheel = new TimerWheel();
  const node = (name: string) => new Node(name, () => expired.push([wheel.tick, name]));
  const advance = (seconds: number) => {
    for (let second = 0; second < seconds; second++) wheel.advance();
  };
  return { wheel, node, expired, advance };
}

describe("TimerWheel", () => {
  test.each([0, 1, 2, 10, 65, 126, 127, 128, 129, 300, 1000])(
    "expires after %p seconds and at most one more",
    (seconds) => {
      const { wheel, node, expired, advance } = makeWheel();
      advance(7);
      wheel.setDeadline(node("a"), Seconds(seconds));
      advance(2000);
      expect(expired).toEqual([[7 + seconds + 1, "a"]]);
    },
  );

  test("expires so many at a time, and the rest when it is told to go on, or in the next second", () => {
    const { wheel, node, expired } = makeWheel();
    for (const name of ["a", "b", "c", "d", "e"]) wheel.setDeadline(node(name), Seconds(0));
    expect(wheel.advance(2)).toBe(false);
    expect(expired.length).toBe(2);
    expect(wheel.proceed(2)).toBe(false);
    expect(expired.length).toBe(4);
    wheel.advance(2);
    expect(expired.length).toBe(5);
    expect(wheel.proceed(2)).toBe(true);
  });

  test("a node linked to a second whose list is not done yet waits for its own time", () => {
    const { wheel, node, expired, advance } = makeWheel();
    for (const name of ["a", "b"]) wheel.setDeadline(node(name), Seconds(0));
    wheel.advance(1);
    wheel.setDeadline(node("late"), Seconds(126));
    expect(wheel.proceed(9)).toBe(true);
    expect(expired.map(([, name]) => name).sort()).toEqual(["a", "b"]);
    advance(127);
    expect(expired.at(-1)).toEqual([128, "late"]);
  });

  test("a later deadline replaces an earlier one", () => {
    const { wheel, node, expired, advance } = makeWheel();
    const a = node("a");
    wheel.setDeadline(a, Seconds(3));
    advance(3);
    wheel.setDeadline(a, Seconds(10));
    advance(100);
    expect(expired).toEqual([[14, "a"]]);
  });

  test("an earlier deadline replaces a later one", () => {
    const { wheel, node, expired, advance } = makeWheel();
    const a = node("a");
    wheel.setDeadline(a, Seconds(500));
    wheel.setDeadline(a, Seconds(2));
    advance(1000);
    expect(expired).toEqual([[3, "a"]]);
  });

  test("a removed node never expires, and may be removed again", () => {
    const { wheel, node, expired, advance } = makeWheel();
    const nodes = ["a", "b", "c"].map((name) => node(name));
    for (const one of nodes) wheel.setDeadline(one, Seconds(5));
    wheel.remove(nodes[1]!);
    wheel.remove(nodes[1]!);
    advance(10);
    expect(expired.map(([, name]) => name).sort()).toEqual(["a", "c"]);
  });

  test("an expiring node may set a new deadline, and remove others of the same second", () => {
    const removed: Node[] = [];
    const names: string[] = [];
    const wheel = new TimerWheel();
    const expire = (node: Node): void => {
      names.push(node.name);
      for (const other of removed) wheel.remove(other);
      if (names.length === 1) wheel.setDeadline(node, Seconds(1));
    };
    const [a, b, c] = [new Node("a", expire), new Node("b", expire), new Node("c", expire)];
    for (const one of [a, b, c]) wheel.setDeadline(one, Seconds(0)); // looked at in the order c, b, a
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
    const { wheel, node, expired } = makeWheel();
    const nodes = Array.from({ length: 40 }, (_, index) => node(`n${index}`));
    const model = new Map<Node, number>();
    const modelExpired: [number, string][] = [];
    for (let second = 1; second <= 3000; second++) {
      for (let change = 0; change < 5; change++) {
        const one = nodes[random(nodes.length)]!;
        const seconds = random(5) === 0 ? random(400) : random(20);
        if (random(6) === 0) {
          wheel.remove(one);
          model.delete(one);
        } else {
          wheel.setDeadline(one, Seconds(seconds));
          model.set(one, wheel.tick + seconds + 1);
        }
      }
      wheel.advance();
      for (const [one, deadline] of model) {
        if (deadline > second) continue;
        modelExpired.push([second, one.name]);
        model.delete(one);
      }
    }
    const sorted = (rows: [number, string][]) => rows.map(([second, name]) => `${second} ${name}`).sort();
    expect(sorted(expired)).toEqual(sorted(modelExpired));
  });
});

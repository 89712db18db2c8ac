import { describe, expect, test } from "bun:test";
import { Lru, LruNode } from "../../src/cache/lru.ts";

class Node extends LruNode {
  constructor(
    readonly name: string,
    override cost: number,
  ) {
    super();
  }
}

function makeList(budget: number) {
  const evicted: string[] = [];
  const list = new Lru(budget, (node) => evicted.push((node as Node).name));
  return { list, evicted };
}

describe("Lru", () => {
  test("evicts the least recently used first, as many as it takes", () => {
    const { list, evicted } = makeList(10);
    const [a, b, c] = [new Node("a", 4), new Node("b", 3), new Node("c", 3)];
    for (const node of [a, b, c]) list.insert(node);
    list.touch(a);
    expect(list.insert(new Node("d", 6))).toBe(true);
    expect(evicted).toEqual(["b", "c"]);
    expect(list.total).toBe(10);
    expect(list.count).toBe(2);
  });

  test("refuses a node dearer than the whole budget and evicts nothing for it", () => {
    const { list, evicted } = makeList(10);
    list.insert(new Node("a", 10));
    expect(list.insert(new Node("b", 11))).toBe(false);
    expect(evicted).toEqual([]);
  });

  test("a budget of 0 takes nothing", () => {
    const { list } = makeList(0);
    expect(list.insert(new Node("a", 1))).toBe(false);
  });

  test("removing from the middle, the start and the end keeps the order", () => {
    const { list, evicted } = makeList(5);
    const nodes = ["a", "b", "c", "d", "e"].map((name) => new Node(name, 1));
    for (const node of nodes) list.insert(node);
    for (const index of [2, 0, 4]) list.remove(nodes[index]!);
    expect(list.total).toBe(2);
    list.insert(new Node("x", 5));
    expect(evicted).toEqual(["b", "d"]);
  });

  test("agrees with a slow, obvious model over random steps", () => {
    let seed = 20_261_120;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const { list, evicted } = makeList(50);
    let model: Node[] = []; // oldest first
    const modelEvicted: string[] = [];
    for (let stepCount = 0; stepCount < 20_000; stepCount++) {
      const chosen = model[random(Math.max(1, model.length))];
      const action = random(4);
      if (action === 0 && chosen !== undefined) {
        list.touch(chosen);
        model = [...model.filter((node) => node !== chosen), chosen];
      } else if (action === 1 && chosen !== undefined) {
        list.remove(chosen);
        model = model.filter((node) => node !== chosen);
      } else {
        const node = new Node(`n${stepCount}`, 1 + random(12));
        list.insert(node);
        while (model.reduce((sum, member) => sum + member.cost, 0) + node.cost > 50) {
          modelEvicted.push(model.shift()!.name);
        }
        model.push(node);
      }
      expect(list.count).toBe(model.length);
      list.check();
    }
    expect(evicted).toEqual(modelEvicted);
    expect(list.total).toBe(model.reduce((sum, node) => sum + node.cost, 0));
  });

  test("a cost that changes while it is charged, and a node that is a member already, are found out", () => {
    const { list } = makeList(10);
    const [a, b] = [new Node("a", 4), new Node("b", 3)];
    for (const node of [a, b]) list.insert(node);
    list.check();
    expect(() => list.insert(a)).toThrow("a node is a member of one list at most");
    a.cost = 5;
    expect(() => list.check()).toThrow("the total is the sum of the members' costs");
    a.cost = 4;
    list.remove(b);
    expect(() => list.remove(b)).toThrow("only a member is removed");
    list.check();
  });
});

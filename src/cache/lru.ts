/**
 * Least-recently-used order with a budget, as a list threaded through its own members.
 *
 * In:    nodes that carry their links and their cost; a budget in the same unit (octets, or a plain count).
 * Out:   `insert` calls `onEvict` for every node that had to leave, oldest first.
 * Keeps: every operation is O(1) and allocates nothing; the sum of the costs never exceeds the budget.
 */

import { assert } from "../assert.ts";

/** A member of at most one list. */
export abstract class LruNode {
  newer: LruNode | null = null;
  older: LruNode | null = null;
  list: Lru | null = null;
  /** What this node takes of the list's budget; set before it is inserted. */
  cost = 1;
}

export class Lru {
  private newest: LruNode | null = null;
  private oldest: LruNode | null = null;
  /** The sum of all members' costs. */
  total = 0;
  count = 0;

  constructor(
    private budget: number,
    private readonly onEvict: (node: LruNode) => void,
  ) {}

  /** Gives it another budget, evicting, oldest first, what no longer fits. */
  setBudget(budget: number): void {
    this.budget = budget;
    this.makeRoom(0);
  }

  /**
   * Adds a node as the newest, evicting the oldest as needed. A node that costs more than the whole budget is not taken: false.
   */
  insert(node: LruNode): boolean {
    assert(node.list === null, "a node is a member of one list at most");
    if (node.cost > this.budget) return false;
    this.makeRoom(node.cost);
    node.list = this;
    this.link(node);
    this.total += node.cost;
    this.count++;
    return true;
  }

  /** Makes a member the newest. */
  touch(node: LruNode): void {
    if (node === this.newest) return;
    this.unlink(node);
    this.link(node);
  }

  /** Takes a member out; `onEvict` is not called. */
  remove(node: LruNode): void {
    assert(node.list === this, "only a member is removed");
    this.unlink(node);
    node.list = null;
    this.total -= node.cost;
    this.count--;
  }

  /** Walks the whole list: that it holds together, and that the totals are those of its members. For tests. */
  check(): void {
    let total = 0;
    let count = 0;
    let newer: LruNode | null = null;
    for (let node = this.newest; node !== null; node = node.older) {
      assert(node.list === this, "a member knows its list");
      assert(node.newer === newer, "each member's newer one has it as its older one");
      total += node.cost;
      count++;
      newer = node;
    }
    assert(newer === this.oldest, "the list ends with the oldest");
    assert(count === this.count, "the count is that of the members");
    assert(total === this.total, "the total is the sum of the members' costs");
    assert(total <= this.budget, "the members fit the budget");
  }

  private makeRoom(cost: number): void {
    while (this.total + cost > this.budget) {
      const victim = this.oldest!;
      this.remove(victim);
      this.onEvict(victim);
    }
  }

  private link(node: LruNode): void {
    node.newer = null;
    node.older = this.newest;
    if (this.newest !== null) this.newest.newer = node;
    else this.oldest = node;
    this.newest = node;
  }

  private unlink(node: LruNode): void {
    if (node.newer !== null) node.newer.older = node.older;
    else this.newest = node.older;
    if (node.older !== null) node.older.newer = node.newer;
    else this.oldest = node.newer;
    node.newer = null;
    node.older = null;
  }
}

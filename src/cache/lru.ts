/**
 * Least-recently-used order with a budget, as a list threaded through its own members.
 *
 * In:    nodes that carry their links and their cost; a budget in the same unit (octets, or a plain count).
 * Out:   `insert` calls `onEvict` for every node that had to leave, oldest first.
 * Keeps: every operation is O(1) and allocates nothing; the sum of the costs never exceeds the budget.
 */

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
    this.unlink(node);
    node.list = null;
    this.total -= node.cost;
    this.count--;
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

/**
 * Connections that have sent, or read, for long enough: they go on when the others have had their turns.
 *
 * Keeps: one pass per turn of the event loop; an exception ends one connection.
 */
export interface TurnTaker {
  takeTurn(): void;
}

export class Turns {
  private waiting: TurnTaker[] = [];

  later(taker: TurnTaker): void {
    if (this.waiting.length === 0) setImmediate(() => this.take());
    this.waiting.push(taker);
  }

  private take(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const taker of waiting) taker.takeTurn();
  }
}

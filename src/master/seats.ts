/**
 * The seats, one for each of the `num_workers`, from 0.
 *
 * Keeps: a seat that stays is the same one, whatever their number becomes.
 */
import type { Served } from "./listeners.ts";
import { Seat } from "./seat.ts";

export class Seats {
  private readonly seats: Seat[] = [];

  get all(): readonly Seat[] {
    return this.seats;
  }

  /** Places whose worker accepts connections. */
  get served(): readonly Served[] {
    const seats = this.seats.filter((seat) => seat.isServed);
    return seats.map(({ index, worker }) => ({ index, generation: worker!.generation }));
  }

  get areAllServed(): boolean {
    return this.seats.every((seat) => seat.isServed);
  }

  /** Adds empty seats until there are `count`. */
  grow(count: number): void {
    while (this.seats.length < count) this.seats.push(new Seat(this.seats.length));
  }

  /** Takes those beyond `count` away. */
  cut(count: number): readonly Seat[] {
    return this.seats.splice(count);
  }

  cancelRestarts(): void {
    for (const seat of this.seats) seat.cancelRestart();
  }
}

/**
 * All connections of a worker: which are open, and which makes room for another.
 *
 * Keeps: the gauge of connections, and the ledger of descriptors (cache/open-file.ts), show what is here.
 */
import { noteConnections } from "../cache/open-file.ts";
import type { AcceptedConnection, ServedConnection } from "../serving/served-connection.ts";
import { OpenConnections } from "../socket/open-connections.ts";
import type { TimerWheel } from "../socket/timer-wheel.ts";
import type { WaitingList } from "../socket/waiting-list.ts";
import { Counter, Gauge } from "../stats/layout.ts";
import { ConnectionRoom } from "./connection-room.ts";

export class Crowd {
  readonly room: ConnectionRoom;
  private readonly open = new OpenConnections<ServedConnection>();

  /** `values`: of this worker's slot. */
  constructor(
    connectionsMax: number,
    descriptorLimit: number,
    private readonly wheel: TimerWheel,
    private readonly values: Float64Array,
  ) {
    this.room = new ConnectionRoom(connectionsMax, descriptorLimit);
  }

  get size(): number {
    return this.open.size;
  }

  /** Answered, and waiting for the next request. */
  get keptAlive(): WaitingList {
    return this.room.keptAlive;
  }

  /** Accepted, and nothing received yet. */
  get silent(): WaitingList {
    return this.room.silent;
  }

  /** Whether a client that is refused now can be given time to read the refusal. */
  private get hasTimeForGoodbye(): boolean {
    return this.room.allowsGoodbye(this.size);
  }

  private add(connection: ServedConnection): void {
    this.open.add(connection);
    this.values[Counter.ConnectionsAccepted]! += 1;
    this.noteCount();
  }

  delete(connection: ServedConnection): void {
    this.open.delete(connection);
    this.noteCount();
  }

  /** `visit` may delete the connection it is given. */
  forEach(visit: (connection: ServedConnection) => void): void {
    this.open.forEach(visit);
  }

  /** Lets a connection in that has just been accepted, unless its client is refused. `mayDisplace`: others give way if need be. */
  admit(connection: AcceptedConnection, mayDisplace: boolean): void {
    this.add(connection);
    try {
      if (!connection.opened(this.hasTimeForGoodbye) || !mayDisplace) return;
      // A client that isn't known yet displaces no other connection: it may be refused.
      if (connection.awaitsHeader && this.room.holdsUnknown(this.size)) return;
      this.makeRoomFor(connection);
    } catch (error) {
      connection.fail(error);
    }
  }

  /** Makes room for a connection, perhaps by closing an idle one; false when it was refused. */
  makeRoomFor(connection: ServedConnection): boolean {
    const { room, size, values } = this;
    if (room.holds(size)) return true;
    const waiting = room.takeLongestWaiting(this.wheel.tick);
    if (waiting !== null) {
      values[Counter.ConnectionsDisplaced]! += 1;
      waiting.giveWay();
      return true;
    }
    values[Counter.ConnectionsRejectedMax]! += 1;
    connection.reject(503, room.allowsGoodbye(size));
    return false;
  }

  private noteCount(): void {
    this.values[Gauge.ConnectionsActive] = this.size;
    noteConnections(this.size);
  }
}

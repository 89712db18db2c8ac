/** A socket that takes whatever it is given, and counts it: for benches of everything in front of the kernel. */
import type { Socket } from "bun";
import type { Connection } from "../../src/worker/connection.ts";

export class TakingSocket {
  octetsTaken = 0;
  readonly remoteAddress = "127.0.0.1";

  write(_octets: Buffer, _start: number, octetCount: number): number {
    this.octetsTaken += octetCount;
    return octetCount;
  }

  /** As what a connection takes it for. */
  get asSocket(): Socket<Connection> {
    return this as unknown as Socket<Connection>;
  }
}

/**
 * Where connections come in: the event loop's handlers for the listeners of one application.
 *
 * Keeps: one set of handlers serves all connections of a listener; each one's state is its `data`. An exception while one is
 *        served ends that connection and no other. Connections are reused, with their links.
 */
import type { Socket, SocketHandler } from "bun";
import { Client } from "../serving/client.ts";
import { H1Connection } from "../serving/h1-connection.ts";
import { Pool } from "../serving/pool.ts";
import { PlainLink } from "../socket/plain-link.ts";
import type { Service } from "./service.ts";

/** Connections kept for the next burst. */
const POOL_SIZE_MAX = 1024;

export class Reception {
  private readonly pool: Pool<PlainConnection>;

  /** `isAdmin`: for a listener where nothing but the admin endpoints is served. */
  constructor(
    private readonly service: Service,
    private readonly isAdmin: boolean,
  ) {
    const parts = service.partsFor(isAdmin);
    this.pool = new Pool(() => {
      const link = new PlainLink(service.transmitter);
      return { link, connection: new H1Connection(parts, link, new Client(parts, link)) };
    }, POOL_SIZE_MAX);
  }

  get handlers(): SocketHandler<PlainConnection, "buffer"> {
    const { log } = this.service;
    return {
      binaryType: "buffer",
      open: (socket) => this.accept(socket),
      data({ data: { connection } }, octets) {
        try {
          connection.received(octets);
        } catch (error) {
          connection.fail(error);
        }
      },
      drain({ data: { connection } }) {
        try {
          connection.writable();
        } catch (error) {
          connection.fail(error);
        }
      },
      end({ data: { connection } }) {
        try {
          connection.ended();
        } catch (error) {
          connection.fail(error);
        }
      },
      close: (socket) => this.forget(socket.data),
      error: (_socket, error) => log.debug(`socket: ${error.message}`),
    };
  }

  private accept(socket: Socket<PlainConnection>): void {
    const plain = this.pool.acquire();
    socket.data = plain;
    plain.link.attach(socket);
    this.service.crowd.admit(plain.connection, !this.isAdmin);
  }

  private forget(plain: PlainConnection): void {
    const { connection, link } = plain;
    this.service.crowd.delete(connection);
    link.detach();
    connection.closed();
    this.pool.release(plain);
  }
}

/** What the runtime's socket carries. */
export interface PlainConnection {
  readonly link: PlainLink;
  readonly connection: H1Connection;
}

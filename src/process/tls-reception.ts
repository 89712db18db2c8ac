/**
 * Where connections come in on a port of HTTPS: the event loop's handlers before TLS and with it.
 *
 *   the accepted socket   its octets go to the arrival (tls-arrival.ts), until it becomes a TLS socket; from then on they are records,
 *                         which the runtime still shows, and that are ignored
 *   the TLS socket        its octets go to whoever speaks the protocol that was agreed on
 *
 * Keeps: two sets of handlers serve all connections; each one's state is its `data`. An exception ends the connection that met it and
 *        no other. Arrivals are reused, with their links and connections.
 */
import type { Socket, SocketHandler } from "bun";
import type { ServedConnection } from "../serving/served-connection.ts";
import { Pool } from "../serving/pool.ts";
import type { TlsHandlers } from "../socket/runtime-socket.ts";
import { type ArrivalParts, TlsArrival } from "./tls-arrival.ts";
import type { Service } from "./service.ts";

/** Connections kept for the next burst. */
const POOL_SIZE_MAX = 1024;

/** What the runtime's socket carries; null: it has become a TLS socket. */
export type Accepted = TlsArrival | null;

export class TlsReception {
  private readonly pool: Pool<TlsArrival>;

  constructor(
    private readonly service: Service,
    parts: ArrivalParts,
  ) {
    const handlers = this.tlsHandlers();
    this.pool = new Pool(() => new TlsArrival(parts, handlers), POOL_SIZE_MAX);
  }

  /** For the listener. */
  get handlers(): SocketHandler<Accepted, "buffer"> {
    const { log } = this.service;
    return {
      binaryType: "buffer",
      open: (socket) => this.accept(socket),
      data(socket, octets) {
        const arrival = socket.data;
        if (arrival === null) return;
        try {
          arrival.received(octets);
        } catch (error) {
          arrival.fail(error);
        }
      },
      drain({ data: arrival }) {
        if (arrival !== null) guard(arrival, writable);
      },
      end({ data: arrival }) {
        if (arrival !== null) guard(arrival, ended);
      },
      close: ({ data: arrival }) => {
        if (arrival !== null) this.forget(arrival);
      },
      error: (_socket, error) => log.debug(`socket: ${error.message}`),
    };
  }

  private tlsHandlers(): TlsHandlers<TlsArrival> {
    const { log } = this.service;
    return {
      binaryType: "buffer",
      open: (socket) => socket.data.link.secure(socket),
      serverName: (arrival, name, socket) => arrival.chooseContext(name, socket),
      handshake(socket, isDone, error) {
        try {
          socket.data.shaken(socket, isDone, error);
        } catch (failure) {
          socket.data.fail(failure);
        }
      },
      data({ data: arrival }, octets) {
        const { served } = arrival;
        if (served === null) return;
        try {
          served.received(octets);
        } catch (error) {
          served.fail(error);
        }
      },
      drain({ data: { served } }) {
        if (served !== null) guard(served, writable);
      },
      end({ data: arrival }) {
        guard(arrival, ended);
      },
      close: (socket) => this.forget(socket.data),
      error: (_socket, error) => log.debug(`TLS: ${error.message}`),
    };
  }

  private accept(socket: Socket<Accepted>): void {
    const arrival = this.pool.acquire();
    socket.data = arrival;
    arrival.link.attach(socket);
    this.service.crowd.admit(arrival, true);
  }

  private forget(arrival: TlsArrival): void {
    this.service.crowd.delete(arrival);
    arrival.link.detach();
    arrival.closed();
    this.pool.release(arrival);
  }
}

const writable = (connection: ServedConnection): void => connection.writable();
const ended = (connection: ServedConnection): void => connection.ended();

function guard(connection: ServedConnection, event: (connection: ServedConnection) => void): void {
  try {
    event(connection);
  } catch (error) {
    connection.fail(error);
  }
}

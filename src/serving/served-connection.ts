/**
 * A connection as those around it see it, whatever it speaks: HTTP/1.1 (h1-connection.ts), HTTP/2, or nothing yet.
 *
 *   the event loop    received, writable, ended, closed      what happens to its link (socket/link.ts)
 *   the reception     begin, fail
 *   the crowd         giveWay, reject, its place
 *   the worker        drain
 *
 * One is made of the parts that all of its kind share, a link, and a client (client.ts). Both are given to it: with TLS they are
 * there before it is known what will be spoken.
 *
 * Keeps: objects are reused with their links and clients; `begin` resets all state. After `closed` nothing is called until the next
 *        `begin`. `closed` lets the client leave.
 */
import type { SocketOwner } from "../socket/link.ts";
import type { Placed } from "../socket/open-connections.ts";

/** Why a connection is refused before anything is read: there are too many, of this client (429) or of all (503). */
export type CrowdedStatus = 429 | 503;

export interface ServedConnection extends SocketOwner, Placed {
  /** The client has been admitted, and the link is ready for requests and responses. */
  begin(): void;
  /**
   * The server is going away: what is outstanding is answered; an idle client may ask once more for a while, if it is given one. Told
   * again, it takes no longer than either call allows.
   */
  drain(): void;
  /** Closes if it is idle, to make room for others. */
  giveWay(): void;
  /** Refuses right after `begin`. `hasTime`: the client may take its time to read why. */
  reject(status: CrowdedStatus, hasTime: boolean): void;
  /** A bug was met while this connection was served: it ends, and no other. */
  fail(error: unknown): void;
}

/** One on a link that has just been accepted, whose client has yet to be looked at. */
export interface AcceptedConnection extends ServedConnection {
  /**
   * A client has connected. False when it was refused. `hasTime`: if it is refused, it may take its time to read why.
   */
  opened(hasTime: boolean): boolean;
  /** Whether the client isn't known yet, because the PROXY protocol header has yet to arrive. */
  readonly awaitsHeader: boolean;
}

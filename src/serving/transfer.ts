/**
 * A response that doesn't leave in one write: it goes on each time the client takes more, or its source has more.
 *
 *   file-transfer.ts     a piece of a file, or several
 *   source-transfer.ts   content that is made while it is sent
 *
 * Units: octets.
 */
import type { Link } from "../socket/link.ts";
import type { ExchangeRecord } from "./exchange-record.ts";

export enum TransferResult {
  Done,
  /** The client takes no more for now; `writable` will come. */
  Blocked,
  /** Others are waiting; call again in the next turn of the event loop. */
  TurnOver,
  /** The source has nothing for now. */
  Waiting,
  /** The rest can't be given: only the end of the connection can tell the client (RFC 9112 §8). */
  Failed,
  /** The client is gone. */
  Gone,
}

export interface Transfer {
  /** The exchange whose response it sends. */
  record: ExchangeRecord | null;
  /** Octets that the last `pump` has sent. */
  readonly moved: number;
  /** Sends what the link takes. */
  pump(link: Link): TransferResult;
  /** Lets go of what it holds. */
  end(): void;
}

/** How much one connection may send before the others get their turn. */
export const TURN_OCTETS: number = 1024 * 1024;

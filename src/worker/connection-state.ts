/**
 * The life of a connection, and every step it may take.
 *
 *   Idle         accepted; nothing received yet
 *   Reading      a part of a request has arrived
 *   Processing   a whole request has arrived; its reply is being made (at once from the cache, or by the slow path)
 *   Writing      the reply is on its way; the client is slower than the server
 *   KeepAlive    everything asked for has been answered; the next request may come (RFC 9112 §9.3)
 *   Closing      nothing more will be answered: the server's side is closed, what still arrives is discarded (RFC 9112 §9.6)
 *
 * A pipelined request that waits behind another (RFC 9112 §9.3.2) has no state of its own: it is octets not yet parsed.
 */

export enum ConnectionState {
  Idle,
  Reading,
  Processing,
  Writing,
  KeepAlive,
  Closing,
}

/** The legal steps from each state. Any other step is a bug. */
export const CONNECTION_NEXT: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  [ConnectionState.Idle]: [ConnectionState.Reading, ConnectionState.Processing, ConnectionState.Closing],
  [ConnectionState.Reading]: [
    ConnectionState.Processing,
    ConnectionState.Writing, // 100 Continue (RFC 9110 §15.2.1), to a client that doesn't read
    ConnectionState.KeepAlive, // only an empty line arrived (RFC 9112 §2.2)
    ConnectionState.Closing,
  ],
  [ConnectionState.Processing]: [
    ConnectionState.Reading, // answered at once; the next pipelined request is incomplete
    ConnectionState.Writing,
    ConnectionState.KeepAlive,
    ConnectionState.Closing,
  ],
  [ConnectionState.Writing]: [
    ConnectionState.Reading,
    ConnectionState.Processing,
    ConnectionState.KeepAlive,
    ConnectionState.Closing,
  ],
  [ConnectionState.KeepAlive]: [ConnectionState.Reading, ConnectionState.Processing, ConnectionState.Closing],
  [ConnectionState.Closing]: [],
};

/** The table as bits, for the one check that every step makes. */
const NEXT_BITS = Uint8Array.from(
  Object.values(ConnectionState).filter((state) => typeof state === "number"),
  (state) => CONNECTION_NEXT[state].reduce((bits, next) => bits | (1 << next), 0),
);

/** Whether a connection may go from one state to another, or stay. */
export function isStep(from: ConnectionState, to: ConnectionState): boolean {
  return from === to || (NEXT_BITS[from]! & (1 << to)) !== 0;
}

/**
 * What a client under whose load a server was says of a run, whichever client it is.
 *
 * Units: microseconds; octets; shares of a core.
 */
export interface LoadRun {
  /** Whole responses, whatever their status. */
  responses: number;
  /** Received for them; wrk counts heads, too. */
  octets: number;
  microseconds: number;
  /** 0: this client can't tell. */
  p50Microseconds: number;
  p99Microseconds: number;
  /** Requests that came to nothing: not connected, cut off, reset, timed out. */
  failed: number;
  /** Responses with another status than the workload expects. */
  unexpected: number;
  /** CPU time of the client / wall time; close to 1, the client was the limit, not the server. */
  clientBusy: number;
}

/** A server's load, checked and ready to be run as often as wanted. */
export interface Load {
  run(seconds: number): Promise<LoadRun>;
}

/**
 * What an ACME client needs of the world: a way to exchange one request for one response, and a clock.
 *
 * Keeps: values and functions, so that a whole issuance runs against an authority that is a function.
 */

export interface AcmeRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  /** What is posted, as application/jose+json; null for none. */
  readonly content: string | null;
}

export interface AcmeResponse {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  readonly content: string;
}

/** Rejects with an AcmeError of kind `unreachable` when there is no response. */
export type Transport = (request: AcmeRequest) => Promise<AcmeResponse>;

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const REAL_CLOCK: Clock = { now: Date.now, sleep: (ms) => Bun.sleep(ms) };

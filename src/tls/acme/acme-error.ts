/**
 * Why an authority didn't do what it was asked, in one line, and when it may be asked again.
 *
 * Kinds: unreachable   no answer, or none in time: it is down, slow, or the network is
 *        garbled       an answer that RFC 8555 doesn't know
 *        refused       a problem document: what was asked isn't possible, now or ever
 *        unproven      names whose control couldn't be proven
 *        local         something of this machine's: the storage, a hook, a file
 */

export type AcmeErrorKind = "unreachable" | "garbled" | "refused" | "unproven" | "local";

interface Details {
  /** The problem's type without its prefix: `rateLimited` (RFC 8555 §6.7). */
  readonly type?: string;
  /** Not before this time, ms since 1970. */
  readonly retryAtMs?: number | null;
  /** Names whose validation has failed. */
  readonly names?: readonly string[];
  readonly cause?: unknown;
}

export class AcmeError extends Error {
  override readonly name = "AcmeError";
  readonly type: string | null;
  readonly retryAtMs: number | null;
  readonly names: readonly string[];

  constructor(
    readonly kind: AcmeErrorKind,
    line: string,
    { type, retryAtMs = null, names = [], cause }: Details = {},
  ) {
    super(line, { cause });
    this.type = type ?? null;
    this.retryAtMs = retryAtMs;
    this.names = names;
  }
}

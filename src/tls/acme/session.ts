/**
 * A conversation with an authority: its directory, signed requests with a nonce each, and what its answers mean
 * (RFC 8555 §6).
 *
 * In:    a transport, the directory's address, the account's key.
 * Out:   responses with a status of success; anything else is an AcmeError that says why in one line.
 * Keeps: a nonce is used once (§6.5). A request that was refused for its nonce is sent again with the one in the refusal, which is
 *        a fresh one; it hasn't been acted upon.
 */
import type { AccountKey } from "./account-key.ts";
import { AcmeError } from "./acme-error.ts";
import { type Directory, readDirectory } from "./directory.ts";
import { signJws } from "./jws.ts";
import { clean, readProblem } from "./problem.ts";
import { garbled, parseResource } from "./resource.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { AcmeResponse, Clock, Transport } from "./transport.ts";

/** An authority that refuses every other nonce still gets what it wants. */
const NONCE_ATTEMPTS = 12;

export interface SessionParts {
  readonly transport: Transport;
  readonly directoryUrl: string;
  readonly key: AccountKey;
  readonly clock: Clock;
}

export class AcmeSession {
  /** The account's address, by which it signs once it has one (`kid`, §6.2). */
  account: string | null = null;
  private known: Directory | null = null;
  private nonce: string | null = null;

  constructor(readonly parts: SessionParts) {}

  get key(): AccountKey {
    return this.parts.key;
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  /** Asked for once. */
  async directory(): Promise<Directory> {
    if (this.known === null) {
      const { directoryUrl } = this.parts;
      const response = await this.get(directoryUrl);
      this.known = readDirectory(parseResource("the directory", response));
    }
    return this.known;
  }

  /** Without a signature: the directory, and when to renew. */
  async get(url: string): Promise<AcmeResponse> {
    const response = await this.parts.transport({ method: "GET", url, content: null });
    if (isGood(response)) return response;
    throw this.refusal(url, response);
  }

  /** `payload` null reads a resource (POST-as-GET, §6.3). */
  async post(url: string, payload: object | null): Promise<AcmeResponse> {
    for (let attempt = 1; ; attempt++) {
      const nonce = await this.takeNonce();
      const content = JSON.stringify(await signJws(this.key, { ...this.signer(), nonce, url }, payload));
      const response = await this.parts.transport({ method: "POST", url, content });
      this.nonce = nonceOf(response);
      if (isGood(response)) return response;
      const refusal = this.refusal(url, response);
      if (refusal.type !== "badNonce" || attempt === NONCE_ATTEMPTS) throw refusal;
    }
  }

  private signer(): object {
    return this.account === null ? { jwk: this.key.jwk } : { kid: this.account };
  }

  private async takeNonce(): Promise<string> {
    const { nonce } = this;
    this.nonce = null;
    if (nonce !== null) return nonce;
    const { newNonce: url } = await this.directory();
    const response = await this.parts.transport({ method: "HEAD", url, content: null });
    if (!isGood(response)) throw this.refusal(url, response);
    const fresh = nonceOf(response);
    if (fresh === null) throw garbled("a new nonce was asked for, and none came");
    return fresh;
  }

  private refusal(url: string, response: AcmeResponse): AcmeError {
    const { status, content, headers } = response;
    const retryAtMs = retryAfterMs(headers.get("Retry-After"), this.clock.now());
    const where = new URL(url).host;
    if (!headers.get("Content-Type")?.toLowerCase().startsWith("application/problem+json")) {
      const location = headers.get("Location");
      const leads = status >= 300 && status < 400 && location !== null ? ` and leads to ${clean(location)}` : "";
      return new AcmeError(
        status >= 500 || status === 429 ? "unreachable" : "garbled",
        `${where} answers ${status}${leads}`,
        {
          retryAtMs,
        },
      );
    }
    const { type, line } = readProblem(parseProblem(content));
    return new AcmeError(status >= 500 ? "unreachable" : "refused", `${where} answers ${status}, ${line}`, {
      type,
      retryAtMs,
    });
  }
}

function isGood({ status }: AcmeResponse): boolean {
  return status >= 200 && status < 300;
}

/** RFC 8555 §6.5.1: base64url; what isn't must be ignored. */
function nonceOf({ headers }: AcmeResponse): string | null {
  const nonce = headers.get("Replay-Nonce");
  return nonce !== null && /^[\w-]+$/.test(nonce) ? nonce : null;
}

function parseProblem(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

/**
 * What a client has agreed on in a TLS handshake, for its requests: which hosts they may be for, and what the log says.
 *
 * Keeps: requests are mostly for one host: the verdict about it is kept, and found again by a comparison of octets. Clients that agree on
 *        the same in a row share an object: they are told apart by nothing.
 */
import type { RequestHead } from "../http/request-head.ts";
import { textOf } from "../http/octets.ts";
import type { LoggedTls } from "../log/logged-request.ts";
import { encodeTls } from "../log/tls-members.ts";
import type { Security } from "../serving/security.ts";
import type { ConnectionIdentity, HostContexts, TlsContext } from "../tls/host-contexts.ts";

class SecuredClient implements Security, ConnectionIdentity {
  /** The host that was asked for last, as it was sent, and whether it may be. */
  private host = "";
  private isAdmitted = true;

  /** `serverName`: as the client sent it; null: it named nobody. `context`: of its handshake. */
  constructor(
    private readonly contexts: HostContexts,
    readonly context: TlsContext,
    readonly serverName: string | null,
    readonly logged: LoggedTls | null,
  ) {}

  admits({ authorityStart, bytes, hostEnd }: RequestHead): boolean {
    if (authorityStart < 0 || authorityStart === hostEnd) return true; // for nobody in particular: whoever answers on this connection
    if (!isText(this.host, bytes, authorityStart, hostEnd)) {
      this.host = textOf(bytes, authorityStart, hostEnd);
      this.isAdmitted = this.contexts.admits(this, this.host);
    }
    return this.isAdmitted;
  }
}

/** What a handshake has come to, as far as the log tells of it. */
export interface Agreed {
  /** As the runtime says it: "TLSv1.3". */
  readonly version: string;
  readonly suite: string;
  readonly isResumed: boolean;
}

export class SecuredClients {
  private last: SecuredClient | null = null;
  private lastAgreed: Agreed | null = null;

  constructor(private readonly contexts: HostContexts) {}

  /** `agreed`: null where the log doesn't tell. */
  of(context: TlsContext, serverName: string | null, agreed: Agreed | null): SecuredClient {
    const { last, lastAgreed } = this;
    const isSameHost = last !== null && last.context === context && last.serverName === serverName;
    if (isSameHost && isSame(agreed, lastAgreed)) return last;
    const logged = agreed === null ? null : loggedTls(agreed, serverName);
    this.lastAgreed = agreed;
    return (this.last = new SecuredClient(this.contexts, context, serverName, logged));
  }
}

function loggedTls({ isResumed, suite, version }: Agreed, serverName: string | null): LoggedTls {
  return { json: encodeTls(version.replace(/^TLSv/, ""), suite, serverName, isResumed) };
}

function isSame(one: Agreed | null, other: Agreed | null): boolean {
  if (one === null || other === null) return one === other;
  return one.version === other.version && one.suite === other.suite && one.isResumed === other.isResumed;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

/**
 * What a client has agreed on in a TLS handshake, for its requests: which hosts they may be for, and what the log says.
 *
 * Keeps: a connection's requests are mostly for one host: its verdict is kept, and found again by a comparison of octets.
 */
import type { RequestHead } from "../http/request-head.ts";
import { textOf } from "../http/octets.ts";
import type { LoggedTls } from "../log/logged-request.ts";
import { encodeTls } from "../log/tls-members.ts";
import type { Security } from "../serving/security.ts";
import type { ConnectionIdentity, HostContexts, TlsContext } from "../tls/host-contexts.ts";

export class SecuredClient implements Security, ConnectionIdentity {
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

/** `version`: as the runtime says it, "TLSv1.3". */
export function loggedTls(version: string, suite: string, serverName: string | null, isResumed: boolean): LoggedTls {
  return { json: encodeTls(version.replace(/^TLSv/, ""), suite, serverName, isResumed) };
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

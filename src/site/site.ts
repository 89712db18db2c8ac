/**
 * Everything that is served from files, as an application: the virtual hosts, and the choice of the one a request is for (RFC 9110
 * §7.2, §7.4). What the cache knows is answered at once, everything else by a lookup (lookup.ts).
 *
 * Keeps: with one host only the path is examined. A request without a host (HTTP/1.0) is for the default one. Content of requests
 *        is read and dropped: there is nothing that a file server could do with it.
 */
import { determineAuthority } from "../http/host.ts";
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import { HeadPhase, type RequestHead } from "../http/request-head.ts";
import { type Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { isAnswered } from "./answered-methods.ts";
import type { HostTable } from "./host-table.ts";
import { Lookup, type LookupSite, type LookupWork } from "./lookup.ts";
import type { VirtualHost } from "./virtual-host.ts";

export class Site implements Application, LookupSite {
  /**
   * @param table the hosts by name; null when there is only the default one
   * @param unknownStatus the status for hosts that the table doesn't know; null: they get the default host
   * @param work what its lookups share
   */
  constructor(
    readonly defaultHost: VirtualHost,
    private readonly table: HostTable<VirtualHost> | null,
    private readonly unknownStatus: number | null,
    readonly work: LookupWork,
  ) {}

  /**
   * Admin endpoints are served under any host name, so a request for an unknown host is refused by `answer`, when it is known that
   * its path isn't one.
   */
  respond(request: RequestHead, nowMs: number): Reply | null {
    const isPlain = this.table === null && this.unknownStatus === null;
    const host = isPlain ? this.defaultHost : this.hostOf(request);
    if (host !== null) return host.respond(request, nowMs);
    return this.canonicalPathOf(request) === null ? this.unknownHost(request) : null;
  }

  answer(exchange: Exchange): void {
    new Lookup(this, exchange).start();
  }

  contentWish({ method }: RequestHead): ContentWish {
    return isAnswered(method) ? ContentWish.Discard : ContentWish.Decline;
  }

  /** A preflight is always answered: scripts would not see why it isn't (Fetch standard §4.8). */
  exemptionOf(request: RequestHead): Exemption {
    const isExempt = request.method === Method.Options && this.hostOf(request)?.answersPreflight(request) === true;
    return isExempt ? Exemption.Everybody : Exemption.Nobody;
  }

  /**
   * The reply that refuses a request: while it is being read (then its head holds what was read before), or in place of the
   * answer. Of its host, so that scripts of other origins can read it as far as they could read the answer.
   */
  refusal(status: number, request: RequestHead): Reply {
    return this.hostNamedIn(request).refusal(status, request);
  }

  /** The same for a client that asks too often: see ErrorReplies. */
  tooManyRequests(seconds: number, isBrief: boolean, request: RequestHead): Reply {
    return this.hostNamedIn(request).tooManyRequests(seconds, isBrief, request);
  }

  /** The one spelling of the path that a GET or HEAD asks for; null where there is no valid one. */
  canonicalPathOf(request: RequestHead): string | null {
    return (this.hostOf(request) ?? this.defaultHost).canonicalPathOf(request);
  }

  /** The host a request is for; null where it is refused. */
  hostOf(request: RequestHead): VirtualHost | null {
    const { table, defaultHost, unknownStatus } = this;
    if (request.authorityEnd <= request.authorityStart) return defaultHost;
    const host = table === null ? null : table.of(request);
    return host === null && unknownStatus === null ? defaultHost : host;
  }

  unknownHost(request: RequestHead): Reply {
    return this.defaultHost.refusal(this.unknownStatus!, request);
  }

  /** The host a request names, if it has come so far and there is one; the default host otherwise. */
  private hostNamedIn(request: RequestHead): VirtualHost {
    if (this.table === null) return this.defaultHost;
    if (request.phase === HeadPhase.Failed && request.authorityStart < 0) determineAuthority(request);
    return this.hostOf(request) ?? this.defaultHost;
  }
}

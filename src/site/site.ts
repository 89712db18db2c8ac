/**
 * Everything that is served: the virtual hosts, and the choice of the one a request is for (RFC 9110 §7.2, §7.4).
 *
 * In:    a request head. Out: the reply of its host, or null and `missing`: what has to be loaded first.
 * Keeps: with one host only the path is examined. A request without a host (HTTP/1.0) is for the default one.
 */
import { determineAuthority } from "../http/host.ts";
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import { HeadPhase, type RequestHead } from "../http/request-head.ts";
import type { Forward } from "./cache-field.ts";
import type { Entry } from "./entry.ts";
import type { HostTable } from "./host-table.ts";
import { cacheKeyOf, type RequestPath } from "./request-path.ts";
import { authorizationOf } from "./request-text.ts";
import type { VirtualHost, WantedVariant } from "./virtual-host.ts";

/** What has to be found out or made before a request can be answered. */
export interface Missing {
  readonly host: VirtualHost;
  /** The cache key of the answer. */
  readonly key: string;
  /** The canonical path that is asked for. */
  readonly canonicalPath: string;
  /** The path, where the cache doesn't know it. */
  readonly path: RequestPath | null;
  /** A representation of what the cache knows; null where the path has to be loaded first. */
  readonly variant: WantedVariant | null;
  /** No configured host is meant: nothing is loaded, and this is the answer, unless the path is an admin endpoint. */
  readonly refusal: Reply | null;
  /** Why the cache has no answer. */
  readonly forward: Forward;
  /** The value of Authorization where guards ask for it: requests with different credentials don't share a load. */
  readonly authorization: string;
  /** All guards have admitted the client. */
  isAuthorised: boolean;
}

export class Site {
  /** After `respond` returned null: what has to be loaded. */
  missing: Missing | null = null;

  /**
   * @param table the hosts by name; null when there is only the default one
   * @param unknownStatus the status for hosts that the table doesn't know; null: they get the default host
   */
  constructor(
    readonly defaultHost: VirtualHost,
    private readonly table: HostTable<VirtualHost> | null,
    private readonly unknownStatus: number | null,
  ) {}

  /** The reply to a request whose path is known, or null. `nowMs`: the monotonic clock. */
  respond(head: RequestHead, nowMs: number): Reply | null {
    const host = this.table === null && this.unknownStatus === null ? this.defaultHost : this.hostOf(head);
    if (host === null) return this.refuse(head);
    const reply = host.respond(head, nowMs);
    if (reply === null) this.missing = missingOf(host, head);
    return reply;
  }

  /** Whether a representation that is missing can be made at once; if not, take `replyUncoded`. */
  canMake({ host, variant }: Missing): boolean {
    return host.canMake(variant!);
  }

  /**
   * Loads or makes what `respond` found missing, off the event loop. Calls back exactly once, with an entry to reply from,
   * and to release afterwards; `isSettled` is false where only `replyUncoded` will do.
   */
  load(missing: Missing, done: (entry: Entry, isSettled: boolean) => void): void {
    const { host, path, variant } = missing;
    if (variant !== null) host.make(variant, done);
    else host.load(path!, missing, (entry) => done(entry, true));
  }

  /** The reply to a request for which `load` has called back; or null, and then `missing` is what comes next. */
  replyToMiss(missing: Missing, entry: Entry, isSettled: boolean, head: RequestHead): Reply | null {
    if (!isSettled) return this.replyUncoded(missing, head);
    const { host, variant } = missing;
    const reply = variant === null ? host.replyToMiss(entry, head, missing) : host.replyToMade(variant, head, missing);
    if (reply === null) this.missing = missingOf(host, head);
    return reply;
  }

  /** The reply without the representation that is missing. */
  replyUncoded(missing: Missing, head: RequestHead): Reply {
    return missing.host.replyUncoded(missing.variant!, head, missing);
  }

  /**
   * The reply that refuses a request: while it is being read (then its head holds what was read before), or in place of the
   * answer. Of its host, so that scripts of other origins can read it as far as they could read the answer.
   */
  refusal(head: RequestHead, status: number): Reply {
    return this.hostNamedIn(head).refusal(head, status);
  }

  /** The same for a client that asks too often: see ErrorReplies. */
  tooManyRequests(head: RequestHead, seconds: number, isBrief: boolean): Reply {
    return this.hostNamedIn(head).tooManyRequests(head, seconds, isBrief);
  }

  /** Whether `respond` answers a request as a CORS preflight. */
  answersPreflight(head: RequestHead): boolean {
    return head.method === Method.Options && this.hostOf(head)?.answersPreflight(head) === true;
  }

  /** The one spelling of the path that a GET or HEAD asks for; null where there is no valid one. */
  canonicalPathOf(head: RequestHead): string | null {
    return (this.hostOf(head) ?? this.defaultHost).pathOf(head)?.key ?? null;
  }

  /** The host a request names, if it has come so far and there is one; the default host otherwise. */
  private hostNamedIn(head: RequestHead): VirtualHost {
    if (this.table === null) return this.defaultHost;
    if (head.phase === HeadPhase.Failed && head.authorityStart < 0) determineAuthority(head);
    return this.hostOf(head) ?? this.defaultHost;
  }

  /** The host a request is for; null where it is refused. */
  private hostOf(head: RequestHead): VirtualHost | null {
    const { table, defaultHost, unknownStatus } = this;
    if (head.authorityEnd <= head.authorityStart) return defaultHost;
    const host = table === null ? null : table.of(head);
    return host === null && unknownStatus === null ? defaultHost : host;
  }

  /** Admin endpoints are served under any host name, so the refusal waits until it is known that the path isn't one. */
  private refuse(head: RequestHead): Reply | null {
    const { defaultHost } = this;
    const refusal = defaultHost.refusal(head, this.unknownStatus!);
    const path = defaultHost.pathOf(head);
    if (path === null) return refusal;
    this.missing = {
      host: defaultHost,
      key: path.key,
      canonicalPath: path.key,
      path,
      variant: null,
      refusal,
      forward: "uri-miss",
      authorization: "",
      isAuthorised: false,
    };
    return null;
  }
}

function missingOf(host: VirtualHost, head: RequestHead): Missing {
  const { missing: path, wanted: variant } = host;
  const authorization = host.hasGuards ? authorizationOf(head) : "";
  return {
    host,
    key: path === null ? variant!.entry.key : cacheKeyOf(path),
    canonicalPath: path === null ? "" : path.key,
    path,
    variant,
    refusal: null,
    forward: host.forward,
    authorization,
    isAuthorised: false,
  };
}

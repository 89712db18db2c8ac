/**
 * All that is served: the virtual hosts, and which of them a request is for (RFC 9110 §7.2, §7.4).
 *
 * In:    a request head. Out: the reply of its host, or null and `missing`: what has to be loaded first.
 * Keeps: with one host nothing is looked at but the path. A request without a host (HTTP/1.0) is for the default one.
 */
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { LoadDone } from "./file-loader.ts";
import type { Entry } from "./entry.ts";
import type { HostTable } from "./host-table.ts";
import type { RequestPath } from "./request-path.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** A path of a host that the cache doesn't know. */
export interface Missing {
  readonly host: VirtualHost;
  readonly path: RequestPath;
  /** No host of ours is meant: nothing is loaded, and this is the answer, unless an admin endpoint is. */
  readonly refusal: Reply | null;
}

export class Site {
  /** After `respond` returned null: what has to be loaded. */
  missing: Missing | null = null;

  /**
   * @param table the hosts by name; null when there is only the default one
   * @param unknownStatus what a host is answered that the table doesn't know; null: it gets the default one
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
    if (reply === null) this.missing = { host, path: host.missing!, refusal: null };
    return reply;
  }

  /** Looks at the file system for what `respond` found missing. Calls back exactly once, with an entry to reply from. */
  load(missing: Missing, done: LoadDone): void {
    missing.host.load(missing.path, done);
  }

  /** The reply to a request whose path has just been loaded. */
  replyToMiss(missing: Missing, entry: Entry, head: RequestHead): Reply {
    return missing.host.replyToMiss(entry, head);
  }

  /** The host a request is for; null where it is refused. */
  private hostOf(head: RequestHead): VirtualHost | null {
    const { table, defaultHost, unknownStatus } = this;
    if (head.authorityEnd <= head.authorityStart) return defaultHost;
    const host = table === null ? null : table.of(head);
    return host === null && unknownStatus === null ? defaultHost : host;
  }

  /** An admin endpoint is for whoever asks, by whatever name: so the refusal waits until that is known. */
  private refuse(head: RequestHead): Reply | null {
    const { defaultHost } = this;
    const refusal = defaultHost.refusal(this.unknownStatus!, head.method === Method.Head);
    const path = defaultHost.pathOf(head);
    if (path === null) return refusal;
    this.missing = { host: defaultHost, path, refusal };
    return null;
  }
}

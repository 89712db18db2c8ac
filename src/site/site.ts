/**
 * All that is served: the virtual hosts, and which of them a request is for (RFC 9110 §7.2, §7.4).
 *
 * In:    a request head. Out: the reply of its host, or null and `missing`: what has to be loaded first.
 * Keeps: with one host nothing is looked at but the path.
 */
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { LoadDone } from "./file-loader.ts";
import type { Entry } from "./entry.ts";
import type { RequestPath } from "./request-path.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** A path of a host that the cache doesn't know. */
export interface Missing {
  readonly host: VirtualHost;
  readonly path: RequestPath;
}

export class Site {
  /** After `respond` returned null: what has to be loaded. */
  missing: Missing | null = null;

  constructor(private readonly defaultHost: VirtualHost) {}

  /** The reply to a request whose path is known, or null. `nowMs`: the monotonic clock. */
  respond(head: RequestHead, nowMs: number): Reply | null {
    const host = this.defaultHost;
    const reply = host.respond(head, nowMs);
    if (reply === null) this.missing = { host, path: host.missing! };
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
}

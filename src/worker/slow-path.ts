/**
 * The slow path: requests whose reply can't be made at once wait here for the file system or the admin application.
 *
 *   a path not in the cache   takes one of `threads_per_worker` places, or waits in the ring of `queue_size`
 *   a coded representation    takes a place if one is free; if not, the file is sent as it is, without waiting
 *   an admin endpoint         bypasses both: the server can be inspected when it is full
 *
 * In:    an exchange that waits. Out: `owner.resume(exchange, reply)`, once, unless its connection went away.
 * Keeps: requests for one path that arrive while it is being loaded share one load (with the cache on).
 */
import { textOf } from "../http/octets.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Entry } from "../site/entry.ts";
import type { ErrorReplies } from "../site/error-replies.ts";
import type { Missing, Site } from "../site/site.ts";
import { Counter, Gauge } from "../stats/layout.ts";
import type { Slot } from "../stats/slot.ts";
import { Method } from "../http/method.ts";
import type { AdminEndpoint } from "./admin-endpoint.ts";
import { Admission, type Task } from "./admission.ts";
import type { Exchange } from "./exchange.ts";

/** Rejections between two lines in the log. */
const REJECTIONS_PER_LOG_LINE = 100;

export interface SlowPathParts {
  readonly site: Site;
  readonly admin: AdminEndpoint;
  readonly errors: ErrorReplies;
  readonly slot: Slot;
  readonly log: ErrorLog;
  /** Whether requests for one path share one load: not with the cache off, where each is a load of its own. */
  readonly sharesLoads: boolean;
  /** The cache has changed. */
  readonly onLoaded: () => void;
}

export class SlowPath {
  private readonly admission: Admission;
  private readonly loads = new Map<string, Load>();
  private rejections = 0;

  constructor(
    readonly parts: SlowPathParts,
    places: number,
    queueSize: number,
  ) {
    this.admission = new Admission(places, queueSize);
  }

  /** Takes the request, or returns the reply that refuses it. `adminOnly`: nothing but the admin endpoints exists. */
  request(exchange: Exchange, adminOnly: boolean): Reply | null {
    const { admin, errors, site } = this.parts;
    const headOnly = exchange.head.method === Method.Head;
    if (exchange.head.method === Method.Unknown) return errors.of(501, false, exchange.head);
    if (adminOnly || admin.isOnMain) {
      const path = this.pathOf(exchange.head, adminOnly);
      if (admin.handles(path)) {
        admin.answer(exchange, path);
        return null;
      }
      if (adminOnly) return errors.of(404, headOnly, exchange.head);
    }
    const missing = site.missing!;
    if (missing.refusal !== null) return missing.refusal;
    if (this.load(missing, exchange)) return null;
    return missing.variant === null ? site.refusal(exchange.head, 503) : site.replyUncoded(missing, exchange.head);
  }

  /** Whether the request that the site had no reply for asks for an admin endpoint. */
  asksForEndpoint(head: RequestHead, adminOnly: boolean): boolean {
    const { admin } = this.parts;
    if (head.method === Method.Unknown) return false;
    return (adminOnly || admin.isOnMain) && admin.handles(this.pathOf(head, adminOnly));
  }

  /** The path that an endpoint would have. */
  private pathOf({ bytes, pathStart, pathEnd }: RequestHead, adminOnly: boolean): string {
    return adminOnly ? textOf(bytes, pathStart, pathEnd) : this.parts.site.missing!.canonicalPath;
  }

  private load(missing: Missing, exchange: Exchange): boolean {
    const { sharesLoads, site, slot } = this.parts;
    const key = loadKeyOf(missing);
    const running = sharesLoads ? this.loads.get(key) : undefined;
    if (running !== undefined) {
      running.waiters.push(exchange);
      return true;
    }
    if (missing.variant !== null && !(this.admission.hasPlace && site.canMake(missing))) return false;
    const load = new Load(this, missing, exchange);
    if (!this.admission.admit(load)) {
      this.noteRejection();
      return false;
    }
    if (sharesLoads) this.loads.set(key, load);
    slot.values[Counter.QueueAdmissions]! += 1;
    this.publish();
    return true;
  }

  /** A load has finished: its place is free, and every request that waited for it gets a reply. */
  finish(load: Load, entry: Entry, isSettled: boolean): void {
    const { sharesLoads, onLoaded } = this.parts;
    if (sharesLoads) this.loads.delete(loadKeyOf(load.missing));
    this.admission.release();
    this.publish();
    onLoaded();
    for (const exchange of load.waiters) {
      if (exchange.owner !== null) this.answer(exchange, load.missing, entry, isSettled); // else the client went away
    }
    entry.release(); // transfers under way hold its file, and so does the cache if it took it in
  }

  /** Replies to a request that has waited, or lets it wait for its preferred representation. */
  private answer(exchange: Exchange, missing: Missing, entry: Entry, isSettled: boolean): void {
    const { site } = this.parts;
    const { head } = exchange;
    const reply = site.replyToMiss(missing, entry, isSettled, head);
    if (reply !== null) return exchange.owner!.resume(exchange, reply);
    const next = site.missing!;
    if (!this.load(next, exchange)) exchange.owner!.resume(exchange, site.replyUncoded(next, head));
  }

  private publish(): void {
    const { values } = this.parts.slot;
    values[Gauge.QueueDepth] = this.admission.waiting;
    values[Gauge.SlowPathBusy] = this.admission.active;
  }

  private noteRejection(): void {
    this.parts.slot.values[Counter.QueueRejections]! += 1;
    if (this.rejections++ % REJECTIONS_PER_LOG_LINE !== 0) return;
    this.parts.log.warn(`queue full: ${this.rejections} request(s) answered with 503 so far by this worker`);
  }
}

/**
 * Paths of two hosts are two loads; no host's name holds a slash. A representation is made for one version of a file: one
 * that has another tag has another load. No path holds a space.
 */
function loadKeyOf({ host, key, variant, authorization }: Missing): string {
  // No field value holds a line break, so no request can forge the key of a representation.
  if (variant === null) return authorization === "" ? host.name + key : `${host.name}${key}\n${authorization}`;
  return `${host.name}${key} ${variant.coding} ${variant.variants.identity.fields.entityTag}`;
}

/** One load from the file system, for all requests that wait for its outcome. */
class Load implements Task {
  readonly waiters: Exchange[];

  constructor(
    private readonly slowPath: SlowPath,
    readonly missing: Missing,
    exchange: Exchange,
  ) {
    this.waiters = [exchange];
  }

  start(): void {
    this.slowPath.parts.site.load(this.missing, (entry, isSettled) => this.slowPath.finish(this, entry, isSettled));
  }
}

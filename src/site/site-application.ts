/**
 * The site as an application: what the cache knows is answered at once, everything else by a load from the file system.
 *
 *   a path not in the cache   takes one of `threads_per_worker` places, or waits in the ring of `queue_size`, or gets a 503
 *   a coded representation    takes a place if one is free; if not, the file is sent as it is, without waiting
 *
 * In:    an exchange. Out: its reply, once, unless the client went away.
 * Keeps: requests for one path that arrive while it is being loaded share one load (with the cache on). Content of requests is
 *        read and dropped: there is nothing that a file server could do with it.
 */
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { Admission, type Task } from "../serving/admission.ts";
import { type Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { isAnswered } from "./answered-methods.ts";
import type { Entry } from "./entry.ts";
import type { Missing, Site } from "./site.ts";

/** What becomes known of the work of loading. */
export interface LoadReport {
  /** A load was taken in. */
  admitted(): void;
  /** A request was refused, because the queue is full. */
  rejected(): void;
  /** How many loads wait, and how many run. */
  occupied(waiting: number, active: number): void;
  /** The cache has changed. */
  loaded(): void;
}

export interface SiteApplicationOptions {
  /** `threads_per_worker` and `queue_size`. */
  readonly places: number;
  readonly queueSize: number;
  /** Whether requests for one path share one load: not with the cache off, where each is a load of its own. */
  readonly sharesLoads: boolean;
  readonly report: LoadReport;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

export class SiteApplication implements Application {
  private readonly admission: Admission;
  private readonly loads = new Map<string, Load>();

  constructor(
    readonly site: Site,
    private readonly options: SiteApplicationOptions,
  ) {
    this.admission = new Admission(options.places, options.queueSize);
  }

  respond(request: RequestHead, nowMs: number): Reply | null {
    return this.site.respond(request, nowMs);
  }

  contentWish({ method }: RequestHead): ContentWish {
    return isAnswered(method) ? ContentWish.Discard : ContentWish.Decline;
  }

  /** A preflight is always answered: scripts would not see why it isn't (Fetch standard §4.8). */
  exemptionOf(request: RequestHead): Exemption {
    return this.site.answersPreflight(request) ? Exemption.Everybody : Exemption.Nobody;
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.site.refusal(request, status);
  }

  answer(exchange: Exchange): void {
    const { site } = this;
    const { request } = exchange;
    const known = site.respond(request, this.options.now());
    if (known !== null) return exchange.reply(known);
    const missing = site.missing!;
    if (missing.refusal !== null) return exchange.reply(missing.refusal);
    if (this.load(missing, exchange)) return;
    exchange.reply(missing.variant === null ? site.refusal(request, 503) : site.replyUncoded(missing, request));
  }

  private load(missing: Missing, exchange: Exchange): boolean {
    const { report, sharesLoads } = this.options;
    const key = loadKeyOf(missing);
    const running = sharesLoads ? this.loads.get(key) : undefined;
    if (running !== undefined) {
      running.waiters.push(exchange);
      return true;
    }
    if (missing.variant !== null && !(this.admission.hasPlace && this.site.canMake(missing))) return false;
    const load = new Load(this, missing, exchange);
    if (!this.admission.admit(load)) {
      report.rejected();
      return false;
    }
    if (sharesLoads) this.loads.set(key, load);
    report.admitted();
    this.publish();
    return true;
  }

  /** A load has finished: its place is free, and every request that waited for it gets a reply. */
  finish(load: Load, entry: Entry, isSettled: boolean): void {
    const { report, sharesLoads } = this.options;
    if (sharesLoads) this.loads.delete(loadKeyOf(load.missing));
    this.admission.release();
    this.publish();
    report.loaded();
    for (const exchange of load.waiters) {
      if (!exchange.isAbandoned) this.replyTo(exchange, load.missing, entry, isSettled);
    }
    entry.release(); // transfers under way hold its file, and so does the cache if it took it in
  }

  /** Replies to a request that has waited, or lets it wait for its preferred representation. */
  private replyTo(exchange: Exchange, missing: Missing, entry: Entry, isSettled: boolean): void {
    const { site } = this;
    const { request } = exchange;
    const reply = site.replyToMiss(missing, entry, isSettled, request);
    if (reply !== null) return exchange.reply(reply);
    const next = site.missing!;
    if (!this.load(next, exchange)) exchange.reply(site.replyUncoded(next, request));
  }

  private publish(): void {
    this.options.report.occupied(this.admission.waiting, this.admission.active);
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
    private readonly application: SiteApplication,
    readonly missing: Missing,
    exchange: Exchange,
  ) {
    this.waiters = [exchange];
  }

  start(): void {
    this.application.site.load(this.missing, (entry, isSettled) => this.application.finish(this, entry, isSettled));
  }
}

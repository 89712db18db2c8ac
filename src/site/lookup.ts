/**
 * One request that `Site.respond` has no answer to, from its path to its reply: what `serve` does, and `saker explain`.
 *
 *   1 plan        what the settings make of the path (plan.ts)
 *   2 authorise   the guards of the path, before anything is looked for: who isn't admitted learns nothing of what is there
 *   3 load        what the cache knows by now, or what the file system says (file-loader.ts)
 *                 then 2 again: a rule may lead to a file that is guarded under its own name
 *   4 represent   the content coding that the client prefers, if there is a place to make it; else the file as it is, at once
 *   5 reply
 *
 * Keeps: exactly one reply, unless the client goes away. Loads of one path are shared by all who ask for it, and so are codings;
 *        passwords are checked for each request by itself. Each piece of work has one of the places (places.ts): where there is none,
 *        not even in the queue, the answer is 503.
 */
import type { Coding } from "../http/content-coding.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Exchange } from "../serving/exchange.ts";
import type { Forward } from "./represent/cache-field.ts";
import type { Coder } from "./coding/coder.ts";
import type { Variants } from "./coding/variants.ts";
import type { Entry } from "./entry/entry.ts";
import { EntryKind } from "./entry/entry-kind.ts";
import type { FileEntry } from "./entry/file-entry.ts";
import type { PlainEntry } from "./entry/plain-entry.ts";
import { type Gatekeeper, Verdict } from "./gatekeeper.ts";
import type { ListingEntry } from "./listing/listing-entry.ts";
import type { Places } from "./places.ts";
import type { Plan } from "./plan.ts";
import { cacheKeyOf, type RequestPath } from "./request-path.ts";
import { authorizationOf } from "./request-text.ts";
import type { AuthRule } from "./rules/guard.ts";
import type { Representations } from "./represent/selected-replies.ts";
import type { SharedWork } from "./shared-work.ts";
import type { VirtualHost } from "./virtual-host.ts";

/** The site, as a lookup needs it. */
export interface LookupSite {
  /** The host that a request is for; null where that is none of the site's. */
  hostOf(request: RequestHead): VirtualHost | null;
  /** The reply to a request for no host of the site. */
  unknownHost(request: RequestHead): Reply;
  refusal(status: number, request: RequestHead): Reply;
  readonly work: LookupWork;
}

/** What lookups share. */
export interface LookupWork {
  readonly gatekeeper: Gatekeeper;
  readonly coder: Coder;
  readonly places: Places;
  readonly loads: SharedWork<Entry>;
  readonly codings: SharedWork<MadeCoding>;
  /** Whether requests for one path share one load: not with the cache off, where each is a load of its own. */
  readonly isShared: boolean;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** What can be had in several codings. */
type CodedEntry = FileEntry | ListingEntry;

/** A content coding has been made, or could not be. */
export interface MadeCoding {
  readonly entry: CodedEntry;
  readonly representations: Representations;
  /** False: only the uncoded content can be had now. */
  readonly isSettled: boolean;
}

export class Lookup {
  /** What the path was found to mean, for a client that its guards admit; while the lookup lasts. */
  found: PlainEntry | null = null;
  /** The guard that refused the client; null for none. */
  refusedBy: AuthRule | null = null;
  /** Guards that have admitted the client. */
  private readonly passed = new Set<AuthRule>();
  /** What the reply is made from; released when it has been given. */
  private readonly held: Entry[] = [];
  private forward: Forward = "uri-miss";

  constructor(
    private readonly site: LookupSite,
    private readonly exchange: Exchange,
  ) {}

  start(): void {
    const { exchange, site } = this;
    const { request } = exchange;
    request.isAuthenticated = false;
    const host = site.hostOf(request);
    if (host === null) return this.reply(site.unknownHost(request));
    this.plan(host);
  }

  private plan(host: VirtualHost): void {
    const { request } = this.exchange;
    const path = host.pathOf(request);
    const plan = host.planFor(path);
    this.forward = host.reasonToForward(path, request, this.site.work.now());
    this.authorise(host, path, plan.guards, () => this.load(host, path, plan));
  }

  /** Goes on with `admitted` if every guard admits the client. */
  private authorise(host: VirtualHost, path: RequestPath, guards: readonly AuthRule[], admitted: () => void): void {
    const { exchange, passed, site } = this;
    const { request } = exchange;
    const guard = guards.find((rule) => !passed.has(rule));
    if (guard === undefined) return admitted();
    const isTaken = site.work.gatekeeper.verify(guard, authorizationOf(request), (verdict) => {
      if (exchange.isAbandoned) return this.giveUp();
      if (verdict === Verdict.Unknown) return this.reply(host.unverified(path, request));
      if (verdict === Verdict.Refused) {
        this.refusedBy = guard;
        return this.reply(host.unauthorized(path, guard.realm, request));
      }
      passed.add(guard);
      this.authorise(host, path, guards, admitted);
    });
    if (!isTaken) this.reply(site.refusal(503, request));
  }

  private load(host: VirtualHost, path: RequestPath, plan: Plan): void {
    const { exchange, site } = this;
    const { isShared, loads, now } = site.work;
    const known = host.knownOf(path, now());
    if (known !== null) return this.take(host, path, known);
    const isTaken = loads.ask(
      isShared ? host.name + cacheKeyOf(path) : null, // no host's name holds a slash
      (done) =>
        host.load(path, plan, (entry) => {
          done(entry);
          entry.release(); // whoever still needs it holds it, and so does the cache if it took it in
        }),
      (entry) => this.take(host, path, entry),
    );
    if (!isTaken) this.reply(site.refusal(503, exchange.request));
  }

  /** What the path means is known. */
  private take(host: VirtualHost, path: RequestPath, entry: Entry): void {
    if (this.exchange.isAbandoned) return this.giveUp();
    this.hold(entry);
    if (entry.kind !== EntryKind.Guarded) return this.represent(host, entry);
    this.authorise(host, path, entry.guards, () => {
      this.exchange.request.isAuthenticated = true;
      this.represent(host, entry.inner);
    });
  }

  private represent(host: VirtualHost, entry: PlainEntry): void {
    const { request } = this.exchange;
    this.found = entry;
    if (entry.kind === EntryKind.File) this.select(host, entry, entry);
    else if (entry.kind === EntryKind.Listing) this.select(host, entry, entry.pageFor(request));
    else this.reply(host.replyWithout(entry, request));
  }

  private select(host: VirtualHost, entry: CodedEntry, representations: Representations): void {
    const { request } = this.exchange;
    const reply = host.replyToMiss(representations, request, this.forward);
    if (reply !== null) return this.reply(reply);
    if (!this.makeCoding(host, entry, representations, representations.variants!)) {
      this.reply(host.replyUncoded(representations, request, this.forward));
    }
  }

  /** Goes on when the coding that the client prefers has been made; false when that would have to wait for a place. */
  private makeCoding(
    host: VirtualHost,
    entry: CodedEntry,
    representations: Representations,
    variants: Variants,
  ): boolean {
    const { coder, codings, isShared, places } = this.site.work;
    const coding = coder.wanted(variants, this.exchange.request);
    const key = isShared ? codingKeyOf(host, entry, variants, coding) : null;
    if (!codings.isUnderWay(key) && !(places.hasFree && coder.canMake(variants, coding))) return false;
    return codings.ask(
      key,
      (done) => {
        entry.retain();
        coder.make(variants, coding, (isSettled) => {
          done({ entry, representations, isSettled });
          entry.release();
        });
      },
      (made) => this.continueWith(host, made),
    );
  }

  /** A coding was made, of the same version of the file, though perhaps for the entry that another request found. */
  private continueWith(host: VirtualHost, { entry, representations, isSettled }: MadeCoding): void {
    const { exchange } = this;
    if (exchange.isAbandoned) return this.giveUp();
    this.hold(entry);
    if (isSettled) this.select(host, entry, representations);
    else this.reply(host.replyUncoded(representations, exchange.request, this.forward));
  }

  private reply(reply: Reply): void {
    this.exchange.reply(reply);
    this.end();
  }

  /** Nobody waits for a reply any more. */
  private giveUp(): void {
    this.exchange.abort();
    this.end();
  }

  private hold(entry: Entry): void {
    entry.retain();
    this.held.push(entry);
  }

  /** Transfers under way hold what they send. */
  private end(): void {
    for (const entry of this.held.splice(0)) entry.release();
  }
}

/** A representation is made for one version of a file. No path holds a space. */
function codingKeyOf({ name }: VirtualHost, entry: CodedEntry, { identity }: Variants, coding: Coding): string {
  return `${name}${entry.key} ${coding} ${identity.fields.entityTag}`;
}

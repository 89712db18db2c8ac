/**
 * What a request to one host means, as far as it is known: from its head to a reply, in pure steps over what is cached.
 *
 *   1 method      GET, HEAD and OPTIONS; everything else is refused (405, 501)
 *   2 path        the cache is asked for the path as it was sent; only a path it doesn't know is decoded and normalised
 *   3 freshness   an entry older than `cache_revalidate_ms` is checked against the file system (one stat, about 1 us)
 *   4 guards      a password that was checked lately admits to an entry, or doesn't
 *   5 select      among its representations (selected-replies.ts)
 *
 * Out:   a `Reply`; or null, where something has to be found out or made first. For who does that (lookup.ts): what the host knows
 *        of a path, why that is no answer, the load, and the replies to what was loaded.
 * Keeps: nothing of a request is left behind. A hit makes one string (the path) and nothing else: no promise, no closure, no object.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import { Field } from "../http/field.ts";
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Forward } from "./represent/cache-field.ts";
import type { Coder } from "./coding/coder.ts";
import { isInScope } from "./cors-scope.ts";
import type { Entry } from "./entry/entry.ts";
import { EntryKind } from "./entry/entry-kind.ts";
import type { FailureEntry } from "./entry/failure-entry.ts";
import type { PlainEntry } from "./entry/plain-entry.ts";
import type { RedirectEntry } from "./entry/redirect-entry.ts";
import type { ErrorReplies } from "./represent/error-replies.ts";
import { FileLoader, type FileLoaderOptions, type LoadDone } from "./load/file-loader.ts";
import { freshEntry, freshEntryOf } from "./fresh-entry.ts";
import { type Gatekeeper, Verdict } from "./gatekeeper.ts";
import type { GuardedEntry } from "./entry/guarded-entry.ts";
import { decideOtherMethod, MethodOutcome } from "./method-policy.ts";
import { isMisdirected } from "./misdirected.ts";
import { OriginLines } from "./represent/origin-lines.ts";
import { editsFor, redirectEditsFor } from "./path-edits.ts";
import { type Plan, planFor } from "./plan.ts";
import { isPreflight, preflightFor } from "./preflight.ts";
import type { RedirectOfOther } from "./redirect-of-other.ts";
import { cacheKeyOf, type RequestPath, resolveRequestPath } from "./request-path.ts";
import { authorizationOf, queryOf, requestPathFor, sentPathOf } from "./request-text.ts";
import { corsEdits } from "./rules/cors-rule.ts";
import { locationText } from "./rules/move-target.ts";
import { type Representations, SelectedReplies } from "./represent/selected-replies.ts";

export interface VirtualHostOptions extends FileLoaderOptions {
  /** Its name in logs and explanations; "" = the default host. */
  readonly name: string;
}

export class VirtualHost {
  /** Null where no response depends on Origin. */
  private readonly originLines: OriginLines | null;
  /** Refusals of requests that `[cors]` is about. */
  private readonly corsErrors: ErrorReplies;
  private readonly loader: FileLoader;
  private readonly selected: SelectedReplies;

  constructor(
    private readonly options: VirtualHostOptions & { readonly coder: Coder },
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
    private readonly gatekeeper: Gatekeeper,
  ) {
    const { cors, securityEdits } = options.rules;
    this.originLines = cors?.constantOrigin === null ? new OriginLines(cors) : null;
    this.corsErrors = cors === null ? errors : errors.with([...securityEdits, ...corsEdits(cors)]);
    this.loader = new FileLoader(options, cache, errors);
    this.selected = new SelectedReplies(options.coder, errors);
  }

  get name(): string {
    return this.options.name;
  }

  /** The reply to a request, where it is known. `nowMs`: the monotonic clock. */
  respond(head: RequestHead, nowMs: number): Reply | null {
    return this.forOrigin(this.answer(head, nowMs), head);
  }

  private answer(head: RequestHead, nowMs: number): Reply | null {
    if (isMisdirected(head)) return this.errorsFor(head).of(421, head.method === Method.Head, head);
    if (head.method !== Method.Get && head.method !== Method.Head) return this.respondToOther(head);
    const sentPath = sentPathOf(head);
    const entry = freshEntry(this.cache, sentPath, nowMs, this.options.revalidateMs);
    if (entry !== null) return this.respondFrom(entry, head, nowMs);
    return this.respondToUnknown(head, sentPath, nowMs);
  }

  /** The path of a GET or HEAD that `respond` knew no reply to, and that therefore is valid. */
  pathOf(head: RequestHead): RequestPath {
    return requestPathFor(this.options, sentPathOf(head), head) as RequestPath;
  }

  /** What the settings make of a path. */
  planFor(path: RequestPath): Plan {
    return planFor(this.options, path);
  }

  /** What the cache knows of a path, if that still holds. */
  knownOf(path: RequestPath, nowMs: number): Entry | null {
    const entry = freshEntryOf(this.cache, path, nowMs, this.options.revalidateMs);
    const inner = entry?.kind === EntryKind.Guarded ? entry.inner : entry;
    return inner?.kind === EntryKind.File && !inner.isIntact(nowMs) ? null : entry;
  }

  /** Why `respond` knew no reply. */
  reasonToForward(path: RequestPath, head: RequestHead, nowMs: number): Forward {
    const { cache } = this;
    const entry = freshEntryOf(cache, path, nowMs, this.options.revalidateMs);
    if (entry === null)
      return cache.get(cacheKeyOf(path)) !== undefined ? "stale" : cache.isOff ? "bypass" : "uri-miss";
    if (entry.kind === EntryKind.Guarded && !this.admits(entry, head)) return "request";
    return this.knownOf(path, nowMs) === null ? "stale" : "vary-miss";
  }

  /** Loads from the file system what a path means: see FileLoader. */
  load(path: RequestPath, plan: Plan, done: LoadDone): void {
    this.loader.load(path, plan, done);
  }

  /** The reply with the representation that a client prefers; null where it has to be made first. `forward`: see `reasonToForward`. */
  replyToMiss(representations: Representations, head: RequestHead, forward: Forward): Reply | null {
    return this.forOrigin(this.selected.of(representations, head, 0, forward), head);
  }

  /** The reply with the uncoded content, where the representation that a client prefers isn't available. */
  replyUncoded(representations: Representations, head: RequestHead, forward: Forward): Reply {
    return this.forOrigin(this.selected.uncoded(representations, head, forward), head);
  }

  /** The reply where there is no representation. */
  replyWithout(entry: RedirectEntry | FailureEntry, head: RequestHead): Reply {
    return this.forOrigin(replyOf(entry, head), head);
  }

  /** The reply to a client that a guard of this realm refuses, whatever its path means. */
  unauthorized(path: RequestPath, realm: string, head: RequestHead): Reply {
    return this.forOrigin(this.errorsBehindGuards(path).unauthorized(realm, head.method === Method.Head, head), head);
  }

  /** The reply to a client whose password can't be checked now. */
  unverified(path: RequestPath, head: RequestHead): Reply {
    return this.forOrigin(this.errorsBehindGuards(path).of(503, head.method === Method.Head, head), head);
  }

  /** The reply that refuses a request, whatever its path means. */
  refusal(status: number, head: RequestHead): Reply {
    return this.forOrigin(this.errorsFor(head).of(status, head.method === Method.Head, head), head);
  }

  /** The same for a client that asks too often: see ErrorReplies. */
  tooManyRequests(seconds: number, isBrief: boolean, head: RequestHead): Reply {
    const reply = this.errorsFor(head).tooManyRequests(seconds, head.method === Method.Head, isBrief, head);
    return this.forOrigin(reply, head);
  }

  /** Whether a request is answered as a CORS preflight. */
  answersPreflight(head: RequestHead): boolean {
    const { cors } = this.options.rules;
    return cors !== null && !isMisdirected(head) && preflightFor(cors, head) !== null;
  }

  /** The one spelling of the path that a GET or HEAD asks for; null where there is no valid one. */
  canonicalPathOf(head: RequestHead): string | null {
    if (head.method !== Method.Get && head.method !== Method.Head) return null;
    const { dotfiles, rules } = this.options;
    const path = resolveRequestPath(sentPathOf(head), dotfiles, rules.encodedSlashes.value);
    return typeof path === "number" ? null : path.key;
  }

  private respondToUnknown(head: RequestHead, sentPath: string, nowMs: number): Reply | null {
    const path = requestPathFor(this.options, sentPath, head);
    if (typeof path === "number") return this.errorsFor(head).of(path, head.method === Method.Head, head);
    if (cacheKeyOf(path) === sentPath) return null; // it has just been looked up
    const entry = freshEntryOf(this.cache, path, nowMs, this.options.revalidateMs);
    return entry === null ? null : this.respondFrom(entry, head, nowMs);
  }

  private respondFrom(entry: Entry, head: RequestHead, nowMs: number): Reply | null {
    return entry.kind === EntryKind.Guarded
      ? this.respondBehindGuards(entry, head, nowMs)
      : this.select(entry, head, nowMs);
  }

  /** Guards come before everything that could reveal something: preconditions, ranges, whether the path exists at all. */
  private respondBehindGuards(entry: GuardedEntry, head: RequestHead, nowMs: number): Reply | null {
    head.isAuthenticated = false;
    const authorization = authorizationOf(head);
    for (const guard of entry.guards) {
      const verdict = this.gatekeeper.verdict(guard, authorization);
      if (verdict === Verdict.Refused) {
        return entry.errors.unauthorized(guard.realm, head.method === Method.Head, head);
      }
      if (verdict === Verdict.Unknown) return null;
    }
    head.isAuthenticated = true;
    return this.select(entry.inner, head, nowMs);
  }

  /** Whether the client is known to pass all guards. */
  private admits({ guards }: GuardedEntry, head: RequestHead): boolean {
    const authorization = authorizationOf(head);
    return guards.every((guard) => this.gatekeeper.verdict(guard, authorization) === Verdict.Granted);
  }

  private select(entry: PlainEntry, head: RequestHead, nowMs: number): Reply | null {
    switch (entry.kind) {
      case EntryKind.File:
        return this.selected.of(entry, head, nowMs, null);
      case EntryKind.Listing:
        return this.selected.of(entry.pageFor(head), head, nowMs, null);
      default:
        return replyOf(entry, head);
    }
  }

  private respondToOther(head: RequestHead): Reply {
    const decision = decideOtherMethod(this.options, head);
    switch (decision.outcome) {
      case MethodOutcome.Redirected:
        return this.redirectOther(decision, head);
      case MethodOutcome.Preflight:
        return this.errors.preflight(decision.edits);
      case MethodOutcome.Options:
        return this.errorsFor(head).options();
      case MethodOutcome.NotAllowed:
        return this.errorsFor(head).of(405, false, head);
      case MethodOutcome.NotImplemented:
        return this.errorsFor(head).of(501, false, head);
    }
  }

  private redirectOther({ path, redirection }: RedirectOfOther, head: RequestHead): Reply {
    const errors = this.errors.withAll(redirectEditsFor(this.options.rules, path, false));
    const location = locationText(redirection.location, queryOf(head));
    return errors.redirect(redirection.status, location, false, errors.formFor(head));
  }

  /** With the fields that rules set for a path. */
  private errorsBehindGuards(path: RequestPath): ErrorReplies {
    return this.errors.with(editsFor(this.options.rules, path, null, true));
  }

  /** The replies for a request whose path has no entry: where `[cors]` is about it, with its fields. */
  private errorsFor(head: RequestHead): ErrorReplies {
    const { cors } = this.options.rules;
    return cors !== null && isInScope(cors, head) ? this.corsErrors : this.errors;
  }

  /** The reply, with the CORS fields for the request's origin where responses depend on it. */
  private forOrigin<R extends Reply | null>(reply: R, head: RequestHead): R | Reply {
    const lines = this.originLines;
    if (lines === null || reply === null || !head.has(Field.Origin)) return reply;
    return isPreflight(head) ? reply : lines.addTo(reply, head); // a preflight has its own lines
  }
}

function replyOf(entry: RedirectEntry | FailureEntry, head: RequestHead): Reply {
  return entry.kind === EntryKind.Redirect ? entry.replyTo(head, queryOf(head)) : entry.replyTo(head);
}

/**
 * What a request to one host means: from its head to a reply, in pure steps over what is cached, and one load from the
 * file system where nothing is cached yet.
 *
 *   1 method      GET, HEAD and OPTIONS; everything else is refused (405, 501)
 *   2 path        the cache is asked for the path as it was sent; only a path it doesn't know is decoded and normalised
 *   3 freshness   an entry older than `cache_revalidate_ms` is checked against the file system (one stat, about 1 us)
 *   4 select      content coding (RFC 9110 §12; ranges are mostly of the uncoded file, range-selection.ts), then
 *                 preconditions (§13), then Range (§14), then the whole representation
 *
 * Out:   a `Reply`; or null, and then `missing` is the path that must be loaded first (`load`, then `replyToMiss`), or
 *        `wanted` the representation that must be made first (`make`, then the same).
 * Keeps: a hit makes one string (the path) and nothing else: no promise, no closure, no object.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import type { Coding } from "../http/content-coding.ts";
import { Field } from "../http/field.ts";
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import { type RequestHead, Scheme } from "../http/request-head.ts";
import type { Variants } from "./coding/variants.ts";
import type { Forward } from "./cache-field.ts";
import { CONDITIONAL_FIELDS, ConditionalReplies } from "./conditional-replies.ts";
import { isInScope } from "./cors-scope.ts";
import { type Entry, EntryKind, type FileEntry } from "./entry.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { FileLoaderOptions, LoadDone } from "./file-loader.ts";
import type { FileReplies } from "./file-replies.ts";
import { isFresh } from "./fresh-entry.ts";
import { type Gatekeeper, Verdict } from "./gatekeeper.ts";
import type { GuardedEntry } from "./guarded-entry.ts";
import { GuardedLoader } from "./guarded-loader.ts";
import type { ListingEntry } from "./listing/listing-entry.ts";
import { OriginLines } from "./origin-lines.ts";
import { redirectEditsFor } from "./path-edits.ts";
import { isPreflight, preflightFor } from "./preflight.ts";
import { namesAnother } from "./range-selection.ts";
import { redirectOfOther } from "./redirect-of-other.ts";
import { cacheKeyOf, cacheKeyOfFile, type RequestPath, resolveRequestPath } from "./request-path.ts";
import { authorizationOf, queryOf, requestPathFor, sentPathOf } from "./request-text.ts";
import { corsEdits } from "./rules/cors-rule.ts";
import { locationText } from "./rules/move-target.ts";
import type { Missing } from "./site.ts";

/** Fields that make a GET more than a plain one, as bits of `RequestHead.present`. */
const SPECIAL_FIELDS = CONDITIONAL_FIELDS | (1 << Field.Range);

/** In place of a time: the entry was loaded for this request. */
const JUST_LOADED = Number.NEGATIVE_INFINITY;

export interface VirtualHostOptions extends FileLoaderOptions {
  /** Its name in logs and explanations; "" = the default host. */
  readonly name: string;
}

/** A representation that isn't there yet. */
export interface WantedVariant {
  readonly entry: FileEntry | ListingEntry;
  readonly variants: Variants;
  readonly coding: Coding;
}

export class VirtualHost {
  /** After `respond` returned null: the path that has to be loaded, or null and `wanted`. */
  missing: RequestPath | null = null;
  /** The representation that has to be made, of an entry that is known. */
  wanted: WantedVariant | null = null;
  /** Why the cache has no answer: for what is `missing`; then for the reply to it. */
  forward: Forward = "uri-miss";
  /** Whether any path asks for a password. */
  readonly hasGuards: boolean;
  /** Null where no response depends on Origin. */
  private readonly originLines: OriginLines | null;
  /** Refusals of requests that `[cors]` is about. */
  private readonly corsErrors: ErrorReplies;
  private readonly loader: GuardedLoader;
  private readonly conditional: ConditionalReplies;

  constructor(
    private readonly options: VirtualHostOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
    private readonly gatekeeper: Gatekeeper,
  ) {
    const { guards, cors, securityEdits } = options.rules;
    this.hasGuards = guards.length > 0;
    this.originLines = cors?.constantOrigin === null ? new OriginLines(cors) : null;
    this.corsErrors = cors === null ? errors : errors.with([...securityEdits, ...corsEdits(cors)]);
    this.loader = new GuardedLoader(options, cache, errors, gatekeeper);
    this.conditional = new ConditionalReplies(errors);
  }

  get name(): string {
    return this.options.name;
  }

  /** The reply to a request whose path is known, or null. `nowMs`: the monotonic clock. */
  respond(head: RequestHead, nowMs: number): Reply | null {
    return this.forOrigin(this.answer(head, nowMs), head);
  }

  private answer(head: RequestHead, nowMs: number): Reply | null {
    // There is no TLS here, so an https target is meant for another server (RFC 9110 §7.4).
    if (head.scheme === Scheme.Https) return this.errorsFor(head).of(421, head.method === Method.Head, head);
    if (head.method !== Method.Get && head.method !== Method.Head) return this.respondToOther(head);
    const sentPath = sentPathOf(head);
    const entry = this.fresh(sentPath, nowMs);
    if (entry !== null) return this.select(entry, head, nowMs);
    return this.respondToUnknown(head, sentPath, nowMs);
  }

  /** Loads from the file system what `respond` found missing. Calls back exactly once, with an entry to `replyTo`. */
  load(path: RequestPath, missing: Missing, done: LoadDone): void {
    this.loader.load(path, missing, done);
  }

  /** Whether `make` can begin at once. */
  canMake({ variants, coding }: WantedVariant): boolean {
    return this.options.coder!.canMake(variants, coding);
  }

  /**
   * Makes the wanted representation, off the event loop. Calls back exactly once, with an entry to be released after the reply:
   * by `replyToMiss`, or by `replyUncoded` if it could not be made.
   */
  make({ entry, variants, coding }: WantedVariant, done: (entry: Entry, isSettled: boolean) => void): void {
    entry.retain();
    this.options.coder!.make(variants, coding, (isSettled) => done(entry, isSettled));
  }

  /** The reply to a request whose path has just been loaded; or null, and then a representation is `wanted` first. */
  replyToMiss(entry: Entry, head: RequestHead, { forward, isAuthorised }: Missing): Reply | null {
    this.forward = forward;
    const isGuarded = entry.kind === EntryKind.Guarded;
    const reply = isGuarded
      ? this.selectGuarded(entry, head, JUST_LOADED, isAuthorised)
      : this.select(entry, head, JUST_LOADED);
    return this.forOrigin(reply, head);
  }

  /** The reply to a request whose representation has just been made; or null, and then another one is `wanted` first. */
  replyToMade({ entry, variants }: WantedVariant, head: RequestHead, { forward }: Missing): Reply | null {
    this.forward = forward;
    const reply = this.selectVariant(entry, variants, head, JUST_LOADED);
    return this.forOrigin(reply, head);
  }

  /** The reply with the uncoded content, when the representation that the client prefers isn't available. */
  replyUncoded({ variants }: WantedVariant, head: RequestHead, { forward }: Missing): Reply {
    this.forward = forward;
    // Ranges of the uncoded content needed no other representation: those asked for here are of the one that isn't available.
    const reply = this.conditional.ofWhole(variants.identity.asMiss(forward), head);
    return this.forOrigin(reply, head);
  }

  /** The reply that refuses a request, whatever its path means. */
  refusal(head: RequestHead, status: number): Reply {
    return this.forOrigin(this.errorsFor(head).of(status, head.method === Method.Head, head), head);
  }

  /** The same for a client that asks too often: see ErrorReplies. */
  tooManyRequests(head: RequestHead, seconds: number, isBrief: boolean): Reply {
    const reply = this.errorsFor(head).tooManyRequests(seconds, head.method === Method.Head, isBrief, head);
    return this.forOrigin(reply, head);
  }

  /** Whether a request is answered as a CORS preflight. */
  answersPreflight(head: RequestHead): boolean {
    const { cors } = this.options.rules;
    return cors !== null && head.scheme !== Scheme.Https && preflightFor(cors, head) !== null;
  }

  /** The path of a GET or HEAD; null where it isn't a valid one. */
  pathOf(head: RequestHead): RequestPath | null {
    if (head.method !== Method.Get && head.method !== Method.Head) return null;
    const { dotfiles, rules } = this.options;
    const path = resolveRequestPath(sentPathOf(head), dotfiles, rules.encodedSlashes.value);
    return typeof path === "number" ? null : path;
  }

  /** The path of a request that the cache knows, and so is valid. */
  private pathToLoad(head: RequestHead): RequestPath {
    return requestPathFor(this.options, sentPathOf(head), head) as RequestPath;
  }

  private fresh(key: string, nowMs: number): Entry | null {
    const { cache } = this;
    const entry = cache.get(key);
    if (entry !== undefined && isFresh(entry, nowMs, this.options.revalidateMs)) return entry;
    this.forward = entry !== undefined ? "stale" : cache.isOff ? "bypass" : "uri-miss";
    return null;
  }

  /** A file's own entry has a key that more requests share. */
  private freshOf(path: RequestPath, nowMs: number): Entry | null {
    const entry = this.fresh(cacheKeyOfFile(path), nowMs);
    return entry !== null || path.isNavigation === undefined ? entry : this.fresh(cacheKeyOf(path), nowMs);
  }

  private respondToUnknown(head: RequestHead, sentPath: string, nowMs: number): Reply | null {
    const path = requestPathFor(this.options, sentPath, head);
    if (typeof path === "number") return this.errorsFor(head).of(path, head.method === Method.Head, head);
    const isKnown = cacheKeyOf(path) === sentPath; // and has just been looked up
    const entry = isKnown ? null : this.freshOf(path, nowMs);
    if (entry !== null) return this.select(entry, head, nowMs);
    this.missing = path;
    this.wanted = null;
    return null;
  }

  private respondToOther(head: RequestHead): Reply {
    if (head.method === Method.Options) return this.respondToOptions(head);
    const moved = redirectOfOther(this.options, head);
    if (moved === null) return this.errorsFor(head).of(head.method === Method.Unknown ? 501 : 405, false, head);
    const { path, redirection } = moved;
    const errors = this.errors.withAll(redirectEditsFor(this.options.rules, path, false));
    const location = locationText(redirection.location, queryOf(head));
    return errors.redirect(redirection.status, location, false, errors.formFor(head));
  }

  private respondToOptions(head: RequestHead): Reply {
    const { cors } = this.options.rules;
    const edits = cors === null ? null : preflightFor(cors, head);
    return edits === null ? this.errorsFor(head).options() : this.errors.preflight(edits);
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

  /** `nowMs`: the monotonic clock; JUST_LOADED: for what has not been answered from the cache. */
  private select(entry: Entry, head: RequestHead, nowMs: number): Reply | null {
    switch (entry.kind) {
      case EntryKind.File:
        if (entry.variants !== null) return this.selectVariant(entry, entry.variants, head, nowMs);
        return this.replyFromFile(entry, entry.replies, head, nowMs);
      case EntryKind.Listing:
        return this.selectPage(entry, head, nowMs);
      case EntryKind.Redirect:
        return entry.replyTo(head, queryOf(head));
      case EntryKind.Failure:
        return entry.replyTo(head);
      case EntryKind.Guarded:
        return this.selectGuarded(entry, head, nowMs, false);
    }
  }

  private selectPage(entry: ListingEntry, head: RequestHead, nowMs: number): Reply | null {
    const { replies, variants } = entry.pageFor(head);
    if (variants !== null) return this.selectVariant(entry, variants, head, nowMs);
    return this.replyFrom(replies, head, nowMs === JUST_LOADED);
  }

  /** Guards come before everything that could reveal something: preconditions, ranges, whether the path exists at all. */
  private selectGuarded(entry: GuardedEntry, head: RequestHead, nowMs: number, isAuthorised: boolean): Reply | null {
    head.isAuthenticated = false;
    const authorization = isAuthorised ? "" : authorizationOf(head);
    for (const guard of isAuthorised ? [] : entry.guards) {
      const verdict = this.gatekeeper.verdict(guard, authorization);
      if (verdict === Verdict.Granted) continue;
      // A verdict that was reached just now and is already forgotten was a refusal.
      if (verdict === Verdict.Refused || nowMs === JUST_LOADED)
        return entry.errors.unauthorized(guard.realm, head.method === Method.Head, head);
      this.forward = "request";
      this.missing = this.pathToLoad(head);
      this.wanted = null;
      return null;
    }
    head.isAuthenticated = true;
    return this.select(entry.inner, head, nowMs);
  }

  /** Content negotiation (RFC 9110 §12.5.3), before preconditions and Range: these apply to the selected representation. */
  private selectVariant(
    entry: FileEntry | ListingEntry,
    variants: Variants,
    head: RequestHead,
    nowMs: number,
  ): Reply | null {
    const coder = this.options.coder!;
    if (this.isForPlainRanges(variants, head)) return this.replyFromFile(entry, variants.identity, head, nowMs);
    const selected = coder.select(variants, head);
    if ((head.present & CONDITIONAL_FIELDS) !== 0) {
      const notModified = coder.notModified(variants, selected, head);
      if (notModified !== null) return notModified;
    }
    if (selected === null) {
      if (nowMs !== JUST_LOADED) this.forward = "vary-miss";
      this.missing = null;
      this.wanted = { entry, variants, coding: variants.wanted };
      return null;
    }
    const reply = this.replyFromFile(entry, selected, head, nowMs);
    if (reply?.status === 200 && head.method === Method.Get) coder.count(variants, selected);
    return reply;
  }

  /** Whether ranges are asked for that are cut from the file itself (range-selection.ts). */
  private isForPlainRanges({ identity }: Variants, head: RequestHead): boolean {
    if (!head.has(Field.Range) || namesAnother(head, identity.entityTag)) return false;
    return this.options.coder!.acceptsIdentity(head) && this.conditional.hasRanges(identity, head);
  }

  /** A file sent from its descriptor must still be the version that its tag names; if not, the path is `missing` again. */
  private replyFromFile(
    entry: FileEntry | ListingEntry,
    replies: FileReplies,
    head: RequestHead,
    nowMs: number,
  ): Reply | null {
    const isMiss = nowMs === JUST_LOADED;
    const { file } = replies;
    if (file === null || isMiss || file.isIntact(nowMs)) return this.replyFrom(replies, head, isMiss);
    if (entry.kind === EntryKind.File) entry.expire();
    const kept = this.cache.get(entry.key);
    if (kept !== undefined) this.cache.remove(kept);
    this.forward = "stale";
    this.missing = this.pathToLoad(head);
    this.wanted = null;
    return null;
  }

  private replyFrom(known: FileReplies, head: RequestHead, isMiss: boolean): Reply {
    const replies = isMiss ? known.asMiss(this.forward) : known;
    if ((head.present & SPECIAL_FIELDS) !== 0) return this.conditional.of(replies, head);
    return head.method === Method.Head ? replies.headOnly : replies.full;
  }
}

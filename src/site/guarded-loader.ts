/**
 * Loads what a path means for a client that its guards admit (`[[basic_auth]]`), and a refusal for all others.
 *
 *   1 the path's guards   before anything is looked for
 *   2 load                (file-loader.ts), or what the cache has of it since
 *   3 the file's guards   where a rule leads to a file that is guarded under its own name
 *
 * Keeps: without guards it is the file loader and nothing else. A callback never runs before its caller has returned.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import { type Entry, EntryKind, FailureEntry } from "./entry.ts";
import type { ErrorReplies } from "./error-replies.ts";
import { FileLoader, type FileLoaderOptions, type LoadDone } from "./file-loader.ts";
import { freshEntryOf } from "./fresh-entry.ts";
import { type Gatekeeper, Verdict } from "./gatekeeper.ts";
import { GuardedEntry } from "./guarded-entry.ts";
import { editsFor } from "./path-edits.ts";
import { type Plan, planFor } from "./plan.ts";
import { cacheKeyOf, type RequestPath } from "./request-path.ts";
import type { AuthRule } from "./rules/guard.ts";
import type { Missing } from "./site.ts";

export class GuardedLoader {
  private readonly loader: FileLoader;

  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
    private readonly gatekeeper: Gatekeeper,
  ) {
    this.loader = new FileLoader(options, cache, errors);
  }

  /**
   * Calls back exactly once, with an entry to be released after the reply; `missing.isAuthorised` says whether all guards have
   * admitted the client.
   */
  load(path: RequestPath, missing: Missing, done: LoadDone): void {
    const plan = planFor(this.options, path);
    if (this.options.rules.guards.length === 0) return this.loader.load(path, plan, done);
    // What is known is answered at once, but not before the caller has returned.
    queueMicrotask(() =>
      this.authorise(missing, path, plan.guards, done, () => this.loadGuarded(path, plan, missing, done)),
    );
  }

  private loadGuarded(path: RequestPath, plan: Plan, missing: Missing, done: LoadDone): void {
    const kept = freshEntryOf(this.cache, path, performance.now(), this.options.revalidateMs);
    kept?.retain();
    if (kept !== null) this.authoriseEntry(missing, path, kept, done);
    else this.loader.load(path, plan, (entry) => this.authoriseEntry(missing, path, entry, done));
  }

  private authoriseEntry(missing: Missing, path: RequestPath, entry: Entry, done: LoadDone): void {
    const guards = entry.kind === EntryKind.Guarded ? entry.guards : [];
    const refused: LoadDone = (refusal) => {
      entry.release();
      done(refusal);
    };
    this.authorise(missing, path, guards, refused, () => {
      missing.isAuthorised = true;
      done(entry);
    });
  }

  /** Continues when the client passes every guard; otherwise the entry is a refusal, and nothing is looked up. */
  private authorise(
    missing: Missing,
    path: RequestPath,
    guards: readonly AuthRule[],
    refused: LoadDone,
    passed: () => void,
  ): void {
    const [guard, ...others] = guards;
    if (guard === undefined) return passed();
    this.gatekeeper.verify(guard, missing.authorization, (verdict) => {
      if (verdict === Verdict.Granted) return this.authorise(missing, path, others, refused, passed);
      const errors = this.errors.with(editsFor(this.options.rules, path, null, true));
      if (verdict === Verdict.Unknown) return refused(new FailureEntry(cacheKeyOf(path), 503, null, null, errors));
      refused(new GuardedEntry(new FailureEntry(cacheKeyOf(path), 404, null, null, errors), [guard], errors));
    });
  }
}

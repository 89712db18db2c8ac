/**
 * Notices that rules in a document root have changed: `_redirects` and `_headers` were written, replaced, removed, or made.
 *
 * In:    the versions of these files (site/rule-files.ts), several times a second.
 * Out:   the files whose present versions nobody has tried yet.
 * Units: milliseconds of the monotonic clock.
 * Keeps: a version counts once it has been there for SETTLED_MS, so that a file is not read while it is being written, or in
 *        the moment between its removal and its return. What was tried is not tried again, whatever came of it.
 */
import type { Versions } from "../site/rule-files.ts";

/** Tools that write in place need milliseconds; a change of rules should take effect within a second. */
const SETTLED_MS = 250;

interface Seen {
  readonly version: string;
  readonly sinceMs: number;
}

export class RuleWatch {
  private readonly seen = new Map<string, Seen>();

  constructor(private tried: Versions) {}

  /** These have been read, or are about to be. */
  enter(versions: Versions): void {
    this.tried = versions;
    for (const path of this.seen.keys()) if (!(path in versions)) this.seen.delete(path);
  }

  /** Paths of files that have other versions than those tried, and have had them for long enough. */
  look(now: Versions, nowMs: number): string[] {
    for (const [path, version] of Object.entries(now)) {
      if (this.seen.get(path)?.version !== version) this.seen.set(path, { version, sinceMs: nowMs });
    }
    const others = Object.keys(now).filter((path) => path in this.tried && this.tried[path] !== now[path]);
    const isSettled = others.every((path) => nowMs - this.seen.get(path)!.sinceMs >= SETTLED_MS);
    return isSettled ? others : [];
  }
}

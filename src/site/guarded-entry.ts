/**
 * An entry that asks who asks: its path, or the file that answers it, has guards (`[[basic_auth]]`).
 *
 * Keeps: only such paths have one of these, so that nobody else's entries are asked anything. What is within is for those
 *        alone whom every guard has let in.
 */
import { CacheEntry } from "../cache/response-cache.ts";
import { type Entry, EntryKind } from "./entry.ts";
import type { ErrorReplies } from "./error-replies.ts";
import type { AuthRule } from "./rules/guard.ts";

export class GuardedEntry extends CacheEntry {
  readonly kind = EntryKind.Guarded;

  constructor(
    readonly inner: Exclude<Entry, GuardedEntry>,
    /** All must let a client in. */
    readonly guards: readonly AuthRule[],
    /** With the fields that rules set for the path. */
    readonly errors: ErrorReplies,
  ) {
    super(inner.key);
    this.cost = inner.cost;
  }

  isCurrent(): boolean {
    return this.inner.isCurrent();
  }

  retain(): void {
    this.inner.retain();
  }

  release(): void {
    this.inner.release();
  }
}

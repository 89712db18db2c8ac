/**
 * An entry that asks for credentials: its path, or the file that answers it, has guards (`[[basic_auth]]`).
 *
 * Keeps: only guarded paths have one, so other entries cost no check. The entry inside is only for clients
 *        that every guard has admitted.
 */
import { CacheEntry } from "../../cache/response-cache.ts";
import type { ErrorReplies } from "../represent/error-replies.ts";
import type { AuthRule } from "../rules/guard.ts";
import { EntryKind } from "./entry-kind.ts";
import type { PlainEntry } from "./plain-entry.ts";

export class GuardedEntry extends CacheEntry {
  readonly kind = EntryKind.Guarded;

  constructor(
    readonly inner: PlainEntry,
    /** All of them must admit a client. */
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

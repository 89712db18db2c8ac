/**
 * What a path was found to mean, with its responses ready to send; what the cache keeps.
 *
 * Out:   `isCurrent` asks the file system once (about 1 us, stat of a path) whether the entry is still valid.
 * Keeps: an entry never changes; one that is no longer valid is dropped and loaded again.
 */
import type { GuardedEntry } from "./guarded-entry.ts";
import type { PlainEntry } from "./plain-entry.ts";

export type Entry = PlainEntry | GuardedEntry;

/** What a path may mean, as entries are told apart. */

export enum EntryKind {
  File,
  Redirect,
  Listing,
  Failure,
  /** Only for clients that its guards admit (guarded-entry.ts). */
  Guarded,
}

/**
 * The first so many of a directory's entries in order of name, found without sorting or keeping all of them.
 *
 * Keeps: at most `limit` + SLACK candidates, whatever is added; each addition that may count is one comparison.
 */
import { compareEntries, type NamedEntry } from "./listing.ts";

/** Candidates beyond the limit that are collected before the last of all are dropped. */
const SLACK = 1000;

export class FirstEntries<Candidate extends NamedEntry> {
  /** How many were added. */
  total = 0;
  private candidates: Candidate[] = [];
  /** With `limit` candidates known, the last of them: whatever comes behind it is not among the first. */
  private last: Candidate | null = null;

  constructor(private readonly limit: number) {}

  add(candidate: Candidate): void {
    this.total++;
    if (this.last !== null && compareEntries(candidate, this.last) > 0) return;
    this.candidates.push(candidate);
    if (this.candidates.length >= this.limit + SLACK) this.cut();
  }

  /** The first of all that were added, in order. */
  take(): Candidate[] {
    this.cut();
    return this.candidates;
  }

  private cut(): void {
    this.candidates.sort(compareEntries);
    if (this.candidates.length < this.limit) return;
    this.candidates.length = this.limit;
    this.last = this.candidates[this.limit - 1] ?? null;
  }
}

/**
 * Paths whose requests the access log leaves out while they succeed (`access_log_skip`), such as those of health checks.
 *
 * In:    path patterns, as rules write them (syntax/path-syntax.ts); a path as it was sent.
 * Keeps: the path is decoded and normalised as the site does it, so every spelling of it is left out. What can't be a path is
 *        logged. The last answers are remembered.
 */
import { resolveRequestPath } from "../site/request-path.ts";
import { compilePattern, matchPath, type PathPattern, segmentsOf } from "../site/rules/path-pattern.ts";

/** Answers that are remembered; then all are forgotten. */
const REMEMBERED_MAX = 1024;

export class SkippedPaths {
  private readonly answers = new Map<string, boolean>();

  /** Null where nothing is left out. */
  static from(patterns: readonly string[]): SkippedPaths | null {
    return patterns.length === 0 ? null : new SkippedPaths(patterns.map((pattern) => compilePattern(pattern)));
  }

  private constructor(private readonly patterns: readonly PathPattern[]) {}

  /** `sentPath`: without a query; "" is the root (RFC 9110 §4.2.3). */
  includes(sentPath: string): boolean {
    const known = this.answers.get(sentPath);
    if (known !== undefined) return known;
    if (this.answers.size === REMEMBERED_MAX) this.answers.clear();
    const answer = this.matches(sentPath === "" ? "/" : sentPath);
    this.answers.set(sentPath, answer);
    return answer;
  }

  private matches(sentPath: string): boolean {
    const path = resolveRequestPath(sentPath, true);
    if (typeof path === "number") return false;
    const segments = segmentsOf(path.filePath);
    return this.patterns.some((pattern) => matchPath(pattern, segments) !== null);
  }
}

/**
 * Findings as text for people (one line each, in columns) and as JSON for programs.
 *
 * Keeps: pure. Columns are two spaces apart, and no column holds two spaces in a row.
 */
import type { Finding, Level } from "./finding.ts";

/** How a level is marked: colour on a terminal. */
export type Mark = (level: Level, text: string) => string;

const LEVELS: readonly Level[] = ["ok", "warn", "fail"];

export function reportText(findings: readonly Finding[], mark: Mark): string {
  const width = (pick: (finding: Finding) => string): number => Math.max(...findings.map((one) => pick(one).length));
  const whatWidth = width(({ what }) => what);
  const lines = findings.map(
    ({ level, what, measured, advice }) =>
      `${mark(level, level.padEnd(4))}  ${what.padEnd(whatWidth)}  ${[measured, advice].filter((text) => text !== "").join("  ")}`,
  );
  const sum = LEVELS.map((level) => `${countOf(findings, level)} ${level}`).join(", ");
  return `${[...lines, sum].join("\n")}\n`;
}

export function reportJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ healthy: isHealthy(findings), findings }, null, 2)}\n`;
}

/** True when no check failed. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return countOf(findings, "fail") === 0;
}

function countOf(findings: readonly Finding[], level: Level): number {
  return findings.filter((finding) => finding.level === level).length;
}

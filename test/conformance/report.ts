/**
 * What a run says: a table by section group and level, and every failed row with what was sent, expected and got.
 *
 * In:    outcomes in the order of the rows. Out: text for a terminal, Markdown for a document, or plain data for JSON.
 */
import { toVisible } from "./octet-text.ts";
import type { Outcome } from "./play-row.ts";
import {
  type BodyExpectation,
  type Expectation,
  type Level,
  LEVELS,
  type ResponseExpectation,
  type Row,
  type RowTitle,
  type SectionGroup,
} from "./row.ts";

export interface Tally {
  passed: number;
  failed: number;
  inapplicable: number;
}

export interface GroupReport {
  readonly title: string;
  readonly levels: Readonly<Record<Level, Tally>>;
}

export interface FailedRow {
  readonly name: string;
  readonly section: string;
  readonly level: Level;
  readonly sent: string;
  readonly expected: string;
  readonly reason: string;
  readonly got: string;
}

export interface Report {
  readonly server: string;
  readonly groups: readonly GroupReport[];
  readonly total: Readonly<Record<Level, Tally>>;
  readonly failed: readonly FailedRow[];
}

const emptyTallies = (): Record<Level, Tally> => {
  const tally = (): Tally => ({ passed: 0, failed: 0, inapplicable: 0 });
  return { must: tally(), should: tally(), choice: tally() };
};

export function makeReport(
  server: string,
  groups: readonly SectionGroup<RowTitle>[],
  outcomes: readonly Outcome[],
): Report {
  const byRow = new Map<RowTitle, Outcome>(outcomes.map((outcome) => [outcome.row, outcome]));
  const total = emptyTallies();
  const reports = groups.map((group) => {
    const levels = emptyTallies();
    for (const row of group.rows) {
      const outcome = byRow.get(row);
      if (!outcome) continue;
      levels[row.level][outcome.verdict]++;
      total[row.level][outcome.verdict]++;
    }
    return { title: group.title, levels };
  });
  const failed = outcomes.filter((outcome) => outcome.verdict === "failed").map(toFailedRow);
  return { server, groups: reports.filter((group) => countOf(group.levels) > 0), total, failed };
}

function toFailedRow({ row, sent, expected, reason, got }: Outcome): FailedRow {
  const { name, section, level } = row;
  return { name, section, level, sent, expected, reason: reason ?? "", got };
}

const countTally = (tally: Tally): number => tally.passed + tally.failed + tally.inapplicable;

const countOf = (levels: Readonly<Record<Level, Tally>>): number =>
  LEVELS.reduce((sum, level) => sum + countTally(levels[level]), 0);

/** `passed/applicable`, and how many were not applicable if any. */
function score(tally: Tally): string {
  const applicable = tally.passed + tally.failed;
  const rest = tally.inapplicable > 0 ? ` (${tally.inapplicable} n/a)` : "";
  return applicable + tally.inapplicable === 0 ? "–" : `${tally.passed}/${applicable}${rest}`;
}

export function toText(report: Report): string {
  const rows = [
    ["section", ...LEVELS],
    ...report.groups.map((group) => [group.title, ...LEVELS.map((level) => score(group.levels[level]))]),
    ["total", ...LEVELS.map((level) => score(report.total[level]))],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  const failures = report.failed.map((row) =>
    [
      `${row.level.toUpperCase()}  the server ${row.name} (${row.section})`,
      `  sent:     ${row.sent}`,
      `  expected: ${row.expected}`,
      `  found:    ${row.reason}`,
      `  got:      ${row.got}`,
    ].join("\n"),
  );
  return [`HTTP conformance of ${report.server} (passed/applicable rows)`, "", ...table, "", ...failures].join("\n");
}

/** One table for one or several servers: a line a section group, a column a server: must · should · choice. */
export function toMarkdown(reports: readonly Report[]): string {
  const [first] = reports;
  if (!first) return "";
  const cell = (levels: Readonly<Record<Level, Tally>>): string =>
    LEVELS.map((level) => levels[level])
      .map((tally) => (countTally(tally) === 0 ? "–" : `${tally.passed}/${tally.passed + tally.failed}`))
      .join(" · ");
  const cellOf = (report: Report, title: string): string => {
    const group = report.groups.find((one) => one.title === title);
    return group ? cell(group.levels) : "–";
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(["Section (must · should · choice)", ...reports.map((report) => report.server)]),
    line(["---", ...reports.map(() => "--:")]),
    ...first.groups.map((group) => line([group.title, ...reports.map((one) => cellOf(one, group.title))])),
    line(["**total**", ...reports.map((report) => `**${cell(report.total)}**`)]),
  ].join("\n");
}

export function describeExpectation(expect: Row["expect"]): string {
  const alternatives = Array.isArray(expect) ? (expect as readonly Expectation[]) : [expect as Expectation];
  return alternatives
    .map((one) => {
      const responses = one.responses.map(describeResponse).join("; then ") || "no response";
      const aftermath = one.then === "either" ? "" : `, connection ${one.then}`;
      return responses + aftermath;
    })
    .join(" OR ");
}

/** What one response must be, in a line. */
export function describeResponse(response: ResponseExpectation): string {
  const statuses = Array.isArray(response.status) ? response.status.join("|") : String(response.status);
  const fields = Object.entries(response.fields ?? {}).map(([name, wanted]) => {
    if (wanted === true) return `${name} present`;
    if (wanted === false) return `no ${name}`;
    return `${name}: ${wanted}`;
  });
  const body = response.body ? [describeBody(response.body)] : [];
  const check = response.check ? [response.check] : [];
  const interim = response.interim && response.interim.length > 0 ? [`interim ${response.interim}`] : [];
  const version = response.version ? [response.version] : [];
  return [statuses, ...interim, ...version, ...fields, ...body, ...check].join(", ");
}

function describeBody(body: BodyExpectation): string {
  if ("text" in body) return `content ${toVisible(body.text, 60)}`;
  if ("without" in body) return `content without ${JSON.stringify(body.without)}`;
  if ("decodedFile" in body) return `content that decodes to ${body.decodedFile}`;
  if ("parts" in body) return `parts ${body.parts.map(([a, b]) => `${a}-${b}`).join(",")} of ${body.file}`;
  const from = body.first === undefined ? "" : ` ${body.first}-${body.last ?? ""}`;
  return `content of ${body.file}${from}`;
}

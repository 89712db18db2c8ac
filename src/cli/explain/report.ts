/**
 * An explanation as text for people, or as JSON.
 *
 * In:    an explanation, and how to mark a heading, a status and a place.
 * Out:   three columns: what was looked at, what came of it, and the line behind it.
 * Keeps: columns are as wide as their longest text, up to a limit; a longer text moves the rest of its own line only.
 */
import type { Decision, ExplainedField, Explanation } from "./explanation.ts";

export interface Marks {
  readonly heading: (text: string) => string;
  readonly place: (text: string) => string;
}

const SUBJECT_COLUMNS_MAX = 44;
const OUTCOME_COLUMNS_MAX = 52;

export function reportText({ request, decisions, response }: Explanation, { heading, place }: Marks): string {
  const lines = [heading(`${request.method} ${request.target}`)];
  lines.push(...request.fields.map(([name, value]) => `${name}: ${value}`), "");
  lines.push(...table(decisions.map(rowOf), place), "");
  if (response === null) return `${lines.join("\n")}${heading("Only the running server can answer this.")}\n`;
  const { status, reason, fields, removed, content_octets } = response;
  lines.push(heading(`${status} ${reason}`));
  const rows = [...fields.map(fieldRow), ...removed.map(removedRow)];
  lines.push(...table(rows, place), "", `${content_octets} ${content_octets === 1 ? "octet" : "octets"} of content`);
  return `${lines.join("\n")}\n`;
}

/** One object, keys as in explanation.ts. Every reader of JSON takes U+FFFD for an octet that is no character (RFC 8259 §8.2). */
export function reportJson(explanation: Explanation): string {
  const shown = (_: string, value: unknown): unknown => (typeof value === "string" ? value.toWellFormed() : value);
  return `${JSON.stringify(explanation, shown, 2)}\n`;
}

type Row = readonly [step: string, subject: string, outcome: string, place: string];

/** A step that goes on is named once. */
function rowOf({ step, subject, outcome, setting, place }: Decision, index: number, all: readonly Decision[]): Row {
  return [all[index - 1]?.step === step ? "" : step, subject, outcome, placeText(setting, place)];
}

function fieldRow({ name, value, reason, setting, place }: ExplainedField): Row {
  return ["", `${name}: ${value}`, reason, placeText(setting, place)];
}

function removedRow({ name, reason, setting, place }: ExplainedField): Row {
  return ["", `(no ${name})`, reason, placeText(setting, place)];
}

/** `saker.toml:12`; of a default, whose it is. */
function placeText(setting: string, place: string): string {
  return place === "default" ? `default ${setting}` : place;
}

function table(rows: readonly Row[], mark: (text: string) => string): string[] {
  const width = (column: 0 | 1 | 2, limit: number): number => {
    const lengths = rows.map((row) => row[column].length).filter((length) => length <= limit);
    return Math.max(0, ...lengths);
  };
  const widths = [width(0, 20), width(1, SUBJECT_COLUMNS_MAX), width(2, OUTCOME_COLUMNS_MAX)] as const;
  const indent = widths[0] === 0 ? "" : "  ";
  return rows.map(([step, subject, outcome, place]) => {
    const left = `  ${step.padEnd(widths[0])}${indent}${subject.padEnd(widths[1])}`;
    const middle = place === "" ? outcome : outcome.padEnd(widths[2]);
    return `${left}  ${middle}${place === "" ? "" : `  ${mark(place)}`}`.trimEnd();
  });
}

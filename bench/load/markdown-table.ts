/**
 * A Markdown table, and the few ways its cells write numbers.
 *
 * In:    rows of cells, the first row being the head; which columns are words (aligned left).
 * Out:   text, columns padded so that it reads well in a terminal too.
 * Keeps: pure; NaN is written as "–".
 */

export function markdownTable(rows: readonly (readonly string[])[], leftColumns: readonly number[] = [0]): string {
  const [head] = rows;
  if (!head) return "";
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? "").length)));
  const isLeft = (column: number): boolean => leftColumns.includes(column);
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (isLeft(column) ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (isLeft(column) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join("\n");
}

/** A whole number, thousands set apart by a blank. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return "–";
  return count.toString().replace(/\B(?=(\d{3})+$)/g, " ");
}

/** About three significant digits, thousands set apart by a blank. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const magnitude = Math.abs(value);
  if (magnitude >= 1000)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, " ");
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}

export function formatPercent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : "–";
}

export function formatRatio(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : "–";
}

/** Microseconds below a millisecond, milliseconds above; 0 stands for unknown. */
export function formatLatency(microseconds: number): string {
  if (!Number.isFinite(microseconds) || microseconds === 0) return "–";
  return microseconds < 1000 ? `${Math.round(microseconds)} us` : `${formatNumber(microseconds / 1000)} ms`;
}

export function formatOctets(octets: number): string {
  if (!Number.isFinite(octets)) return "–";
  const magnitude = Math.abs(octets);
  if (magnitude >= 1024 * 1024) return `${formatNumber(octets / 1024 / 1024)} MiB`;
  return magnitude >= 1024 || magnitude === 0 ? `${formatNumber(octets / 1024)} KiB` : `${Math.round(octets)} B`;
}

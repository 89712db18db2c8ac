import { describe, expect, test } from "bun:test";
import { describeStatistics } from "../../src/admin/stats.ts";
import { formatMetrics } from "../../src/admin/metrics.ts";
import { Identity } from "../../src/stats/layout.ts";
import { SLOT_TABLE } from "../../src/stats/layout-table.ts";
import { FAMILIES } from "../../src/stats/metric-families.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { TemporarySegment } from "./temporary-segment.ts";

const PUBLISHED = SLOT_TABLE.filter(({ kind }) => kind !== "identity");
const BUILD = { version: "1", commit: "none" };

/** What is published of a worker whose cells all hold numbers of their own. */
function published(): { metrics: string; json: any } {
  using temporary = new TemporarySegment();
  const { segment } = temporary;
  const { values } = segment.slot(segment.claimSlot(0, 0, 1000));
  for (const { index, kind } of PUBLISHED) if (kind === "gauge" || index < Identity.State) values[index] = 1000 + index;
  const statistics = readStatistics(segment, 2000);
  return {
    metrics: formatMetrics(statistics, BUILD, 0, () => 0),
    json: JSON.parse(JSON.stringify(describeStatistics(segment, statistics, BUILD))),
  };
}

const PER_SECOND: Record<string, number> = { microseconds: 1e6, ms: 1000 };

describe("every counter and gauge is published", () => {
  const { metrics, json } = published();

  test.each(PUBLISHED.map((cell) => [cell.name, cell] as const))("%s", (_name, { index, count, unit, shown }) => {
    const { family, sample = "", without = "", json: paths = [] } = shown;
    expect(family === undefined, "either a metric shows it, or its row says why none does").toBe(without !== "");
    if (family !== undefined) {
      expect(metrics).toContain(`# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`);
      const value = (1000 + index) / (PER_SECOND[unit] ?? 1);
      const values = (family.label === "worker" ? "0" : sample).split(",");
      const labels = family.label.split(",").map((name, index) => `${name}="${values[index]}"`);
      const label = family.label === "" ? "" : `{${labels.join(",")}}`;
      if (family.type === "histogram") expect(["sum", "bucket"]).toContain(sample);
      else if (count === 1) expect(metrics).toContain(`\n${family.name}${label} ${value}\n`);
    }
    for (const path of paths) {
      const found = path.split(".").reduce((part, name) => part?.[name], json.total);
      const value = unit === "microseconds" ? (1000 + index) / 1e6 : 1000 + index;
      expect(found).toBeCloseTo(value, 4);
    }
  });
});

test("every family shows a cell", () => {
  const shown = new Set(SLOT_TABLE.map((cell) => cell.shown.family));
  expect(Object.values(FAMILIES).filter((family) => !shown.has(family))).toEqual([]);
});

test("no two cells are the same sample, or have the same place in JSON", () => {
  const samples = SLOT_TABLE.flatMap(({ shown: { family, sample = "" } }) =>
    family ? `${family.name} ${sample}` : [],
  );
  const paths = SLOT_TABLE.flatMap(({ shown }) => shown.json ?? []);
  expect(new Set(samples).size).toBe(samples.length);
  expect(new Set(paths).size).toBe(paths.length);
});

/** Tables and the numbers in them. */
import { expect, test } from "bun:test";
import {
  formatCount,
  formatLatency,
  formatNumber,
  formatOctets,
  formatPercent,
  formatRatio,
  markdownTable,
} from "../../bench/load/markdown-table.ts";

test("pads columns, words left and numbers right", () => {
  const table = markdownTable([
    ["", "us"],
    ["saker", "6.90"],
    ["floor", "5"],
  ]);
  expect(table).toBe("|       |   us |\n| ----- | ---: |\n| saker | 6.90 |\n| floor |    5 |");
});

test("of nothing is nothing", () => {
  expect(markdownTable([])).toBe("");
});

test.each([
  [formatNumber, 6.899, "6.90"],
  [formatNumber, 12.34, "12.3"],
  [formatNumber, 123.4, "123"],
  [formatNumber, 1234567, "1 234 567"],
  [formatNumber, NaN, "–"],
  [formatCount, 0, "0"],
  [formatCount, 100000, "100 000"],
  [formatCount, NaN, "–"],
  [formatRatio, 1.155, "1.16"],
  [formatRatio, NaN, "–"],
  [formatPercent, 0.999, "100 %"],
  [formatPercent, NaN, "–"],
  [formatLatency, 218.4, "218 us"],
  [formatLatency, 1330, "1.33 ms"],
  [formatLatency, 0, "–"],
  [formatOctets, 312, "312 B"],
  [formatOctets, 1536, "1.50 KiB"],
  [formatOctets, 1024 * 1024 * 14, "14.0 MiB"],
  [formatOctets, NaN, "–"],
])("%p of %p", (format, value, expected) => {
  expect(format(value)).toBe(expected);
});

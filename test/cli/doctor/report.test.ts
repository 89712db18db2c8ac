import { expect, test } from "bun:test";
import { fail, ok, warn } from "../../../src/cli/doctor/finding.ts";
import { isHealthy, reportJson, reportText } from "../../../src/cli/doctor/report.ts";

const FINDINGS = [
  ok("clock", "noon"),
  warn("file limit", "1024", "Raise it."),
  fail("port 80", "for root", "Be root."),
];

test("text: a line a finding in columns, and how many there are", () => {
  expect(reportText(FINDINGS, (_, text) => text)).toBe(
    [
      "ok    clock       noon",
      "warn  file limit  1024  Raise it.",
      "fail  port 80     for root  Be root.",
      "1 ok, 1 warn, 1 fail",
      "",
    ].join("\n"),
  );
});

test("marks touch nothing but the level", () => {
  const marked = reportText(FINDINGS, (level, text) => `<${level}>${text.toUpperCase()}`);
  expect(marked).toContain("<warn>WARN  file limit");
  expect(marked).toContain("<ok>OK    clock");
});

test("JSON has the same", () => {
  expect(JSON.parse(reportJson(FINDINGS))).toEqual({ healthy: false, findings: FINDINGS });
});

test.each([
  [[], true],
  [FINDINGS.slice(0, 2), true],
  [FINDINGS, false],
])("healthy without a failure", (findings, healthy) => expect(isHealthy(findings)).toBe(healthy));

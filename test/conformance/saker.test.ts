/**
 * Every conformance row against the real saker, each as a test of its own; the rows of `pending.ts` must fail.
 *
 * A row that is not applicable counts as failed here: what saker lacks is pending, not out of scope.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useSaker } from "../support/use-saker.ts";
import { ALL_ROWS, SECTION_GROUPS } from "./cases/index.ts";
import { makeFixtureSite } from "./fixture-site.ts";
import { PENDING } from "./pending.ts";
import { playRow } from "./play-row.ts";
import { describeExpectation } from "./report.ts";
import type { Row } from "./row.ts";
import { ServerUnderTest } from "./server-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-conformance-"));
beforeAll(() => makeFixtureSite(folder));
afterAll(() => rm(folder, { recursive: true, force: true }));

const shared = useSaker(() => ({ config: `document_root = ${JSON.stringify(folder)}` }));
let server: ServerUnderTest;
beforeAll(() => {
  server = new ServerUnderTest(`http://127.0.0.1:${shared.saker.port}`);
});

/** A row that waits this long has failed; short enough for the pending rows that wait for what isn't built. */
const DEADLINE_MS = 2_000;

const pendingNames = new Set(PENDING.flatMap((pending) => pending.rows));

async function pass(row: Row): Promise<void> {
  const outcome = await playRow(row, server, { deadlineMs: DEADLINE_MS });
  if (outcome.verdict === "passed") return;
  const { reason, sent, got } = outcome;
  throw new Error(`${reason}\nsent:     ${sent}\nexpected: ${describeExpectation(row.expect)}\ngot:      ${got}`);
}

describe.each(SECTION_GROUPS.map((group) => [group.title, group] as const))("%s", (_, group) => {
  for (const row of group.rows) {
    const name = `the server ${row.name} (${row.section}, ${row.level})`;
    if (pendingNames.has(row.name)) test.failing(name, () => pass(row));
    else test(name, () => pass(row));
  }
});

describe("pending rows", () => {
  test("each is a row, and pending once", () => {
    const names = PENDING.flatMap((pending) => pending.rows);
    expect(names.filter((name) => !ALL_ROWS.some((row) => row.name === name))).toEqual([]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("each feature says why", () => {
    for (const pending of PENDING) expect(pending.reason.length).toBeGreaterThan(10);
  });
});

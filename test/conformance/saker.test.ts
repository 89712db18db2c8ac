/**
 * Every conformance row against the real saker, each as a test of its own.
 *
 * A row that is not applicable counts as failed here: what saker lacks is pending, not out of scope.
 */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEADLINE_MS } from "../support/deadline.ts";
import { useSaker } from "../support/use-saker.ts";
import { SECTION_GROUPS } from "./cases/index.ts";
import { makeFixtureSite } from "./fixture-site.ts";
import { playRow } from "./play-row.ts";
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

async function pass(row: Row): Promise<void> {
  const outcome = await playRow(row, server, { deadlineMs: DEADLINE_MS });
  if (outcome.verdict === "passed") return;
  const { reason, sent, expected, got } = outcome;
  throw new Error(`${reason}\nsent:     ${sent}\nexpected: ${expected}\ngot:      ${got}`);
}

describe.each(SECTION_GROUPS.map((group) => [group.title, group] as const))("%s", (_, group) => {
  for (const row of group.rows) {
    test(`the server ${row.name} (${row.section}, ${row.level})`, () => pass(row));
  }
});

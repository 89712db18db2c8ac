/**
 * Every row about HTTP/2 against the real saker, over TLS and by prior knowledge, each as a test of its own.
 *
 * A row that is not applicable counts as failed here: what saker lacks is pending, not out of scope.
 */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEADLINE_MS } from "../../support/deadline.ts";
import { useSaker } from "../../support/use-saker.ts";
import { makeFixtureSite } from "../fixture-site.ts";
import { ServerUnderTest } from "../server-under-test.ts";
import { H2_SECTION_GROUPS } from "./cases/index.ts";
import { fetchOverHttp2 } from "./fetch.ts";
import { playRow } from "./play-row.ts";
import type { H2Row } from "./row.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-conformance-h2-"));
const site = join(folder, "site");
beforeAll(() => makeFixtureSite(site));
afterAll(() => rm(folder, { recursive: true, force: true }));

const shared = useSaker(() => ({
  config: `
    document_root = ${JSON.stringify(site)}
    [tls]
    port = 0
    self_signed = true
    redirect = false
    [http2]
    cleartext = true`,
  env: { XDG_DATA_HOME: folder },
}));

const portOf = (scheme: string): string =>
  new RegExp(`listening on ${scheme}://\\S+:(\\d+)`).exec(shared.saker.output)![1]!;

async function pass(row: H2Row, server: ServerUnderTest): Promise<void> {
  const outcome = await playRow(row, server, { deadlineMs: DEADLINE_MS });
  if (outcome.verdict === "passed") return;
  const { reason, sent, expected, got } = outcome;
  throw new Error(`${reason}\nsent:     ${sent}\nexpected: ${expected}\ngot:      ${got}`);
}

describe.each([
  ["https", "tls"],
  ["http", "cleartext"],
] as const)("%s", (scheme, transport) => {
  let server: ServerUnderTest;
  beforeAll(() => {
    server = new ServerUnderTest(`${scheme}://127.0.0.1:${portOf(scheme)}`, fetchOverHttp2);
  });

  const isMeant = ({ needs }: H2Row): boolean => (needs !== "tls" && needs !== "cleartext") || needs === transport;

  describe.each(H2_SECTION_GROUPS.map((group) => [group.title, group] as const))("%s", (_, group) => {
    for (const row of group.rows.filter(isMeant)) {
      test(`the server ${row.name} (${row.section}, ${row.level})`, () => pass(row, server));
    }
  });
});

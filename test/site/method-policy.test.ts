/** What becomes of methods other than GET and HEAD. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { decideOtherMethod, MethodOutcome } from "../../src/site/method-policy.ts";
import { compileHost } from "../../src/site/rules/host-rules.ts";
import { headOf } from "../http/support/head-result.ts";

const { settings } = (() => {
  const folder = mkdtempSync(join(tmpdir(), "saker-methods-"));
  writeFileSync(
    join(folder, "a.toml"),
    `redirect = [{ from = "/old/*", to = "/new/:splat", status = 308 }]
    [cors]
    path = "/api/*"
    allowed_origins = ["https://a.example"]`,
  );
  try {
    return loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
})();
const options = { rules: compileHost(settings, null).rules, dotfiles: false };

const ORIGIN = "Origin: https://a.example";
const ASKS = "Access-Control-Request-Method: GET";

test.each<[line: string, fields: string[], outcome: MethodOutcome]>([
  ["POST /old/a", [], MethodOutcome.Redirected],
  ["POST /a", [], MethodOutcome.NotAllowed],
  ["TRACE /old/a", [], MethodOutcome.NotAllowed],
  ["BREW /old/a", [], MethodOutcome.NotImplemented],
  ["OPTIONS /old/a", [], MethodOutcome.Options],
  ["OPTIONS *", [], MethodOutcome.Options],
  ["OPTIONS /api/a", [ORIGIN, ASKS], MethodOutcome.Preflight],
  ["OPTIONS /api/a", [ORIGIN], MethodOutcome.Options],
  ["OPTIONS /a", [ORIGIN, ASKS], MethodOutcome.Options],
])("%s %j", (line, fields, outcome) => {
  const head = headOf(`${line} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`);
  expect(decideOtherMethod(options, head).outcome).toBe(outcome);
});

test("a redirect comes with where it leads, and a preflight with its fields", () => {
  const moved = decideOtherMethod(options, headOf("PUT /old/a HTTP/1.1\r\nHost: a\r\n\r\n"));
  expect(moved).toMatchObject({ path: { key: "/old/a" }, redirection: { status: 308 } });
  const asked = decideOtherMethod(
    options,
    headOf(`OPTIONS /api/a HTTP/1.1\r\nHost: a\r\n${ORIGIN}\r\n${ASKS}\r\n\r\n`),
  );
  const { edits } = asked as Extract<typeof asked, { outcome: MethodOutcome.Preflight }>;
  expect(edits.map(({ name }) => name)).toContain("Access-Control-Allow-Methods");
});

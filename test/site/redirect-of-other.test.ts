import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { redirectOfOther } from "../../src/site/redirect-of-other.ts";
import { compileHost } from "../../src/site/rules/host-rules.ts";
import { headOf } from "../http/support/head-result.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-redirects-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$XHZiFHgZWvh4DICZ1C7GLBVGFJuKK9+l4PWmbabW/sU$ToEA/Lw0aQFHdCdRAYtFjw+lsPl+0VeSMej3DwLRaIU";

writeFileSync(
  join(folder, "a.toml"),
  `trailing_slash = "remove"
  redirect = [
    { from = "/old/*", to = "/new/:splat", status = 308 },
    { from = "/secret/*", to = "/elsewhere" },
    { from = "/denied/*", to = "/elsewhere" },
    { from = "/gone", to = "/elsewhere", when = "missing" },
  ]
  rewrite = [{ from = "/app/*", to = "/index.html" }]
  deny_path = [{ path = "/denied/*" }]
  basic_auth = [{ path = "/secret/*", users = ["a:${HASH}"] }]`,
);
const { settings } = loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: folder });
const { rules } = compileHost(settings, null);

test.each([
  ["POST /old/a", 308],
  ["PUT //old/./a?q", 308],
  ["PATCH /old", 308],
  ["DELETE http://a/old/a", 308],
  ["CONNECT a:80", null],
  ["TRACE /old/a", null],
  ["OPTIONS /old/a", null],
  ["BREW /old/a", null],
  ["POST /old/%", null],
  ["POST /secret/a", null],
  ["POST /denied/a", null],
  ["POST /gone", null],
  ["POST /app/a", null],
  ["POST /spelled/", null],
])("%s: %p", (line, status) => {
  const found = redirectOfOther({ rules, dotfiles: false }, headOf(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`));
  expect(found?.redirection.status ?? null).toBe(status);
});

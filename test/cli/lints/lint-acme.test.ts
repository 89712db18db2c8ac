/** Certificates that saker is to get by itself, and what will keep it from doing so. */
import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acmeProblems } from "../../../src/cli/acme-problems.ts";
import { lintAcme } from "../../../src/cli/lints/lint-acme.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-lint-acme-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
mkdirSync(join(FOLDER, "open"), { mode: 0o755 });
mkdirSync(join(FOLDER, "acme"), { mode: 0o700 });
for (const name of ["hook", "file"]) writeFileSync(join(FOLDER, name), "");
chmodSync(join(FOLDER, "hook"), 0o700);

function settingsOf(toml: string) {
  writeFileSync(join(FOLDER, "saker.toml"), toml);
  return loadSettings({ argv: ["--config", "saker.toml"], env: {}, cwd: FOLDER });
}

const lintsOf = (toml: string): string[] =>
  lintAcme(settingsOf(toml), {}).map(
    ({ because, message }) => `${because.path.join(".")}: ${message.replaceAll(FOLDER, "")}`,
  );

const problemsOf = (toml: string): string[] =>
  acmeProblems(settingsOf(toml), {}).map((line) => line.replaceAll(FOLDER, ""));

const acme = (rest = "", names = '["a.example.com"]'): string =>
  `[tls.acme]\nnames = ${names}\nagree_to_terms = true\nstorage = "acme"\n${rest}`;
const PORTS = "port = 80\n";

describe("lints", () => {
  test.each<[string, string]>([
    ["nothing to get", ""],
    ["all is well", PORTS + acme()],
    ["by handshake", `${PORTS}${acme('challenge = "tls-alpn-01"')}`],
    ["by DNS, whatever the ports", acme('challenge = "dns-01"\ndns_hook = "hook"')],
    ["names of another authority", PORTS + acme('directory = "https://ca.internal/"', '["a.internal", "b"]')],
  ])("nothing to say: %s", (_what, toml) => expect(lintsOf(toml)).toEqual([]));

  test.each<[string, string]>([
    [
      `${PORTS}[tls.acme]\nnames = ["a.example.com"]\nstorage = "acme"`,
      "tls.acme.agree_to_terms: agree_to_terms is not set: no certificate is gotten before its authority's terms are agreed to",
    ],
    [
      acme(),
      "tls.acme.challenge: challenge: the authority asks port 80, and this server has 8080: something must pass it on",
    ],
    [
      acme('challenge = "tls-alpn-01"'),
      "tls.acme.challenge: challenge: the authority asks port 443, and this server has 8443: something must pass it on",
    ],
    [`${PORTS}${acme('dns_hook = "hook"')}`, 'tls.acme.dns_hook: dns_hook has no effect: challenge is "http-01"'],
    [
      PORTS + acme("", '["a.local"]'),
      'tls.acme.names: names: "a.local" is no public name, and this authority gives no certificate for it',
    ],
    [
      PORTS + acme("", '["localhost"]'),
      'tls.acme.names: names: "localhost" is no public name, and this authority gives no certificate for it',
    ],
    [
      `${PORTS}${acme()}[[virtual_host]]\nnames = ["b.example.com"]`,
      'tls.acme.names: names: there is no virtual host for "a.example.com": the site outside of them answers',
    ],
    [
      PORTS + acme().replace('"acme"', '"open"'),
      "tls.acme.storage: storage /open can be entered by other users of this machine: chmod 700 keeps them out",
    ],
  ])("%j", (toml, line) => expect(lintsOf(toml)).toEqual([line]));
});

describe("problems", () => {
  test.each<[string, string[]]>([
    ["", []],
    [acme(), []],
    [acme().replace('"acme"', '"not/yet/there"'), []],
    [acme().replace('"acme"', '"file"'), ["storage /file is no folder"]],
    [acme('directory_ca = "nowhere"'), ["directory_ca /nowhere is no file"]],
    [acme('eab_key_id = "a"\neab_hmac_key_file = "acme"'), ["eab_hmac_key_file /acme is no file"]],
    [acme('challenge = "dns-01"\ndns_hook = "file"'), ["dns_hook /file can't be run by this user"]],
  ])("%j", (toml, lines) => expect(problemsOf(toml)).toEqual(lines));
});

/** The table `[tls.acme]`: what it is read as, its flags, and the contradictions that are refused. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acmeNamesOf } from "../../src/config/acme-names.ts";
import { LETS_ENCRYPT } from "../../src/config/acme-table.ts";
import { httpsPortOf, servesHttps } from "../../src/config/https.ts";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { placeOfSetting, showPlace } from "../../src/config/setting-place.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-acme-table-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function load(toml: string, argv: readonly string[] = [], env: Record<string, string> = {}) {
  writeFileSync(join(FOLDER, "a.toml"), toml);
  return loadConfiguration({ argv: ["--config", "a.toml", ...argv], env, cwd: FOLDER });
}

const settingsOf = (...sources: Parameters<typeof load>) => load(...sources).settings;

describe("what is read", () => {
  test("the table alone, with the names of the virtual hosts", () => {
    const settings = settingsOf(`[tls.acme]
[[virtual_host]]
names = ["Example.com.", "*.example.com", "*", "localhost", "192.0.2.1"]
[[virtual_host]]
names = ["own.example.com"]
certificate = "a.pem"
key = "a.key"
[[virtual_host]]
names = ["www.example.com", "example.net"]
`);
    expect(acmeNamesOf(settings)).toEqual(["example.com", "www.example.com", "example.net"]);
    expect(servesHttps(settings)).toBe(true);
    expect(settings.tls.acme).toMatchObject({ directory: LETS_ENCRYPT, challenge: "http-01", agree_to_terms: false });
    expect([settings.port, httpsPortOf(settings)]).toEqual([8080, 8443]);
  });

  test("nothing: there are no names", () => {
    expect(settingsOf("").tls.acme).toBeNull();
    expect(acmeNamesOf(settingsOf(""))).toEqual([]);
  });

  test("paths are relative to the file", () => {
    const { tls } = settingsOf('[tls.acme]\nnames = ["a.example"]\nstorage = "acme"\ndirectory_ca = "ca.pem"');
    expect(tls.acme).toMatchObject({ storage: join(FOLDER, "acme"), directory_ca: join(FOLDER, "ca.pem") });
  });

  test("one line: names, whom to write to, the terms; on the ports that browsers go to", () => {
    const argv = ["--domain", "a.example", "--domain", "b.example", "--email", "me@a.example", "--agree-to-terms"];
    const settings = settingsOf("", argv);
    const expected = { names: ["a.example", "b.example"], email: "me@a.example", agree_to_terms: true };
    expect(settings.tls.acme).toMatchObject({ ...expected, directory: LETS_ENCRYPT });
    expect([settings.port, httpsPortOf(settings)]).toEqual([80, 443]);
  });

  test("ports that are set stay", () => {
    const settings = settingsOf("port = 8000\n[tls]\nport = 8001", ["--domain", "a.example"]);
    expect([settings.port, httpsPortOf(settings)]).toEqual([8000, 8001]);
  });

  test("flags and variables add to what the file says", () => {
    const toml = '[tls]\nmin_version = "1.3"\n[tls.acme]\nnames = ["a.example"]\nprofile = "tlsserver"';
    const { settings, originOf } = load(toml, ["--email", "me@a.example"], { SAKER_TLS_ACME_PROFILE: "shortlived" });
    expect(settings.tls.min_version).toBe("1.3");
    const expected = { names: ["a.example"], profile: "shortlived", email: "me@a.example" };
    expect(settings.tls.acme).toMatchObject(expected);
    const placeOf = (name: string): string => showPlace(placeOfSetting(["tls", "acme", name], originOf));
    expect(["names", "profile", "email", "storage"].map(placeOf)).toEqual([
      "a.toml:4",
      "SAKER_TLS_ACME_PROFILE",
      "--email",
      "a.toml:3",
    ]);
  });

  test("a profile of the file changes part of it", () => {
    const toml = `[tls.acme]
names = ["a.example"]
email = "me@a.example"
[profile.staging.tls.acme]
directory = "https://staging.example/directory"`;
    expect(settingsOf(toml, ["--profile", "staging"]).tls.acme).toMatchObject({
      names: ["a.example"],
      email: "me@a.example",
      directory: "https://staging.example/directory",
    });
  });
});

describe("what is refused", () => {
  const ACME = '[tls.acme]\nnames = ["a.example"]\n';

  test.each<[string, string, string]>([
    ["no names at all", "[tls.acme]", 'a.toml:1:6: [tls.acme] needs "names"'],
    ["a wildcard by a request", '[tls.acme]\nnames = ["*.a.example"]', '"*.a.example" needs challenge = "dns-01"'],
    ["dns-01 without a program", `${ACME}challenge = "dns-01"`, 'a.toml:3:13: challenge = "dns-01" needs "dns_hook"'],
    [
      "an address by dns-01",
      '[tls.acme]\nnames = ["192.0.2.1"]\nchallenge = "dns-01"\ndns_hook = "hook"',
      "can't be proven by dns-01",
    ],
    ["a directory without TLS", `${ACME}directory = "http://a.example/"`, "begins with https://"],
    ["half of a customer", `${ACME}eab_key_id = "a"`, 'a.toml:3:14: eab_key_id needs "eab_hmac_key_file"'],
    ["the other half", `${ACME}eab_hmac_key_file = "a"`, 'a.toml:3:21: eab_hmac_key_file needs "eab_key_id"'],
    ["no e-mail address", `${ACME}email = "me"`, "email must be an address such as me@example.com"],
    ["a name with a port", '[tls.acme]\nnames = ["a.example:80"]', "each item of names must be a host name"],
    ["two wildcards in a name", '[tls.acme]\nnames = ["*.*.a.example"]', "each item of names must be a host name"],
    ["what it doesn't know", `${ACME}mail = "a@b"`, 'unknown setting "mail" in [tls.acme]; did you mean "email"?'],
  ])("%s", (_what, toml, problem) => {
    expect(() => load(toml)).toThrow(problem);
  });
});

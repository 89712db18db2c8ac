/**
 * The tables of TLS and HTTP/2: what they are read as, and the contradictions that are refused.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import { clientPolicyOf, httpsPortOf, servesHttps } from "../../src/config/https.ts";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { placeOfSetting, showPlace } from "../../src/config/setting-place.ts";
import { pairSources } from "../../src/tls/credential-sources.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-tls-tables-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function load(toml: string, argv: readonly string[] = [], env: Record<string, string> = {}) {
  writeFileSync(join(FOLDER, "a.toml"), toml);
  return loadConfiguration({ argv: ["--config", "a.toml", ...argv], env, cwd: FOLDER });
}

const settingsOf = (...sources: Parameters<typeof load>) => load(...sources).settings;

const PAIR = 'certificate = "a.pem"\nkey = "a.key"\n';
const HTTPS = `[tls]\n${PAIR}`;

describe("what is read", () => {
  test("nothing: there is no HTTPS, and the rest has its defaults", () => {
    const settings = settingsOf("");
    expect(servesHttps(settings)).toBe(false);
    expect(settings.tls).toEqual({
      port: null,
      certificate: null,
      key: null,
      self_signed: false,
      min_version: "1.2",
      redirect: true,
      hsts_max_age_seconds: 0,
      client_certificates: "off",
      client_ca: null,
      client_crl: null,
      certificates: [],
      acme: null,
    });
    expect(settings.http2).toEqual({ enabled: true, cleartext: false, max_concurrent_streams: 100 });
  });

  test("one certificate", () => {
    const settings = settingsOf(HTTPS);
    expect(settings.tls).toMatchObject({ certificate: join(FOLDER, "a.pem"), key: join(FOLDER, "a.key") });
    expect(servesHttps(settings)).toBe(true);
  });

  test("several certificates, with the place of each", () => {
    const { settings, originOf } = load(
      `[tls]\nmin_version = "1.3"\n[[tls.certificate]]\n${PAIR}[[tls.certificate]]\n${PAIR}`,
    );
    const item = { certificate: join(FOLDER, "a.pem"), key: join(FOLDER, "a.key") };
    expect(settings.tls).toMatchObject({ certificate: null, min_version: "1.3", certificates: [item, item] });
    expect(servesHttps(settings)).toBe(true);
    const place = placeOfSetting(["tls", "certificates", 1, "key"], originOf);
    expect(showPlace(place)).toBe("a.toml:8");
  });

  test("a certificate of a virtual host, and what it asks of clients", () => {
    const settings = settingsOf(`[tls]\nclient_ca = "ca.pem"\nclient_crl = "crl.pem"
[[virtual_host]]
names = ["a"]
client_certificates = "required"
${PAIR}
[[virtual_host]]
names = ["b"]
client_ca = "b.pem"
`);
    expect(servesHttps(settings)).toBe(true);
    const [a, b] = settings.virtual_host;
    const [ca, crl] = [join(FOLDER, "ca.pem"), join(FOLDER, "crl.pem")];
    expect(clientPolicyOf(settings, null)).toEqual({ client_certificates: "off", client_ca: ca, client_crl: crl });
    expect(clientPolicyOf(settings, a!)).toEqual({ client_certificates: "required", client_ca: ca, client_crl: crl });
    const own = { client_certificates: "off", client_ca: join(FOLDER, "b.pem"), client_crl: null } as const;
    expect(clientPolicyOf(settings, b!)).toEqual(own);
  });

  test.each([
    [["--https"], {}],
    [["--tls-self-signed"], {}],
    [[], { SAKER_HTTPS: "1" }],
    [[], { SAKER_TLS_SELF_SIGNED: "yes" }],
  ])("a certificate of saker's own, from %j and %j", (argv, env) => {
    expect(settingsOf("", argv, env as {}).tls.self_signed).toBe(true);
  });

  test.each([
    [["--https-port", "1"], {}],
    [["--tls-port=1"], {}],
    [[], { SAKER_HTTPS_PORT: "1" }],
  ])("the port, from %j and %j", (argv, env) => {
    expect(httpsPortOf(settingsOf("", ["--https", ...argv], env as {}))).toBe(1);
  });

  test.each([
    ["port = 80", 443],
    ["port = 0", 0],
    ["port = 3000", 8443],
    ["port = 80\n[tls]\nport = 444\nself_signed = true", 444],
  ])("the port that %j suggests is %d", (toml, port) => expect(httpsPortOf(settingsOf(toml))).toBe(port));

  test.each([
    ['[tls]\ncertificate = "a.pem"', []],
    ['[[tls.certificate]]\ncertificate = "a.pem"', []],
    ['[[virtual_host]]\nnames = ["a"]\ncertificate = "a.pem"', []],
    ["", ["--certificate", "a.pem"]],
  ])("a certificate whose file holds its key, too: %j %j", (toml, argv) => {
    const settings = settingsOf(toml, argv);
    expect(servesHttps(settings)).toBe(true);
    const file = join(FOLDER, "a.pem");
    expect(pairSources(settings)).toMatchObject([{ certificate: file, key: file, hasKeyOfItsOwn: false }]);
  });

  test("a certificate on the command line", () => {
    const { tls } = settingsOf("", ["--certificate", "b.pem", "--key", "b.key"]);
    expect(tls).toMatchObject({ certificate: join(FOLDER, "b.pem"), key: join(FOLDER, "b.key") });
  });
});

describe("what is refused, and where", () => {
  const needs = 'needs "certificate", "self_signed" or [tls.acme]: without them there is no HTTPS';

  test.each([
    ['[tls]\nkey = "a.pem"', [], 'a.toml:2:7: key needs "certificate", too'],
    ["", ["--key", "a"], '--key: key needs "certificate", too'],
    ['[[tls.certificate]]\nkey = "a.pem"', [], 'a.toml:1:7: [[tls.certificate]] needs "certificate"'],
    ['[[tls.certificate]]\ncert = "a"', [], 'a.toml:2:1: unknown setting "cert" in [tls.certificate]'],
    ['[tls]\ncertificat = "a"', [], 'a.toml:2:1: unknown setting "certificat" in [tls]; did you mean "certificate"?'],
    ['[tls]\ncert = "a"', [], 'a.toml:2:1: unknown setting "cert" in [tls]; did you mean "certificate"?'],
    [
      '[tls.certificate]\ncertificate = "a"',
      [],
      "a.toml:1:6: certificate must be one value, or an array of tables: [[tls.certificate]]",
    ],
    ['certificate = "a"', [], 'a.toml:1:1: unknown setting "certificate"; it belongs in [tls]'],
    ["self_signed = true", [], 'a.toml:1:1: unknown setting "self_signed"; it belongs in [tls]'],
    ["enabled = true", [], 'a.toml:1:1: unknown setting "enabled"; "saker help settings" lists all'],
    ["[https]\nport = 1", [], 'a.toml:1:2: unknown table "https"'],
    ["[tls]\ncertificate = 1", [], "a.toml:2:15: certificate must be a path, not 1"],
    ['[[virtual_host]]\nnames = ["a"]\nkey = "a"', [], 'a.toml:3:7: key needs "certificate", too'],
    ['[tls]\nmin_version = "1.1"', [], 'a.toml:2:15: min_version must be "1.2" or "1.3", not "1.1"'],
    ["[tls]\nmin_version = 1.2", [], 'a.toml:2:15: min_version must be "1.2" or "1.3", not 1.2'],
    ["[tls]\nport = 65536", [], "a.toml:2:8: port must be an integer between 0 and 65535, not 65536"],
    ["[tls]\nport = 443", [], `a.toml:2:8: port ${needs}`],
    ["[tls]\nredirect = true", [], `a.toml:2:12: redirect ${needs}`],
    ["[tls]\nhsts_max_age_seconds = 1", [], `a.toml:2:24: hsts_max_age_seconds ${needs}`],
    ["", ["--https-port=1"], `--https-port: port ${needs}`],
    [
      `[tls]\nclient_certificates = "required"\n${PAIR}`,
      [],
      'a.toml:2:23: client_certificates = "required" needs "client_ca"',
    ],
    [
      `[[virtual_host]]\nnames = ["a"]\nclient_certificates = "optional"\n${PAIR}`,
      [],
      'a.toml:3:23: client_certificates = "optional" needs "client_ca"',
    ],
    [
      '[[virtual_host]]\nnames = ["a"]\nclient_certificates = "optional"\nclient_ca = "a"',
      [],
      "a.toml:3:23: client_certificates needs a certificate of the server's own, in [tls]",
    ],
    [`[tls]\nport = 8080\n${PAIR}`, [], "a.toml:2:8: the ports of HTTP (port) and HTTPS (tls.port) must differ"],
    [`port = 8443\n${HTTPS}`, [], "a.toml:1:8: the ports of HTTP (port) and HTTPS (tls.port) must differ"],
    [
      `admin_listen = ":8443"\n${HTTPS}`,
      [],
      "a.toml:1:16: admin_listen must differ from the address of HTTPS ([::]:8443)",
    ],
    ["[http2]\nenabled = false\ncleartext = true", [], "a.toml:3:13: cleartext needs HTTP/2, which enabled = false"],
    ["[http2]\nmax_concurrent_streams = 0", [], "a.toml:2:26: max_concurrent_streams must be an integer between 1"],
  ])("%j %j", (toml, argv, message) => expect(() => load(toml, argv)).toThrow(message));

  test("both ways to name a certificate in one file", () => {
    expect(() => load(`${HTTPS}[[tls.certificate]]\n${PAIR}`)).toThrow("a.toml:4:1: invalid TOML: cannot redefine key");
  });
});

test("a switch that is off asks for nothing", () => {
  const toml = '[tls]\nredirect = false\nclient_certificates = "off"\nhsts_max_age_seconds = 0';
  expect(servesHttps(settingsOf(toml))).toBe(false);
});

/** Certificates that clients may stumble over, names without one, and settings of HTTPS without effect. */
import { afterAll, expect, test } from "bun:test";
import { lintCertificates } from "../../../src/cli/lints/lint-certificates.ts";
import { readSources } from "../../../src/cli/read-certificates.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";
import { CertificateFolder, makePair, testAuthority } from "../../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
folder.write("ca.pem", testAuthority().certificate);
/** With the root behind it: nothing is wrong with such a chain. */
for (const [file, names] of [
  ["a", ["a.example", "*.w.example"]],
  ["h", ["h.example"]],
] as const) {
  const { certificate, key } = makePair(names);
  folder.writePair(file, { certificate: certificate + testAuthority().certificate, key });
}

function lintsOf(toml: string): string[] {
  folder.write("saker.toml", toml);
  const { settings } = loadConfiguration({ argv: ["--config", "saker.toml"], env: {}, cwd: folder.path });
  return lintCertificates(settings, readSources(settings)).map(
    ({ because, message }) => `${because.path.join(".")}: ${message.replaceAll(`${folder.path}/`, "")}`,
  );
}

const pair = (name: string): string => `certificate = "${name}.pem"\nkey = "${name}.key"\n`;
const A = `[tls]\n${pair("a")}`;
const host = (...names: string[]): string => `[[virtual_host]]\nnames = ${JSON.stringify(names)}\n`;

test.each<[string, string]>([
  ["no HTTPS", ""],
  ["one certificate, and no virtual host", A],
  ["virtual hosts with certificates", `${A}${host("a.example", "x.w.example", "*.w.example")}`],
  ["a virtual host for everybody", `${A}${host("*")}`],
  [
    "a virtual host with its own certificate",
    `${A}${host("h.example")}${pair("h")}${host("a.example", "b.w.example")}`,
  ],
  ["the main site, and a virtual host beside it", `${A}${host("x.w.example")}`],
  ["self-signed", `[tls]\nself_signed = true\n${host("any.example", "*.more.example")}`],
])("nothing to say: %s", (_, toml) => expect(lintsOf(toml)).toEqual([]));

test.each<[string, string]>([
  [
    `${A}${host("a.example", "b.example", "x.w.example")}`,
    'virtual_host.0.names.1: no certificate names "b.example": its clients get a.pem, and will refuse it',
  ],
  [
    `${A}${host("a.example", "y.x.w.example", "x.w.example")}`,
    'virtual_host.0.names.1: no certificate names "y.x.w.example": its clients get a.pem',
  ],
  [
    `${A}${host("a.example", "x.w.example")}${host("b.example")}${pair("h")}`,
    'virtual_host.1.names.0: its own certificate h.pem doesn\'t name "b.example": clients will refuse it',
  ],
  [
    `unknown_host = 421\n${A}${host("x.w.example")}`,
    "tls.certificate: certificate a.pem names a.example, for which there is no virtual host: clients get 421",
  ],
  [`port = 443\n${A}`, "port: port 443 is for HTTPS, and here it speaks plain HTTP: HTTPS is on port 8443"],
  [`${A}client_ca = "ca.pem"`, "tls.client_ca: client_ca has no effect"],
  [`${A}hsts_max_age_seconds = 9`, "tls.hsts_max_age_seconds: hsts_max_age_seconds: browsers that have seen it turn"],
  [
    `port = 80\n${A}hsts_max_age_seconds = 9\nredirect = false`,
    "tls.hsts_max_age_seconds: hsts_max_age_seconds: redirect is off",
  ],
  [`port = 80\n[tls]\nself_signed = true\nhsts_max_age_seconds = 9`, "browsers that don't trust saker's own authority"],
])("%j", (toml, lint) => {
  expect(lintsOf(toml)).toHaveLength(1);
  expect(lintsOf(toml)[0]).toContain(lint);
});

test("what is wrong with a file's content, at the line that names it", () => {
  const { certificate, key } = makePair(["o.example"]);
  folder.writePair("o", { certificate, key });
  expect(lintsOf(`[[tls.certificate]]\n${pair("a")}[[tls.certificate]]\n${pair("o")}`)).toEqual([
    'tls.certificates.1.certificate: certificate o.pem ends at "authority of a test, saker", which is no root that clients are known to have',
  ]);
});

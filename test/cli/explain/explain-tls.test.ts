/** What happens before a request by HTTPS, and on plain HTTP where everything is served by HTTPS. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { explainRequest } from "../../../src/cli/explain/explain-request.ts";
import { requestOf } from "../../../src/cli/explain/synthetic-request.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";
import { CertificateFolder, makePair, testAuthority } from "../../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
for (const name of ["a", "h"]) folder.writePair(name, makePair([`${name}.example`]));
folder.writePair("w", makePair(["*.example"]));
folder.write("ca.pem", testAuthority().certificate);
folder.write("index.html", "home", 0o644);

const pair = (name: string): string => `certificate = "${name}.pem"\nkey = "${name}.key"\n`;
const CONFIG = `port = 80
document_root = "."
[tls]
hsts_max_age_seconds = 60
client_ca = "ca.pem"
[[tls.certificate]]
${pair("a")}[[tls.certificate]]
${pair("w")}[[virtual_host]]
names = ["own.example"]
${pair("h")}client_certificates = "required"
`;

async function explain(url: string, config = CONFIG) {
  folder.write("saker.toml", config);
  const { settings, originOf } = loadConfiguration({ argv: ["--config", "saker.toml"], env: {}, cwd: folder.path });
  const { decisions, response } = await explainRequest(settings, originOf, requestOf("GET", url, []));
  const lines = decisions.map(({ step, subject, outcome, place }) => `${step} | ${subject} | ${outcome} | ${place}`);
  const fields = Object.fromEntries(response?.fields.map(({ name, value }) => [name, value]) ?? []);
  return { lines: lines.map((line) => line.replaceAll(`${folder.path}/`, "")), status: response?.status, fields };
}

describe("the certificate", () => {
  test.each<[string, string]>([
    ["https://a.example/", "certificate | a.pem | names a.example | saker.toml:7"],
    ["https://x.example/", "certificate | w.pem | its wildcard covers x.example | saker.toml:10"],
    ["https://elsewhere/", "certificate | a.pem | the default: none names elsewhere | saker.toml:7"],
    ["https://192.0.2.1/", "certificate | a.pem | the default: clients send no address in a handshake | saker.toml:7"],
    ["https://own.example:8443/", "certificate | h.pem | the virtual host's own | saker.toml:14"],
    ["/", "certificate | a.pem | the default: none names localhost | saker.toml:7"],
  ])("%s", async (url, line) => expect((await explain(url)).lines[0]).toBe(line));

  test("RSA and ECDSA, both", async () => {
    folder.openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout r.key -out r.pem -days 9 -subj /CN=a -addext subjectAltName=DNS:a.example",
    );
    const { lines } = await explain("https://a.example/", `${CONFIG}[[tls.certificate]]\n${pair("r")}`);
    expect(lines.slice(0, 2).map((line) => line.split(" | ")[1])).toEqual(["a.pem", "r.pem"]);
  });

  test("one that can't be served", async () => {
    folder.write("t.pem", "torn");
    folder.write("t.key", "torn");
    const { lines } = await explain("https://a.example/", `${CONFIG}[[tls.certificate]]\n${pair("t")}`);
    expect(lines[0]).toBe(
      "certificate | certificate t.pem holds no certificate in PEM | can't be served | saker.toml:18",
    );
  });
});

test("what is asked of the client", async () => {
  expect((await explain("https://own.example/")).lines[1]).toBe(
    "certificate | of the client, by ca.pem | required: no handshake without one | saker.toml:16",
  );
});

test("the version", async () => {
  const off = `${CONFIG}[http2]\nenabled = false\n`;
  const line = "protocol | TLS 1.3 or 1.2 | HTTP/2 where the client offers it, otherwise HTTP/1.1 | default";
  expect((await explain("https://a.example/")).lines[1]).toBe(line);
  expect((await explain("https://a.example/", off)).lines[1]).toBe(
    "protocol | TLS 1.3 or 1.2 | HTTP/1.1 | saker.toml:18",
  );
});

test("the response by HTTPS has the field that plain HTTP hasn't", async () => {
  expect((await explain("https://a.example/")).fields["Strict-Transport-Security"]).toBe("max-age=60");
});

describe("plain HTTP", () => {
  test("is redirected", async () => {
    const { lines, status, fields } = await explain("http://a.example/x?y");
    expect(lines).toEqual(["https | plain HTTP | 308: the same by HTTPS | default"]);
    expect(status).toBe(308);
    expect(fields.Location).toBe("https://a.example/x?y");
    expect(fields["Strict-Transport-Security"]).toBeUndefined();
  });

  test("is not, where the settings say so, for admin endpoints, and without HTTPS", async () => {
    const stays = CONFIG.replace("[tls]\n", "[tls]\nredirect = false\n");
    expect((await explain("http://a.example/", stays)).status).toBe(200);
    expect((await explain("http://a.example/health")).lines.at(-1)).toContain("the running server answers");
    const { lines, status } = await explain("https://a.example/", 'document_root = "."');
    expect(status).toBe(200);
    expect(lines[0]).toStartWith("host | ");
  });
});

describe("certificates that saker gets by itself", () => {
  const ACME = `port = 80\ndocument_root = "."\n[tls.acme]\nnames = ["b.example"]\nstorage = "acme"\n`;

  test("one that isn't there yet is stood in for", async () => {
    expect((await explain("https://b.example/", ACME)).lines[0]).toBe(
      "certificate | placeholder until there is one | names b.example | saker.toml:4",
    );
  });

  test("one that is there", async () => {
    const { certificate, key } = makePair(["b.example"]);
    mkdirSync(join(folder.path, "acme/certificates/b.example"), { recursive: true });
    folder.write("acme/certificates/b.example/certificate.pem", certificate + key);
    expect((await explain("https://b.example/", ACME)).lines[0]).toBe(
      "certificate | acme/certificates/b.example/certificate.pem | names b.example | saker.toml:4",
    );
    expect((await explain("https://b.example/acme/certificates/b.example/certificate.pem", ACME)).status).toBe(404);
  });

  test.each(["http", "https"])("a proof that is asked for by %s comes before the site", async (scheme) => {
    const url = `${scheme}://b.example/.well-known/acme-challenge/token`;
    const { lines, status } = await explain(url, ACME);
    const outcome = "a running server answers: what the certificate authority looks for, or 404; never a file";
    expect(lines.at(-1)).toBe(`challenge | /.well-known/acme-challenge/ | ${outcome} | saker.toml:3`);
    expect(status).toBeUndefined();
  });
});

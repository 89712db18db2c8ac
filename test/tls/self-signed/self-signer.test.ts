/** Certificates by saker's own authority, for the names that are served. */
import { afterAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { factsOf } from "../../../src/tls/certificate.ts";
import { SelfSigner } from "../../../src/tls/self-signed/self-signer.ts";
import { servedNames } from "../../../src/tls/self-signed/served-names.ts";
import { CertificateFolder } from "../../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());
const env = { STATE_DIRECTORY: folder.path };
const DAY = 86_400_000;

describe("SelfSigner", () => {
  test("issues for all names, and anew before that ends", () => {
    const signer = new SelfSigner(["a.example", "::1"], env);
    const nowMs = Date.now();
    const { pair, warnings } = signer.issue(nowMs);
    const facts = factsOf(new X509Certificate(pair.certificate));
    expect(facts.names).toEqual(["a.example", "::1"]);
    expect(warnings).toEqual([]);
    expect(signer.version(nowMs + 59 * DAY)).toBe(signer.version(nowMs));
    const dueMs = nowMs + 61 * DAY;
    expect(signer.version(dueMs)).not.toBe(signer.version(nowMs));
    expect(dueMs).toBeLessThan(facts.notAfterMs - 20 * DAY);
  });

  test("says which names there is no room for", () => {
    const names = Array.from({ length: 130 }, (_, index) => `n${index}.example`);
    const { pair, warnings } = new SelfSigner(names, env).issue(Date.now());
    expect(factsOf(new X509Certificate(pair.certificate)).names).toHaveLength(100);
    expect(warnings).toMatchObject([{ text: "the self-signed certificate names 100 hosts, and not the 30 others" }]);
  });

  test("says that its authority can't be kept, once", () => {
    folder.write("file", "");
    const signer = new SelfSigner(["a"], { STATE_DIRECTORY: folder.at("file") });
    expect(signer.issue(Date.now()).warnings).toMatchObject([{ text: expect.stringContaining("can't be kept") }]);
    expect(signer.issue(Date.now()).warnings).toEqual([]);
  });
});

describe("servedNames", () => {
  const settings = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });
  const host = (names: string[], certificate: string | null = null) =>
    ({ names, certificate }) as unknown as (typeof settings.virtual_host)[number];

  test.each<[string, Partial<typeof settings>, string, string[]]>([
    ["nothing but this machine", {}, "box", ["localhost", "127.0.0.1", "::1", "box", "box.local"]],
    ["a machine with a whole name", {}, "box.lan", ["localhost", "127.0.0.1", "::1", "box.lan"]],
    ["a machine without a good name", {}, "a b", ["localhost", "127.0.0.1", "::1"]],
    ["an address that is listened on", { host: "192.0.2.1" }, "", ["localhost", "127.0.0.1", "::1", "192.0.2.1"]],
    ["localhost", { host: "localhost" }, "localhost", ["localhost", "127.0.0.1", "::1"]],
    [
      "virtual hosts, but for those with a certificate and for everybody",
      { virtual_host: [host(["A.example", "*.b.example", "*"]), host(["own.example"], "/own.pem")] },
      "",
      ["a.example", "*.b.example", "localhost", "127.0.0.1", "::1"],
    ],
  ])("%s", (_, changed, machine, names) => expect(servedNames({ ...settings, ...changed }, machine)).toEqual(names));
});

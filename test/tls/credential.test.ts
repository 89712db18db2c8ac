/** A certificate with its key: what can be served, what can't, and what is probably not meant. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readCredential } from "../../src/tls/credential.ts";
import { CertificateFolder, makePair, testAuthority } from "../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());

const text = (name: string): string => readFileSync(folder.at(name), "latin1");
const UNKNOWN_ROOT = /^ends at "authority of a test, saker", which is no root/;

function good(certificate: string, key: string) {
  const outcome = readCredential(certificate, key);
  if (!outcome.isGood) throw new Error(outcome.fault.problem);
  const { credential } = outcome;
  return { ...credential, warnings: credential.warnings.map(({ text }) => text) };
}

function fault(certificate: string, key: string) {
  const outcome = readCredential(certificate, key);
  return outcome.isGood ? null : outcome.fault;
}

describe("kinds of keys", () => {
  test.each([
    ["rsa:2048", "rsa", "RSA 2048"],
    ["ec -pkeyopt ec_paramgen_curve:P-256", "ec", "ECDSA P-256"],
    ["ec -pkeyopt ec_paramgen_curve:P-384", "ec", "ECDSA P-384"],
    ["ed25519", "ed25519", "Ed25519"],
  ] as const)("%s", (kind, keyKind, keyText) => {
    folder.writePair("ca", testAuthority());
    folder.request("kind", "/CN=kind.example", kind);
    folder.sign("kind", "ca", "subjectAltName=DNS:kind.example");
    const { facts } = good(text("kind.pem"), text("kind.key"));
    expect(facts).toMatchObject({ keyKind, keyText, names: ["kind.example"], hasAltName: true });
  });

  test("a key of an old form", () => {
    folder.openssl("ecparam -name prime256v1 -genkey -out old.key");
    folder.openssl("req -x509 -key old.key -days 9 -out old.pem -subj /CN=old.example");
    expect(text("old.key")).toContain("BEGIN EC PRIVATE KEY");
    expect(good(text("old.pem"), text("old.key")).warnings).toContain(
      "has no subjectAltName: browsers don't read the common name",
    );
  });

  test.each([
    ["ec -pkeyopt ec_paramgen_curve:P-521", "has a key that browsers don't accept (ECDSA P-521)"],
    ["ed25519", "has a key that browsers don't accept (Ed25519)"],
  ])("%s is served, with a warning", (kind, warning) => {
    folder.request("odd", "/CN=odd.example", kind);
    folder.sign("odd", "ca", "subjectAltName=DNS:odd.example");
    expect(good(text("odd.pem"), text("odd.key")).warnings).toContain(warning);
  });
});

describe("what can't be served", () => {
  const one = makePair(["a.example"]);

  test("a key of another certificate", () => {
    expect(fault(one.certificate, makePair(["a.example"]).key)).toEqual({
      file: "key",
      problem: "does not belong to the certificate",
    });
  });

  test("an encrypted key", () => {
    folder.write("plain.key", one.key);
    folder.openssl("pkey -in plain.key -aes256 -passout pass:x -out secret.key");
    expect(fault(one.certificate, text("secret.key"))).toMatchObject({
      file: "key",
      problem: expect.stringContaining("is encrypted"),
    });
  });

  test.each([
    ["no certificate", one.key, one.key, "certificate", "holds no certificate in PEM"],
    ["no key", one.certificate, one.certificate, "key", "holds no private key in PEM"],
    ["nothing", "", "", "certificate", "holds no certificate in PEM"],
    [
      "a torn certificate",
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
      one.key,
      "certificate",
      "holds a certificate that can't be read",
    ],
    [
      "a torn key",
      one.certificate,
      "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----",
      "key",
      "holds a private key that can't be read",
    ],
  ])("%s", (_, certificate, key, file, problem) => {
    expect(fault(certificate, key)).toMatchObject({ file, problem: expect.stringContaining(problem) });
  });

  test("DER says so", () => {
    folder.write("der.pem", one.certificate);
    folder.openssl("x509 -in der.pem -outform DER -out der");
    expect(fault(text("der"), one.key)!.problem).toBe("holds no certificate in PEM; it looks like DER");
  });

  test("no message has anything of the key in it", () => {
    const outcomes = [fault(one.certificate, makePair(["b"]).key), fault(one.key, one.key)];
    const secret = one.key.split("\n")[1]!;
    expect(JSON.stringify(outcomes)).not.toContain(secret.slice(0, 20));
  });
});

describe("chains", () => {
  beforeAll(() => {
    folder.writePair("root", testAuthority());
    folder.request("root2", "/CN=root2");
    folder.openssl("req -x509 -key root2.key -days 30 -out root2.pem -subj /CN=root2");
    folder.request("middle", "/CN=middle");
    folder.sign("middle", "root2", "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign");
    folder.request("leaf", "/CN=leaf.example");
    folder.sign("leaf", "middle", "subjectAltName=DNS:leaf.example");
  });

  const warningsOf = (...files: string[]): readonly string[] =>
    good(files.map((file) => text(`${file}.pem`)).join(""), text("leaf.key")).warnings;
  const servedBy = (...files: string[]): string =>
    good(files.map((file) => text(`${file}.pem`)).join(""), text("leaf.key")).certificate;

  test("complete, with and without the root", () => {
    expect(warningsOf("leaf", "middle", "root2")).toEqual([]);
    expect(warningsOf("leaf", "middle")).toEqual([expect.stringMatching(/^ends at "root2", which is no root/)]);
  });

  test("the intermediate is missing", () => {
    expect(warningsOf("leaf")).toEqual([expect.stringMatching(/^ends at "middle", which is no root/)]);
  });

  test("in disorder: it is served in order", () => {
    const ordered = servedBy("leaf", "middle", "root2");
    expect(warningsOf("middle", "leaf", "root2")).toEqual([expect.stringContaining("should begin with")]);
    expect(servedBy("middle", "leaf", "root2")).toBe(ordered);
    expect(warningsOf("leaf", "root2", "middle")).toEqual([expect.stringContaining("followed by its issuer's")]);
    expect(servedBy("leaf", "root2", "middle")).toBe(ordered);
  });

  test("with one that has nothing to do with it, which is left out", () => {
    expect(warningsOf("leaf", "middle", "root2", "root")).toEqual(["holds a certificate that issued nothing in it"]);
    expect(servedBy("leaf", "middle", "root2", "root")).toBe(servedBy("leaf", "middle", "root2"));
  });

  test("certificate and key in one file", () => {
    const both = text("leaf.key") + text("leaf.pem") + text("middle.pem");
    expect(good(both, both).certificate).toBe(servedBy("leaf", "middle"));
    expect(good(both, both).certificate).not.toContain("PRIVATE KEY");
  });
});

describe("names and dates", () => {
  test("no name at all", () => {
    folder.request("nameless", "/O=Somebody");
    folder.sign("nameless", "root", "basicConstraints=CA:FALSE");
    const { facts, warnings } = good(text("nameless.pem"), text("nameless.key"));
    expect(facts.names).toEqual([]);
    expect(warnings).toContain("names no host: no client will accept it");
  });

  test.each([
    [91, /^expired on 20/],
    [85, /^expires on 20/],
    [60, UNKNOWN_ROOT],
    [-2, /^is not valid before 20/],
  ])("of 90 days, after %d", (days, warning) => {
    const { certificate, key } = makePair(["a.example"], { days: 90 });
    const outcome = readCredential(certificate, key, Date.now() + days * 86_400_000);
    expect(outcome.isGood && outcome.credential.warnings[0]!.text).toMatch(warning);
  });

  test("self-signed", () => {
    folder.openssl(
      "req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.pem -days 99 -subj /CN=self.example -addext subjectAltName=DNS:self.example",
    );
    expect(good(text("self.pem"), text("self.key")).warnings).toEqual([expect.stringContaining("is self-signed")]);
  });
});

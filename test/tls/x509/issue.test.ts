/** Certificates by an authority of our own, as strict readers see them. */
import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { issueAuthority, issueForServer } from "../../../src/tls/x509/issue.ts";
import { nextUpdateOf, subjectOf } from "../../../src/tls/x509/parts.ts";
import { derOf } from "../../../src/tls/pem.ts";
import { CertificateFolder, makeAuthority, makePair, period, testAuthority } from "../../support/certificates.ts";

const NAMES = ["a.example", "*.b.example", "127.0.0.1", "::1", "2001:db8::5:0"];

test("openssl verifies them strictly", () => {
  using folder = new CertificateFolder();
  folder.write("root.pem", testAuthority().certificate);
  folder.write("own.pem", makePair(NAMES).certificate);
  const verify = (more: string): string =>
    folder.openssl(`verify -x509_strict -check_ss_sig -purpose sslserver -CAfile root.pem ${more} own.pem`);
  expect(verify("-verify_hostname a.example")).toContain("own.pem: OK");
  expect(verify("-verify_hostname x.b.example")).toContain("OK");
  expect(verify("-verify_ip ::1")).toContain("OK");
  expect(verify("-verify_ip 2001:db8::5:0")).toContain("OK");
  expect(verify("-verify_ip 127.0.0.1")).toContain("OK");
  expect(() => verify("-verify_hostname c.example")).toThrow("hostname mismatch");
});

test("what is in them", () => {
  const { certificate, key } = makePair(NAMES);
  const own = new X509Certificate(certificate);
  const root = new X509Certificate(testAuthority().certificate);
  expect(own.ca).toBe(false);
  expect(root.ca).toBe(true);
  expect(own.verify(root.publicKey)).toBe(true);
  expect(own.checkIssued(root)).toBe(true);
  expect(key).toStartWith("-----BEGIN PRIVATE KEY-----\n");
  expect(Buffer.compare(subjectOf(root.raw), subjectOf(root.raw))).toBe(0);
  expect(subjectOf(own.raw)).toEqual(Buffer.from("3000", "hex"));
});

test("another authority of the same name has not issued them", () => {
  const own = new X509Certificate(makePair(["a"], { authority: makeAuthority("x") }).certificate);
  expect(own.verify(new X509Certificate(makeAuthority("x").certificate).publicKey)).toBe(false);
});

test("each has a key and a number of its own", () => {
  const [one, other] = [makePair(["a"]), makePair(["a"])];
  expect(one.key).not.toBe(other.key);
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
    new X509Certificate(other.certificate).serialNumber,
  );
});

describe("times", () => {
  test("beyond 2049", () => {
    const times = { notBeforeMs: Date.parse("2026-01-02T03:04:05Z"), notAfterMs: Date.parse("2055-01-01T00:00:00Z") };
    const { validFrom, validTo } = new X509Certificate(issueAuthority("o", "c", times).certificate);
    expect([Date.parse(validFrom), Date.parse(validTo)]).toEqual([times.notBeforeMs, times.notAfterMs]);
  });
});

test("a name with octets beyond ASCII in the authority's name", () => {
  const authority = issueAuthority("saker", 'Büro, "Ost"', period(10));
  const own = new X509Certificate(issueForServer(["a"], authority, period(1)).certificate);
  expect(own.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
});

test("when a list of revoked certificates should have a successor", () => {
  using folder = new CertificateFolder();
  folder.writePair("ca", testAuthority());
  folder.write("index.txt", "");
  folder.write("ca.conf", "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ndefault_md = sha256\n");
  folder.openssl("ca -gencrl -config ca.conf -cert ca.pem -keyfile ca.key -crldays 7 -out crl.pem");
  const text = folder.openssl("crl -in crl.pem -noout -nextupdate").replace("nextUpdate=", "");
  const list = folder.openssl("crl -in crl.pem");
  expect(nextUpdateOf(derOf(list))).toBe(Date.parse(text));
});

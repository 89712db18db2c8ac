/** What authorities are asked for, as OpenSSL reads it; and how certificates are identified to them. */
import { expect, test } from "bun:test";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import * as der from "../../../src/tls/x509/der.ts";
import { certificateIdentity } from "../../../src/tls/x509/certificate-identity.ts";
import { certificateRequest } from "../../../src/tls/x509/certificate-request.ts";
import { issueAuthority, issueChallenge, issueForServer } from "../../../src/tls/x509/issue.ts";
import { toPem } from "../../../src/tls/pem.ts";

const openssl = Bun.which("openssl");
const why = openssl === null ? " (skipped: openssl is not installed)" : "";

async function ask(args: readonly string[], input: string): Promise<string> {
  const child = Bun.spawn([openssl!, ...args], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return out + err;
}

const period = { notBeforeMs: Date.now(), notAfterMs: Date.now() + 86_400_000 };

test.skipIf(openssl === null)(`a request is signed, and asks for hosts, wildcards and addresses${why}`, async () => {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
  const request = toPem(
    "CERTIFICATE REQUEST",
    certificateRequest(["a.example", "*.b.example", "192.0.2.1", "2001:db8::1"], key),
  );
  const text = await ask(["req", "-verify", "-noout", "-text"], request);
  expect(text).toContain("verify OK");
  expect(text).toContain("DNS:a.example, DNS:*.b.example, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1");
  expect(text).toMatch(/Subject:\s*\n/);
});

test.skipIf(openssl === null)(`a certificate is identified by its issuer's key and its number${why}`, async () => {
  const { certificate } = issueForServer(["a.example"], issueAuthority("a", "b", period), period);
  const text = await ask(["x509", "-noout", "-serial", "-ext", "authorityKeyIdentifier"], certificate);
  const [issuer, serial] = certificateIdentity(new X509Certificate(certificate).raw)!
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString("hex").toUpperCase());
  expect(text).toContain(issuer!.match(/../g)!.join(":"));
  expect(/serial=(\w+)/.exec(text)![1]).toBe(serial!);
});

test("the example of RFC 9773 §4.1", () => {
  const keyIdentifier = Buffer.from("69885B6B87464041E1B37B847BA0AE2CDE01C8D4", "hex");
  const extension = der.sequence(
    der.objectIdentifier("2.5.29.35"),
    der.octetString(der.sequence(der.context(0, keyIdentifier))),
  );
  const toBeSigned = der.sequence(
    der.integer(Buffer.from("87654321", "hex")),
    der.explicit(3, der.sequence(extension)),
  );
  expect(certificateIdentity(der.sequence(toBeSigned))).toBe("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
});

test("one that doesn't name its issuer's key has no identity", () => {
  const { certificate } = issueChallenge("a.example", new Uint8Array(32), Date.now());
  expect(certificateIdentity(new X509Certificate(certificate).raw)).toBeNull();
});

test.skipIf(openssl === null)(
  `a proof by handshake holds the digest, in an extension that is critical${why}`,
  async () => {
    const { certificate } = issueChallenge("a.example", new Uint8Array(32).fill(0xab), Date.now());
    const text = await ask(["x509", "-noout", "-text"], certificate);
    expect(text).toContain("DNS:a.example");
    expect(text).toMatch(/1\.3\.6\.1\.5\.5\.7\.1\.31: critical/);
    expect(new X509Certificate(certificate).raw.toString("hex")).toContain(`04220420${"ab".repeat(32)}`);
  },
);

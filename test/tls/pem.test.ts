/** Blocks of PEM, among whatever else is in a file. */
import { describe, expect, test } from "bun:test";
import { certificateBlocks, derOf, privateKeyBlock, revocationBlocks, toPem } from "../../src/tls/pem.ts";

const block = (label: string, content = "AAAA"): string =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`;

describe("certificates", () => {
  test.each([
    ["none", "", 0],
    ["one", block("CERTIFICATE"), 1],
    ["two, with text around them", `subject=a-b\n${block("CERTIFICATE")}\n\nissuer\n${block("CERTIFICATE")}x`, 2],
    ["those of old and of trusted ones", block("X509 CERTIFICATE") + block("TRUSTED CERTIFICATE"), 2],
    ["beside a key", block("PRIVATE KEY") + block("CERTIFICATE"), 1],
    ["lines that end with CRLF", block("CERTIFICATE").replaceAll("\n", "\r\n"), 1],
    ["no end", "-----BEGIN CERTIFICATE-----\nAAAA\n", 0],
    ["another end", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n", 0],
    ["a request", block("CERTIFICATE REQUEST"), 0],
  ])("%s", (_, text, count) => expect(certificateBlocks(text).length).toBe(count));
});

describe("private keys", () => {
  test.each<[string, string, boolean | null]>([
    ["none", block("CERTIFICATE"), null],
    ["a public one", block("PUBLIC KEY"), null],
    ["PKCS #8", block("PRIVATE KEY"), false],
    ["of EC, behind its parameters", block("EC PARAMETERS") + block("EC PRIVATE KEY"), false],
    ["RSA", block("RSA PRIVATE KEY"), false],
    ["encrypted", block("ENCRYPTED PRIVATE KEY"), true],
    ["encrypted as of old", block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA"), true],
  ])("%s", (_, text, isEncrypted) => expect(privateKeyBlock(text)?.isEncrypted ?? null).toBe(isEncrypted));
});

test("lists of revoked certificates", () => {
  expect(revocationBlocks(block("X509 CRL") + block("CERTIFICATE") + block("X509 CRL"))).toHaveLength(2);
});

test("octets become a block of lines, and back", () => {
  const octets = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
  const text = toPem("THING", octets);
  expect(text.split("\n").map((line) => line.length)).toEqual([21, 64, 64, 8, 19, 0]);
  expect(derOf(text)).toEqual(octets);
});

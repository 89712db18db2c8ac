/** Facts of a certificate, and how long it is valid. */
import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { dayOf, factsOf, nameText, validityOf } from "../../src/tls/certificate.ts";
import { makePair, testAuthority } from "../support/certificates.ts";

test("of a server", () => {
  const facts = factsOf(new X509Certificate(makePair(["B.example", "a.example", "b.example", "::1"]).certificate));
  expect(facts).toMatchObject({
    names: ["b.example", "a.example", "::1"],
    issuer: "authority of a test, saker",
    isSelfSigned: false,
  });
});

test("of an authority", () => {
  const facts = factsOf(new X509Certificate(testAuthority().certificate));
  expect(facts).toMatchObject({ isSelfSigned: true, hasAltName: false, names: [] });
});

test.each([
  ["C=US\nO=Let's Encrypt\nCN=R3", "R3, Let's Encrypt"],
  ["CN=only", "only"],
  ["C=US\nST=X", "US, X"],
])("%j as text", (name, text) => expect(nameText(name)).toBe(text));

const DAY = 86_400_000;

test.each([
  ["90 days, 20 left", 90, 20, "good"],
  ["90 days, 13 left", 90, 13, "soon"],
  ["6 days, 2 left", 6, 2, "good"],
  ["6 days, 1 left", 6, 1, "soon"],
  ["at its end", 90, 0, "expired"],
  ["before its beginning", 90, 91, "not yet"],
])("%s", (_, days, left, validity) => {
  const end = Date.parse("2030-01-01T00:00:00Z");
  expect(validityOf({ notBeforeMs: end - days * DAY, notAfterMs: end }, end - left * DAY)).toBe(validity as never);
});

test("a day", () => expect(dayOf(Date.parse("2030-01-01T23:00:00Z"))).toBe("2030-01-01"));

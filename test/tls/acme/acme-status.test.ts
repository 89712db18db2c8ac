/** How it stands with certificates, as monitors are told. */
import { expect, test } from "bun:test";
import { type AcmeCertificate, standingOf } from "../../../src/tls/acme/acme-status.ts";

const ROW: AcmeCertificate = {
  id: "a.example",
  names: ["a.example", "b.example"],
  issuer: null,
  notBeforeMs: null,
  notAfterMs: null,
  nextOrderMs: Date.UTC(2026, 0, 1),
  because: "there is none",
  lastError: null,
};

test("nothing is wrong", () => {
  expect(standingOf(ROW)).toEqual({ name: "a.example", nextOrderMs: ROW.nextOrderMs, trouble: null });
});

test.each([
  ["a.example: no route", "a.example: no route"],
  ["/srv/x/lock can't be made: mkdir '/srv/x y/z'", "lock can't be made: mkdir 'x y/z'"],
  ["https://acme.example/a/b answers 500", "https://acme.example/a/b answers 500"],
])("%s is said without the server's paths", (line, shown) => {
  const lastError = { atMs: 0, kind: "local", line } as const;
  const next = "; next attempt at 2026-01-01T00:00:00Z";
  expect(standingOf({ ...ROW, lastError }).trouble).toBe(`no certificate for a.example: ${shown}${next}`);
  expect(standingOf({ ...ROW, lastError, notAfterMs: 1 }).trouble).toStartWith("no new certificate for a.example: ");
});

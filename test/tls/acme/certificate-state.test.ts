/** What is kept beside a certificate: read again as it was, and of no consequence when it is broken. */
import { expect, test } from "bun:test";
import { type CertificateState, NEW_STATE, readState } from "../../../src/tls/acme/certificate-state.ts";

const STATE: CertificateState = {
  directory: "https://acme.example/directory",
  failures: 3,
  nextAttemptMs: 12,
  lastError: { atMs: 7, kind: "unproven", line: "a.example: no" },
  failedValidations: [{ name: "a.example", atMs: 7 }],
  renewal: { certificate: "aa.bb", startMs: 1, endMs: 2, explanation: "", askAgainMs: 3 },
  askAgainMs: 3,
  askedAbout: "aa.bb",
  replace: "ff",
};

test("comes back as it was", () => {
  expect(readState(JSON.stringify(STATE))).toEqual(STATE);
  expect(readState(JSON.stringify(NEW_STATE))).toEqual(NEW_STATE);
});

test.each([
  null,
  "",
  "{",
  "[]",
  "null",
  "7",
  '"text"',
  "\0",
  '{"failures":"3","renewal":7,"lastError":[],"failedValidations":{}}',
])("%j is a certificate that nothing was tried for", (text) => {
  expect(readState(text)).toEqual(NEW_STATE);
});

test("cut off anywhere, it is that, or as it was", () => {
  const text = JSON.stringify(STATE);
  for (let end = 0; end < text.length; end++) expect(readState(text.slice(0, end))).toEqual(NEW_STATE);
});

test("a window that ends before it begins is none", () => {
  expect(readState(JSON.stringify({ ...STATE, renewal: { ...STATE.renewal, endMs: 0 } })).renewal).toBeNull();
});

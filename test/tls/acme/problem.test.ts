/** Problem documents in one line, whatever is in them. */
import { expect, test } from "bun:test";
import { clean, readProblem } from "../../../src/tls/acme/problem.ts";

const URN = "urn:ietf:params:acme:error:";

test.each<[unknown, string]>([
  [{ type: `${URN}rateLimited`, detail: "too many" }, "rateLimited: too many"],
  [{ type: `${URN}malformed` }, "malformed"],
  [{ type: "about:blank", title: "Forbidden" }, "Forbidden"],
  [{ type: "https://other.example/problem", detail: "a\nb" }, "https://other.example/problem: a b"],
  [{}, "no reason given"],
  [null, "no reason given"],
  [[], "no reason given"],
  ["text", "no reason given"],
  [{ type: 1, detail: {} }, "no reason given"],
  [
    {
      type: `${URN}compound`,
      detail: "several",
      subproblems: [
        { type: `${URN}caa`, detail: "not us", identifier: { type: "dns", value: "a.example" } },
        { type: `${URN}dns`, detail: "no such name" },
        "garbage",
      ],
    },
    "compound: several (a.example: caa: not us; dns: no such name; no reason given)",
  ],
])("%j", (document, line) => {
  expect(readProblem(document).line).toBe(line);
});

test("what others wrote is cut, and drives no terminal", () => {
  expect(clean(`\u001b[2J${"x".repeat(1000)}`).length).toBe(401);
  expect(clean("a\u2028b\u202ec\r\nd")).toBe("a b c d");
});

import { describe, expect, test } from "bun:test";
import { formatHttpDate, parseHttpDate } from "../../src/http/http-date.ts";
import { evaluatePreconditions, Precondition, statusOf } from "../../src/http/preconditions.ts";
import { headOf } from "./support/head-result.ts";
import { octets } from "./support/octets.ts";
import { Random } from "./support/random.ts";

const TAG = '"abc"';
const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
const EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT";
const LATER = "Sun, 06 Nov 1994 08:49:38 GMT";
const SECONDS = parseHttpDate(octets(MODIFIED), 0, MODIFIED.length);

function outcomeOf(method: string, fields: readonly string[], tag = TAG, seconds = SECONDS, modified = MODIFIED) {
  const text = `${method} / HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
  return evaluatePreconditions(headOf(text), octets(tag), seconds, octets(modified));
}

/** What it makes of the answer. */
function evaluate(...request: Parameters<typeof outcomeOf>): string {
  return { 0: "Proceed", 304: "NotModified", 412: "Failed" }[statusOf(outcomeOf(...request))];
}

const LINES = {
  same: `If-Match: ${TAG}`,
  another: 'If-Match: "x"',
  unlike: 'If-None-Match: "x"',
  like: `If-None-Match: ${TAG}`,
};

describe("every outcome has a reason", () => {
  const rows: [method: string, fields: string[], outcome: Precondition][] = [
    ["GET", [], Precondition.Absent],
    ["GET", [`If-Modified-Since: ${LATER}`, `If-Modified-Since: ${LATER}`], Precondition.RepeatedDate],
    ["GET", [`If-Unmodified-Since: ${LATER}`, "If-Unmodified-Since: x"], Precondition.RepeatedDate],
    ["GET", ["If-Modified-Since: yesterday"], Precondition.InvalidDate],
    ["GET", ["If-Unmodified-Since: never"], Precondition.InvalidDate],
    ["GET", [LINES.same], Precondition.MatchHolds],
    ["GET", [`If-Unmodified-Since: ${LATER}`], Precondition.UnmodifiedSinceHolds],
    ["GET", [LINES.same, LINES.unlike], Precondition.NoneMatchHolds],
    ["GET", [LINES.same, `If-Modified-Since: ${EARLIER}`], Precondition.ModifiedSinceHolds],
    ["GET", [LINES.same, LINES.like], Precondition.NoneMatchMatched],
    ["GET", [`If-Modified-Since: ${MODIFIED}`], Precondition.NotModifiedSince],
    ["HEAD", [`If-Modified-Since: ${LATER}`], Precondition.NotModifiedSince],
    ["GET", [LINES.another, LINES.like], Precondition.MatchFailed],
    ["GET", [`If-Unmodified-Since: ${EARLIER}`, LINES.like], Precondition.ModifiedMeanwhile],
    ["PUT", [LINES.like], Precondition.NoneMatchForbids],
  ];
  test.each(rows)("%s %j", (method, fields, outcome) => expect(outcomeOf(method, fields)).toBe(outcome));

  test("a date where there is none to compare with", () => {
    for (const field of ["If-Modified-Since", "If-Unmodified-Since"])
      expect(outcomeOf("GET", [`${field}: ${LATER}`], TAG, NaN, "")).toBe(Precondition.Undated);
  });
});

describe("RFC 9110 §13.2.2, one condition", () => {
  // What GET and what PUT make of it.
  test.each([
    ["none", [], "Proceed", "Proceed"],
    ["If-Match, the same", [`If-Match: ${TAG}`], "Proceed", "Proceed"],
    ["If-Match, in a list", [`If-Match: "x", ${TAG}`], "Proceed", "Proceed"],
    ["If-Match, on two lines", ['If-Match: "x"', `If-Match: ${TAG}`], "Proceed", "Proceed"],
    ["If-Match, any", ["If-Match: *"], "Proceed", "Proceed"],
    ["If-Match, another", ['If-Match: "x"'], "Failed", "Failed"],
    ["If-Match, weak", [`If-Match: W/${TAG}`], "Failed", "Failed"],
    ["If-Match, no tag", ["If-Match: abc"], "Failed", "Failed"],
    ["If-Match, empty", ["If-Match:"], "Failed", "Failed"],
    ["If-None-Match, the same", [`If-None-Match: ${TAG}`], "NotModified", "Failed"],
    ["If-None-Match, weak", [`If-None-Match: W/${TAG}`], "NotModified", "Failed"],
    ["If-None-Match, in a list", [`If-None-Match: "x", W/${TAG}`], "NotModified", "Failed"],
    ["If-None-Match, on two lines", ['If-None-Match: "x"', `If-None-Match: ${TAG}`], "NotModified", "Failed"],
    ["If-None-Match, any", ["If-None-Match: *"], "NotModified", "Failed"],
    ["If-None-Match, another", ['If-None-Match: "x"'], "Proceed", "Proceed"],
    ["If-None-Match, no tag", ["If-None-Match: abc"], "Proceed", "Proceed"],
    ["If-None-Match, empty", ["If-None-Match:"], "Proceed", "Proceed"],
    ["If-Modified-Since, the same", [`If-Modified-Since: ${MODIFIED}`], "NotModified", "Proceed"],
    ["If-Modified-Since, later", [`If-Modified-Since: ${LATER}`], "NotModified", "Proceed"],
    ["If-Modified-Since, earlier", [`If-Modified-Since: ${EARLIER}`], "Proceed", "Proceed"],
    ["If-Modified-Since, rfc850", ["If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT"], "NotModified", "Proceed"],
    ["If-Modified-Since, asctime", ["If-Modified-Since: Sun Nov  6 08:49:37 1994"], "NotModified", "Proceed"],
    ["If-Modified-Since, no date", ["If-Modified-Since: yesterday"], "Proceed", "Proceed"],
    ["If-Modified-Since, empty", ["If-Modified-Since:"], "Proceed", "Proceed"],
    ["If-Modified-Since, twice", [`If-Modified-Since: ${LATER}`, `If-Modified-Since: ${LATER}`], "Proceed", "Proceed"],
    ["If-Unmodified-Since, the same", [`If-Unmodified-Since: ${MODIFIED}`], "Proceed", "Proceed"],
    ["If-Unmodified-Since, later", [`If-Unmodified-Since: ${LATER}`], "Proceed", "Proceed"],
    ["If-Unmodified-Since, earlier", [`If-Unmodified-Since: ${EARLIER}`], "Failed", "Failed"],
    ["If-Unmodified-Since, no date", ["If-Unmodified-Since: never"], "Proceed", "Proceed"],
    ["If-Unmodified-Since, twice", [`If-Unmodified-Since: ${EARLIER}`, "If-Unmodified-Since: x"], "Proceed", "Proceed"],
  ])("%s", (_what, fields, get, put) => {
    expect(evaluate("GET", fields)).toBe(get);
    expect(evaluate("HEAD", fields)).toBe(get);
    expect(evaluate("PUT", fields)).toBe(put);
  });
});

describe("RFC 9110 §13.2.2, several conditions", () => {
  test.each([
    ["If-Match before If-Unmodified-Since", [`If-Match: ${TAG}`, `If-Unmodified-Since: ${EARLIER}`], "Proceed"],
    ["If-Match before If-None-Match", ['If-Match: "x"', `If-None-Match: ${TAG}`], "Failed"],
    ["If-Match holds, If-None-Match does not", [`If-Match: ${TAG}`, `If-None-Match: ${TAG}`], "NotModified"],
    ["If-None-Match before If-Modified-Since", ['If-None-Match: "x"', `If-Modified-Since: ${LATER}`], "Proceed"],
    [
      "a bad If-None-Match still hides If-Modified-Since",
      ["If-None-Match: x", `If-Modified-Since: ${LATER}`],
      "Proceed",
    ],
    [
      "If-Unmodified-Since before If-Modified-Since",
      [`If-Unmodified-Since: ${EARLIER}`, `If-Modified-Since: ${LATER}`],
      "Failed",
    ],
    ["both dates hold", [`If-Unmodified-Since: ${LATER}`, `If-Modified-Since: ${EARLIER}`], "Proceed"],
  ])("%s", (_what, fields, result) => {
    expect(evaluate("GET", fields)).toBe(result);
  });
});

describe("representations that lack a validator", () => {
  test("without modification date, dates are ignored (§13.1.3, §13.1.4)", () => {
    for (const field of ["If-Modified-Since", "If-Unmodified-Since"]) {
      for (const date of [EARLIER, LATER, ""])
        expect(evaluate("GET", [`${field}: ${date}`], TAG, NaN, "")).toBe("Proceed");
    }
  });

  test("without entity tag, only * matches", () => {
    expect(evaluate("GET", ["If-None-Match: *"], "")).toBe("NotModified");
    expect(evaluate("GET", ['If-None-Match: ""'], "")).toBe("Proceed");
    expect(evaluate("GET", ["If-None-Match:"], "")).toBe("Proceed");
    expect(evaluate("GET", ["If-Match: *"], "")).toBe("Proceed");
    expect(evaluate("GET", ['If-Match: ""'], "")).toBe("Failed");
    expect(evaluate("GET", ["If-Match:"], "")).toBe("Failed");
  });
});

test.each(["OPTIONS", "TRACE"])("%s has no conditions (§13.2.1)", (method) => {
  expect(evaluate(method, ['If-Match: "x"', "If-None-Match: *"])).toBe("Proceed");
});

test("a date compared as octets gives what the same date compared as a time does", () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const random = new Random(seed);
    const modifiedSeconds = 1_000_000_000 + random.below(3);
    const since = formatHttpDate((1_000_000_000 + random.below(3)) * 1000);
    const fields = [`If-Modified-Since: ${since}`];
    const quick = evaluate("GET", fields, TAG, modifiedSeconds, formatHttpDate(modifiedSeconds * 1000));
    expect({ seed, quick }).toEqual({ seed, quick: evaluate("GET", fields, TAG, modifiedSeconds, "") });
  }
});

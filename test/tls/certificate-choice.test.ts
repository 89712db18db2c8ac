/** Which certificate is for which name. */
import { describe, expect, test } from "bun:test";
import { type Candidate, CertificateChoice, coverName } from "../../src/tls/certificate-choice.ts";

type Named = Candidate & { readonly label: string };

const candidate = (
  label: string,
  names: string[],
  keyKind: Named["keyKind"] = "ec",
  host: number | null = null,
): Named => ({
  label,
  names,
  keyKind,
  host,
});

const ALL = [
  candidate("first", ["a.example"]),
  candidate("rsa", ["a.example", "r.example"], "rsa"),
  candidate("wild", ["*.example", "*.w.example"]),
  candidate("wild rsa", ["*.example"], "rsa"),
  candidate("second", ["a.example", "s.example"]),
  candidate("host 3", ["h.example"], "ec", 3),
];

describe("choose", () => {
  const choice = new CertificateChoice(ALL);

  test.each<[string | null, number | null, string[], string]>([
    ["a.example", null, ["first", "rsa"], "exact"],
    ["r.example", null, ["rsa"], "exact"],
    ["s.example", null, ["second"], "exact"],
    ["x.example", null, ["wild", "wild rsa"], "wildcard"],
    ["x.w.example", null, ["wild"], "wildcard"],
    ["y.x.w.example", null, ["first"], "default"],
    ["elsewhere", null, ["first"], "default"],
    ["127.0.0.1", null, ["first"], "default"],
    [null, null, ["first"], "default"],
    ["a.example", 3, ["host 3"], "host"],
    ["whatever", 3, ["host 3"], "host"],
    [null, 3, ["first"], "default"],
    ["h.example", null, ["wild", "wild rsa"], "wildcard"],
    ["a.example", 4, ["first", "rsa"], "exact"],
  ])("%p of host %p", (name, host, labels, because) => {
    const { certificates, because: why } = choice.choose(name, host);
    expect({ labels: certificates.map(({ label }) => label), why }).toEqual({ labels, why: because as never });
  });

  test("the default is the first that isn't of a virtual host, or the first of all", () => {
    const own = candidate("own", ["o"], "ec", 0);
    expect(new CertificateChoice([own, ALL[0]!]).choose("x", null).certificates).toEqual([ALL[0]!]);
    expect(new CertificateChoice([own]).choose("x", null).certificates).toEqual([own]);
    expect(new CertificateChoice([]).choose("x", null).certificates).toEqual([]);
  });
});

test.each([
  ["a.example", null, true],
  ["h.example", null, true],
  ["b.example", 3, true],
  ["b.example", 4, false],
])("whether %s of host %p is covered: %p", (name, host, isCovered) => {
  expect(coverName([ALL[0]!, ALL[5]!], name, host)).toBe(isCovered);
});

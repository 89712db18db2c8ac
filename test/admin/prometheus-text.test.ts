import { describe, expect, test } from "bun:test";
import { escapeLabel, PrometheusText } from "../../src/admin/prometheus-text.ts";
import { parseMetrics } from "../support/metrics.ts";

test("a family: HELP and TYPE once, then its samples, each ended by a line feed", () => {
  const text = new PrometheusText().family("a_total", "counter", "An a");
  text.sample("a_total", 1, { code: 200 }).sample("a_total", 2, { code: 404, path: "/" });
  expect(text.toString()).toBe(
    '# HELP a_total An a\n# TYPE a_total counter\na_total{code="200"} 1\na_total{code="404",path="/"} 2\n',
  );
});

test.each([
  ["plain", "plain"],
  ['a "quote"', 'a \\"quote\\"'],
  ["back\\slash", "back\\\\slash"],
  ["line\nfeed", "line\\nfeed"],
  ['\\"\n', '\\\\\\"\\n'],
  ["{}=,# é", "{}=,# é"],
])("label value %p is written %p, and a parser gets it back", (value, written) => {
  expect(escapeLabel(value)).toBe(written);
  const text = new PrometheusText().family("x", "gauge", "X").sample("x", 1, { label: value });
  expect(parseMetrics(text.toString()).samples).toEqual([{ name: "x", labels: { label: value }, value: 1 }]);
});

test("help cannot end its line", () => {
  const text = new PrometheusText().single("x", "gauge", "first\nx 99\\", 1).toString();
  expect(text).toBe("# HELP x first\\nx 99\\\\\n# TYPE x gauge\nx 1\n");
});

describe("values", () => {
  test.each([
    [0, "0"],
    [-0.5, "-0.5"],
    [2 ** 53, "9007199254740992"],
    [1e21, "1e+21"],
    [1e-7, "1e-7"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.NaN, "NaN"],
  ])("%p is written %p", (value, written) => {
    const text = new PrometheusText().single("x", "gauge", "X", value).toString();
    expect(text.split("\n")[2]).toBe(`x ${written}`);
    expect(parseMetrics(text).value("x")).toBe(value);
  });
});

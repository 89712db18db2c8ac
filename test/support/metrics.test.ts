/** The reader of the exposition format refuses what Prometheus would refuse. */
import { expect, test } from "bun:test";
import { parseMetrics } from "./metrics.ts";

const TEXT = `# HELP http_responses_total Responses by status.
# TYPE http_responses_total counter
http_responses_total{code="200"} 5
http_responses_total{code="404"} 2
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{le="0.1"} 1
seconds_bucket{le="+Inf"} 2
seconds_sum 0.25
seconds_count 2
# TYPE info gauge
info{path="a\\"b\\\\c",worker="0"} 1
`;

test("reads samples by name and labels", () => {
  const metrics = parseMetrics(TEXT);
  expect(metrics.value("http_responses_total", { code: "404" })).toBe(2);
  expect(metrics.sum("http_responses_total")).toBe(7);
  expect(metrics.value("seconds_bucket", { le: "+Inf" })).toBe(2);
  expect(metrics.value("info", { path: 'a"b\\c' })).toBe(1);
  expect(metrics.types.get("seconds")).toBe("histogram");
  expect(() => metrics.value("absent")).toThrow("0 samples");
});

test.each([
  ["no line feed at the end", "# TYPE a counter\na 1"],
  ["a sample without a TYPE", "a 1\n"],
  ["a repeated sample", "# TYPE a counter\na 1\na 1\n"],
  ["a repeated TYPE", "# TYPE a counter\n# TYPE a counter\na 1\n"],
  ["a value that is no number", "# TYPE a counter\na undefined\n"],
  ["labels without quotes", "# TYPE a counter\na{b=c} 1\n"],
  ["an unescaped quote in a label", '# TYPE a counter\na{b="c"d"} 1\n'],
  ["a carriage return", "# TYPE a counter\r\na 1\r\n"],
])("refuses %s", (_, text) => expect(() => parseMetrics(text)).toThrow());

/** What ab and curl report. */
import { expect, test } from "bun:test";
import { parseAbFailures, parseCurlFailures } from "../../bench/load/other-clients.ts";

const AB =
  "Concurrency Level:      100\nComplete requests:      1000\nFailed requests:        0\nKeep-Alive requests:    1000\n";

test.each([
  ["nothing failed", AB, 0],
  ["some failed", AB.replace("Failed requests:        0", "Failed requests:        7"), 7],
  ["some were never done", AB.replace("Complete requests:      1000", "Complete requests:      990"), 10],
  ["another status", `${AB}Non-2xx responses:      1000\n`, 1000],
  ["octets that could not be written", `${AB}Write errors:           2\n`, 2],
  ["ab gave up and reported nothing", "apr_socket_recv: Connection reset by peer (104)\n", 1000],
  ["nothing at all", "", 1000],
])("ab: %s", (_description, output, failed) => {
  expect(parseAbFailures(output, 1000)).toBe(failed);
});

test.each([
  ["all came", "200 5\n200 70\n", 0],
  ["one is too short", "200 5\n200 69\n", 1],
  ["one has another status", "404 5\n200 70\n", 1],
  ["one is missing", "200 5\n", 1],
  ["refused", "000 0\n000 0\n", 2],
  ["nothing at all", "", 2],
])("curl: %s", (_description, output, failed) => {
  expect(parseCurlFailures(output, [5, 70])).toBe(failed);
});

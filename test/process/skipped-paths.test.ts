/** Which requests the access log leaves out. */
import { expect, test } from "bun:test";
import { SkippedPaths } from "../../src/process/skipped-paths.ts";
import { ServiceUnderTest } from "../serving/support/service-under-test.ts";

test.each<[pattern: string, path: string, isSkipped: boolean]>([
  ["/health", "/health", true],
  ["/health", "/health/", true],
  ["/health", "//x/../%68ealth", true],
  ["/health", "/healthy", false],
  ["/health", "/health/deep", false],
  ["/probes/*", "/probes/a/b", true],
  ["*.ico", "/deep/favicon.ico", true],
  ["/é", "/%C3%A9", true],
  ["/", "", true],
  ["/*", "*", false],
  ["/*", "/%", false],
  ["/.well-known/*", "/.well-known/x", true],
])("%s, %j: %p", (pattern, path, isSkipped) => {
  const skipped = SkippedPaths.from(["/never", pattern])!;
  expect(skipped.includes(path)).toBe(isSkipped);
  expect(skipped.includes(path)).toBe(isSkipped); // remembered
});

test("more paths than are remembered", () => {
  const skipped = SkippedPaths.from(["/a/*"])!;
  for (let index = 0; index < 3000; index++) {
    expect(skipped.includes(`/a/${index}`)).toBe(true);
    expect(skipped.includes(`/b/${index}`)).toBe(false);
  }
});

test("nothing is left out without patterns", () => {
  expect(SkippedPaths.from([])).toBeNull();
});

test("only answers that are 2xx or 3xx are left out", async () => {
  using under = new ServiceUnderTest({
    files: { "a.txt": "a" },
    flags: ["--access-log-skip", "/a.txt,/missing,/health"],
  });
  const get = (target: string, lines = "", method = "GET") => `${method} ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
  await under.warm(get("/a.txt"));
  const { link, connection } = under.connect();
  for (const octets of [
    get("/a.txt?query"),
    get("/a.txt", "If-None-Match: *\r\n"),
    get("/a.txt", "Range: bytes=0-0\r\n", "HEAD"),
    get("/a.txt", "Range: bytes=9-9\r\n"),
    get("/a.txt", "", "PUT"),
  ]) {
    connection.received(Buffer.from(octets));
  }
  expect(link.octets.length).toBeGreaterThan(0);
  expect(under.lines().map((line) => / (\d{3}) \d+ "/.exec(line)![1])).toEqual(["416", "405"]);
});

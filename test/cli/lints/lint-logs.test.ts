/** Settings of the access log that have no effect together. */
import { expect, test } from "bun:test";
import { lintLogs } from "../../../src/cli/lints/lint-logs.ts";
import { loadSettings } from "../../../src/config/load-settings.ts";

const lintsOf = (line: string): string[] =>
  lintLogs(loadSettings({ argv: ["--no-config", ...line.split(" ")], env: {}, cwd: "/" })).map(
    ({ message }) => message,
  );

test.each([
  ["--request-id log", 'request_id = "log" has no effect'],
  ["--request-id log --access-log-format json --access-log false", 'request_id = "log" has no effect'],
  ["--access-log false --access-log-skip /health", "access_log_skip has no effect while access_log is false"],
])("%s", (line, lint) => {
  expect(lintsOf(line)).toHaveLength(1);
  expect(lintsOf(line)[0]).toStartWith(lint);
});

test.each(["--request-id send", "--request-id log --access-log-format json", "--access-log-skip /health"])(
  "%s is fine",
  (line) => expect(lintsOf(line)).toEqual([]),
);

/** Settings that are allowed and probably not meant. */
import { expect, test } from "bun:test";
import { lintSettings } from "../../../src/cli/lints/lint-settings.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";

const lintsOf = (line: string): string[] =>
  lintSettings(loadConfiguration({ argv: ["--no-config", ...line.split(" ")], env: {}, cwd: "/" })).map(
    ({ message }) => message,
  );

test.each([
  [
    "--cache-size-mb 1 --max-cached-file-kb 2000",
    "max_cached_file_kb (2000) is larger than the whole cache (1024 KiB)",
  ],
  ["--cache-size-mb 0 --max-cached-file-kb 2000", "max_cached_file_kb has no effect while cache_size_mb is 0"],
  [
    "--admin-allow 10.0.0.0/8,0.0.0.0/0,::/0",
    "admin_allow contains 0.0.0.0/0 and ::/0: everyone may see /metrics and /stats",
  ],
  ["--dotfiles", "dotfiles is on: files such as .env and .git are served"],
  ["--follow-symlinks always", 'follow_symlinks is "always"'],
  ["--header-timeout-seconds 61", "header_timeout_seconds (61) lets slow clients"],
  ["--compression-types text/*,image/*", "compression.types includes types that are compressed already: image/avif"],
  ["--compression-types font/woff2", "compression.types includes types that are compressed already: font/woff2"],
])("%s", (line, lint) => {
  expect(lintsOf(line)).toHaveLength(1);
  expect(lintsOf(line)[0]).toStartWith(lint);
});

test.each([
  "--port 80",
  "--cache-size-mb 0",
  "--cache-size-mb 1",
  "--admin-allow 10.0.0.0/8",
  "--header-timeout-seconds 60",
  "--no-compression-enabled --compression-types image/*",
])("%s is fine", (line) => expect(lintsOf(line)).toEqual([]));

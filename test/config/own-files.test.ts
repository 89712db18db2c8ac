/** Which files are the server's own. */
import { expect, test } from "bun:test";
import { ownFilesOf } from "../../src/config/own-files.ts";

test("files that settings name, and the configuration", () => {
  const settings = { access_log: "/s/a.log", error_log: "-", pid_file: "/s/pid", stats_file: null };
  expect(ownFilesOf(settings, ["/s/saker.toml"], "/dev/shm/saker-1.stats")).toEqual([
    { path: "/s/saker.toml", what: "configuration" },
    { path: "/s/a.log", what: "access_log" },
    { path: "/s/pid", what: "pid_file" },
    { path: "/dev/shm/saker-1.stats", what: "stats_file" },
  ]);
  expect(ownFilesOf({ ...settings, access_log: false, pid_file: null }, [])).toEqual([]);
});

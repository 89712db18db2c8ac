/** How long clients may keep their connections, by the settings. */
import { expect, test } from "bun:test";
import { loadSettings } from "../../src/config/load-settings.ts";
import { keepAliveOf } from "../../src/process/keep-alive-of.ts";
import { Seconds } from "../../src/units.ts";

test.each<[flags: string, last: number | null, idleSeconds: number]>([
  ["", null, 65],
  ["--keepalive-requests 3", 3, 65],
  ["--keepalive-requests 3 --keepalive-timeout-seconds 0", 1, 0],
  ["--keepalive-timeout-seconds 0", 1, 0],
])("%p", (flags, last, idleSeconds) => {
  const argv = ["--no-config", ...flags.split(" ").filter((flag) => flag !== "")];
  const keepAlive = keepAliveOf(loadSettings({ argv, env: {}, cwd: "/" }));
  const ends = [1, 2, 3, 1e9].map((count) => keepAlive.endsWith(count));
  expect(ends).toEqual([1, 2, 3, 1e9].map((count) => last !== null && count >= last));
  expect(keepAlive.idleSeconds).toBe(Seconds(idleSeconds));
});

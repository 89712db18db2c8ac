/** `saker upgrade` beside the control socket; what an upgrade does is in test/master and test/e2e. */
import { expect, test } from "bun:test";
import { runSaker } from "../support/saker.ts";

test("a process that isn't saker is left alone, and named", async () => {
  await using stranger = Bun.spawn(["sleep", "60"]);
  const { exitCode, stderr } = await runSaker(["upgrade", "--pid", String(stranger.pid)]);
  expect(stderr).toBe(`saker: process ${stranger.pid} doesn't handle SIGURG: it is not a running saker\n`);
  expect(exitCode).toBe(1);
  expect(stranger.exitCode).toBeNull();
});

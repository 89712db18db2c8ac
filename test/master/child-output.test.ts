/** A child that isn't what it should be takes neither our memory nor our time. */
import { expect, test } from "bun:test";
import { outputOf } from "../../src/master/child-output.ts";

const OCTETS_MAX = 64 * 1024;

function run(script: string) {
  return Bun.spawn(["sh", "-c", script], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

test("tells what the child said on both", async () => {
  const child = run("echo out; echo err >&2; exit 3");
  expect(await outputOf(child, OCTETS_MAX)).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect(child.exitCode).toBe(3);
});

test("doesn't wait for a grandchild that holds the pipes", async () => {
  const child = run("sleep 60 & echo $!");
  const { stdout } = await outputOf(child, OCTETS_MAX);
  process.kill(Number(stdout), "SIGKILL");
  expect(child.exitCode).toBe(0);
});

test.each(["1", "2"])("ends a child that never stops talking on %s", async (descriptor) => {
  const child = run(`exec yes >&${descriptor}`);
  const { stdout, stderr } = await outputOf(child, OCTETS_MAX);
  expect(child.signalCode).toBe("SIGKILL");
  const octets = Buffer.byteLength(stdout + stderr);
  expect(octets).toBeGreaterThanOrEqual(OCTETS_MAX);
  expect(octets).toBeLessThan(OCTETS_MAX * 100);
});

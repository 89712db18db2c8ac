/** The same master where descriptors can't be inherited, and as a compiled executable. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/deadline.ts";
import { isAlive } from "../support/processes.ts";
import { MasterUnderTest } from "./master-under-test.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-compiled-"));
const executable = join(folder, "master");
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  const source = join(import.meta.dir, "fixtures/master.ts");
  const build = Bun.spawnSync([process.execPath, "build", "--compile", source, "--outfile", executable]);
  if (build.exitCode !== 0) throw new Error(build.stderr.toString());
});

describe.each([
  ["from source, without FFI", () => ({ env: { SAKER_NO_FFI: "1" } })],
  ["compiled", () => ({ executable })],
  ["compiled, without FFI", () => ({ executable, env: { SAKER_NO_FFI: "1" } })],
])("%s", (what, options) => {
  test("serves from every worker, replaces the dead, reloads, stops", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 }, ...options() });
    if (what.includes("without FFI"))
      expect(master.stderr).toContain("WARN no FFI here: workers open the port themselves");
    const seen = new Set<number>();
    await until(async () => seen.add((await master.get()).workerIndex).size === 2, "both workers answered");

    const [first, second] = await master.workersSettled(2);
    process.kill(first!, "SIGKILL");
    const settled = await master.workersSettled(2, [first!]);
    expect(settled).toContain(second!);

    master.configure({ server_header: "second" });
    master.signal("SIGHUP");
    await master.printed(/reload: 2 workers serve/);
    await until(async () => (await master.get().catch(() => null))?.header === "second", "the new one is served");

    master.signal("SIGTERM");
    expect(await master.ended()).toBe(0);
    expect(master.leftovers()).toEqual([]);
  });

  test("sees that the port is in use by another one like it", async () => {
    await using first = await MasterUnderTest.start({ settings: { num_workers: 2 }, ...options() });
    await using master = new MasterUnderTest({ settings: { port: first.port }, ...options() });
    expect(await master.ended()).toBe(1);
    expect(master.stderr).toMatch(/cannot listen on .*: port \d+ is in use/);
  });

  test("leaves no worker behind when it is killed", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 }, ...options() });
    const workers = await master.workersSettled(2);
    master.signal("SIGKILL");
    await until(() => !workers.some(isAlive), "the workers are gone");
  });
});

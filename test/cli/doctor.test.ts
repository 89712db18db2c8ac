/** `saker doctor` as a person runs it. */
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runSaker } from "../support/saker.ts";
import { createSite } from "../support/site.ts";

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly { level: string; what: string; measured: string; advice: string }[];
}

test("lines for people, the same as JSON for programs", async () => {
  await using site = await createSite({ "index.html": "x" });
  const text = await runSaker(["doctor", site.root, "--port", "18080"], { cwd: site.folder });
  expect(text).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = text.stdout.trimEnd().split("\n");
  const sum = lines.pop()!;
  expect(sum).toMatch(/^\d+ ok, \d+ warn, 0 fail$/);
  const { stdout, exitCode } = await runSaker(["doctor", site.root, "--port", "18080", "--json"], { cwd: site.folder });
  const report = JSON.parse(stdout) as Report;
  expect({ exitCode, healthy: report.healthy }).toEqual({ exitCode: 0, healthy: true });
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual(
    report.findings.map(({ level, what }) => [level, what]),
  );
  expect(report.findings).toContainEqual({
    level: "ok",
    what: "document_root",
    measured: `${site.root} is readable`,
    advice: "",
  });
});

describe("exit codes", () => {
  test("1, and everything else is still looked at, when something is in the way", async () => {
    await using site = await createSite();
    writeFileSync(join(site.folder, "c.toml"), 'document_root = "missing"\naccess_log = "none/access.log"\n');
    const { exitCode, stdout, stderr } = await runSaker(["doctor", "--config", "c.toml"], { cwd: site.folder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout).toMatch(/^fail {2}document_root +\S*missing does not exist {2}Make the folder readable/m);
    expect(stdout).toMatch(/^fail {2}access_log +\S*access\.log can't be made/m);
    expect(stdout).toMatch(/^ok +CPUs /m);
    expect(stdout).toMatch(/ 2 fail\n$/);
  });

  test.each([
    ["a wrong flag", ["--jsom"], "--jsom: unknown flag"],
    ["a wrong value", ["--port", "x"], "--port: port must be"],
  ])("2 for %s", async (_, argv, message) => {
    const { exitCode, stdout, stderr } = await runSaker(["doctor", "--no-config", ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toStartWith(`saker: ${message}`);
  });
});

test("without foreign functions", async () => {
  await using site = await createSite();
  const { exitCode, stdout } = await runSaker(["doctor", site.root], { cwd: site.folder, env: { SAKER_NO_FFI: "1" } });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^warn {2}foreign functions +turned off {2}Unset SAKER_NO_FFI/m);
});

/**
 * The command line of the compiled executable, where it differs from the sources: version inside, no `static` of its own.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json";
import { useExecutable } from "../support/executable.ts";
import { runSaker } from "../support/saker.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-executable-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const executable = useExecutable();
const run = (...argv: string[]) => runSaker(argv, { cwd: FOLDER, executable: executable.path });

test("knows its version and the commit it was built from", async () => {
  const { exitCode, stdout, stderr } = await run("--version");
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toStartWith(`saker ${manifest.version} (`);
  expect(stdout).not.toContain("(source");
});

test("without a folder to serve it says what to do, and ends with 1", async () => {
  expect(await run()).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "saker: no folder to serve: name one (saker DIR), set document_root in saker.toml, or put the files into ./static\n",
  });
});

test("finds static in the current folder", async () => {
  mkdirSync(join(FOLDER, "static"));
  writeFileSync(join(FOLDER, "static/index.html"), "");
  const { exitCode, stdout } = await run("check");
  rmSync(join(FOLDER, "static"), { recursive: true });
  expect([exitCode, stdout]).toEqual([0, `configuration ok: no file, defaults\ndocument root ok: ${FOLDER}/static\n`]);
});

test.each([
  [["--prot", "80"], 2, 'saker: --prot: unknown flag; did you mean "--port"?\n'],
  [["helth"], 1, 'saker: helth is neither a command nor a folder; did you mean "health"?\n'],
  [["-c", "none.toml"], 1, 'saker: cannot read the configuration file "none.toml": no such file\n'],
])("refuses %p like the sources do", async (argv, exitCode, stderr) => {
  expect(await run(...argv)).toEqual({ exitCode, stdout: "", stderr });
});

test("has its help inside", async () => {
  const { exitCode, stdout } = await run("help", "settings");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("SAKER_NUM_WORKERS.");
});

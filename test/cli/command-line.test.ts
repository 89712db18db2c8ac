/**
 * The program as a whole, as a child: exit codes, one line of error, nothing on the wrong stream.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json";
import { settingsMarkdown } from "../../src/config/markdown.ts";
import { runSaker } from "../support/saker.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-cli-")));
writeFileSync(join(FOLDER, "bad.toml"), 'host = "::"\n\nprot = 80\n');
writeFileSync(join(FOLDER, "two\nlines.toml"), "prot = 80\n");
afterAll(() => rmSync(FOLDER, { recursive: true }));

const run = (argv: readonly string[], env: Record<string, string> = {}) => runSaker(argv, { cwd: FOLDER, env });

describe("good endings", () => {
  test.each([[["version"]], [["--version"]], [["-V"]], [["serve", "--version"]]])(
    "%p prints the version",
    async (argv) => {
      const { exitCode, stdout, stderr } = await run(argv);
      expect([exitCode, stderr]).toEqual([0, ""]);
      expect(stdout).toStartWith(`saker ${manifest.version} (source, Bun ${Bun.version}, `);
      expect(stdout.split("\n")).toHaveLength(2);
    },
  );

  test.each([
    [["--help"], "Usage: saker [DIR] [OPTIONS]"],
    [["-h"], "Usage: saker [DIR] [OPTIONS]"],
    [["help"], "Usage: saker [DIR] [OPTIONS]"],
    [["serve", "--help"], "Usage: saker serve [DIR] [OPTIONS]"],
    [["check", "-h"], "Usage: saker check [DIR] [OPTIONS]"],
    [["help", "health"], "--timeout SECONDS"],
    [["version", "--help"], "Usage: saker version\n"],
    [["help", "settings"], "SAKER_MAX_BODY_BYTES."],
  ])("%p prints help without colour", async (argv, part) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(part);
    expect(stdout).not.toContain("\u001b");
  });

  test("the table of settings as Markdown", async () => {
    expect(await run(["help", "settings", "--markdown"])).toEqual({
      exitCode: 0,
      stdout: `${settingsMarkdown()}\n`,
      stderr: "",
    });
  });

  test("a reader that goes away is no error", async () => {
    const main = join(import.meta.dir, "../../src/main.ts");
    const child = Bun.spawn(["sh", "-c", `"$0" "$1" --help | true`, process.execPath, main], {
      stderr: "pipe",
      cwd: FOLDER,
    });
    expect(await child.stderr.text()).toBe("");
    expect(await child.exited).toBe(0);
  });
});

describe("exit code 2 and one line", () => {
  test.each<[string, string[], Record<string, string>, string]>([
    ["an unknown flag", ["--prot", "80"], {}, '--prot: unknown flag; did you mean "--port"?'],
    ["a bad value", ["--port", "abc"], {}, '--port: port must be an integer between 0 and 65535, not "abc"'],
    ["a value that is missing", ["--port"], {}, "--port: needs a value: --port NUMBER"],
    ["a bad variable", [], { SAKER_PORT: "abc" }, 'SAKER_PORT: port must be an integer between 0 and 65535, not "abc"'],
    ["an unknown variable", [], { SAKER_PROT: "80" }, 'SAKER_PROT: unknown variable; did you mean "SAKER_PORT"?'],
    [
      "an unknown setting in a file",
      ["-c", "bad.toml"],
      {},
      'bad.toml:3:1: unknown setting "prot"; did you mean "port"?',
    ],
    [
      "a file named by variable",
      [],
      { SAKER_CONFIG: "bad.toml" },
      'bad.toml:3:1: unknown setting "prot"; did you mean "port"?',
    ],
    [
      "a file's name of two lines",
      ["-c", "two\nlines.toml"],
      {},
      'two\\u000alines.toml:1:1: unknown setting "prot"; did you mean "port"?',
    ],
    ["an unknown profile", ["--profile", "prd"], {}, '--profile: unknown profile "prd"; did you mean "prod"?'],
    ["two folders", [".", ".."], {}, "..: unexpected argument: only one folder is served"],
    ["help for nothing", ["help", "chek"], {}, 'no help for "chek"; did you mean "check"?'],
    ["help for two", ["help", "check", "serve"], {}, 'help explains one thing at a time, not "serve" too'],
    [
      "Markdown of a command",
      ["help", "check", "--markdown"],
      {},
      "only the settings come as Markdown: saker help settings --markdown",
    ],
    ["an unknown flag of help", ["help", "--markdwon"], {}, '--markdwon: unknown flag; did you mean "--markdown"?'],
    ["an argument for version", ["version", "1"], {}, 'version takes no argument, not "1"'],
  ])("%s", async (_, argv, env, message) => {
    expect(await run(argv, env)).toEqual({ exitCode: 2, stdout: "", stderr: `saker: ${message}\n` });
  });
});

describe("exit code 1 and one line", () => {
  test.each<[string, string[], string]>([
    [
      "neither a command nor a folder",
      ["nothing"],
      'nothing is neither a command nor a folder; "saker --help" lists the commands',
    ],
    ["a misspelt command", ["helth"], 'helth is neither a command nor a folder; did you mean "health"?'],
    ["a file", ["bad.toml"], "bad.toml is a file; saker serves folders: name the folder it is in"],
    [
      "a missing folder",
      ["serve", "none"],
      `document root ${FOLDER}/none does not exist; name a folder to serve: saker DIR`,
    ],
    [
      "a missing configuration file",
      ["-c", "none.toml"],
      'cannot read the configuration file "none.toml": no such file',
    ],
  ])("%s", async (_, argv, message) => {
    expect(await run(argv)).toEqual({ exitCode: 1, stdout: "", stderr: `saker: ${message}\n` });
  });
});

/**
 * From the command line to a command: which one runs, and with which arguments.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../../src/cli/command.ts";
import { COMMAND_MODULES } from "../../src/cli/command-modules.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { chooseCommand } from "../../src/cli/dispatch.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-dispatch-"));
mkdirSync(join(FOLDER, "site"));
mkdirSync(join(FOLDER, "check"));
writeFileSync(join(FOLDER, "page.html"), "");
afterAll(() => rmSync(FOLDER, { recursive: true }));

const choose = (line: string): [string, readonly string[]] => {
  const { command, argv } = chooseCommand({ argv: line === "" ? [] : line.split(" "), cwd: FOLDER });
  return [command.name, argv];
};

describe("chooses", () => {
  test.each<[string, string, string[]]>([
    ["", "serve", []],
    ["site", "serve", ["site"]],
    ["./site", "serve", ["./site"]],
    [".", "serve", ["."]],
    ["-p 80 site", "serve", ["-p", "80", "site"]],
    ["--port 80", "serve", ["--port", "80"]],
    ["serve", "serve", []],
    ["serve site -p 80", "serve", ["site", "-p", "80"]],
    ["check", "check", []],
    ["check -c a.toml", "check", ["-c", "a.toml"]],
    ["./check", "serve", ["./check"]],
    ["health", "health", []],
    ["version", "version", []],
    ["--version", "version", []],
    ["-V", "version", []],
    ["site --version", "version", []],
    ["serve -V", "version", []],
    ["help", "help", []],
    ["help check", "help", ["check"]],
    ["--help", "help", []],
    ["-h", "help", []],
    ["site -h", "help", []],
    ["check --help", "help", ["check"]],
    ["check -c x -h", "help", ["check"]],
    ["help --help", "help", ["help"]],
    ["nonsense --help", "help", []],
    ["serve -- --help", "serve", ["--", "--help"]],
    ["serve -- -V", "serve", ["--", "-V"]],
  ])("%p: %s %j", (line, name, argv) => expect(choose(line)).toEqual([name, argv]));
});

describe("refuses", () => {
  test.each([
    ["nothing", "nothing is neither a command nor a folder"],
    ["chekc", 'chekc is neither a command nor a folder; did you mean "check"?'],
    ["Serve", 'Serve is neither a command nor a folder; did you mean "serve"?'],
    ["zebra", 'zebra is neither a command nor a folder; "saker --help" lists the commands'],
    ["./none -p 80", "./none is neither a command nor a folder"],
    ["page.html", "page.html is a file; saker serves folders: name the folder it is in"],
    ["page.html/x", "page.html/x is neither a command nor a folder"],
  ])("%p", (line, message) => {
    expect(() => choose(line)).toThrow(CommandError);
    expect(() => choose(line)).toThrow(message);
  });
});

describe.each(COMMANDS.map((command) => [command.name, command] as const))("command %s", (name, command) => {
  test("is a row that help can print and dispatch can load", async () => {
    expect(name).toMatch(/^[a-z][a-z-]*$/);
    expect(command.summary).toMatch(/^[a-z].*[^.]$/);
    for (const detail of command.details) expect(detail).toEndWith(".");
    expect(typeof (await COMMAND_MODULES[name]()).run).toBe("function");
  });
});

import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands.ts";
import { COLUMNS_MAX, commandHelp, generalHelp, settingsHelp, wrap } from "../../src/cli/help-text.ts";
import { OTHER_VARIABLES, PLATFORM_PORT } from "../../src/config/from-environment.ts";
import { PROFILES } from "../../src/config/profiles.ts";
import { optionsOf, SCHEMA } from "../../src/config/schema.ts";

const plain = (title: string): string => title;
const texts: [string, string][] = [
  ["saker --help", generalHelp(plain)],
  ["saker help settings", settingsHelp(plain)],
  ...COMMANDS.map((command): [string, string] => [`saker help ${command.name}`, commandHelp(command, plain)]),
];

describe.each(texts)("%s", (_, text) => {
  test("fits its columns, and has no odd spaces", () => {
    for (const line of text.split("\n")) {
      expect(line.length, line).toBeLessThanOrEqual(COLUMNS_MAX);
      expect(line).toBe(line.trimEnd());
    }
    expect(text).not.toMatch(/\n\n\n|\t|\u00a0|`|undefined|null|\[object/);
    expect(text).toEndWith("\n");
    expect(text).not.toEndWith("\n\n");
  });
});

test("general help names every command, every flag and every default", () => {
  const text = generalHelp(plain);
  for (const { name } of COMMANDS) expect(text).toContain(`\n  ${name} `);
  for (const { flags } of optionsOf(SCHEMA)) for (const flag of flags) expect(text).toContain(flag);
  for (const flag of ["--no-dotfiles", "--no-access-log", "--config", "--profile", "--help", "--version"]) {
    expect(text).toContain(flag);
  }
  expect(text).toContain("[default: 8080]");
});

test("settings help names every setting, variable, profile", () => {
  const text = settingsHelp(plain);
  for (const { name, variable } of optionsOf(SCHEMA)) {
    expect(text).toContain(`\n  ${name} `);
    expect(text).toContain(`${variable}.`);
  }
  for (const name of [...Object.keys(PROFILES), ...Object.keys(OTHER_VARIABLES), PLATFORM_PORT])
    expect(text).toContain(`\n  ${name} `);
});

test("headings are marked the way the caller wants", () => {
  expect(generalHelp((title) => `<${title}>`)).toContain("<Commands>\n");
});

describe("wrap", () => {
  test.each<[string, string, number, string[]]>([
    ["a short text", "a b", 10, ["a b"]],
    ["an empty text", "", 10, [""]],
    ["a text that just fits", "aaaa bbbbb", 10, ["aaaa bbbbb"]],
    ["one column too long", "aaaa bbbbbb", 10, ["aaaa", "bbbbbb"]],
    ["a word that never fits", "a bbbbbbbbbbbbb c", 5, ["a", "bbbbbbbbbbbbb", "c"]],
    ["a no-break space", "aaa b\u00a0c", 6, ["aaa", "b c"]],
  ])("%s", (_, text, columns, lines) => expect(wrap(text, columns)).toEqual(lines));
});

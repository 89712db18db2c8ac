import { describe, expect, test } from "bun:test";
import { CONFIG_FLAGS, type Flag, parseArguments } from "../../src/config/arguments.ts";
import { optionsOf, SCHEMA } from "../../src/config/schema.ts";

const OPTIONS = optionsOf(SCHEMA);
const FLAGS: readonly Flag[] = Object.values(CONFIG_FLAGS);

const parse = (argv: readonly string[]) => {
  const { options, flags, positionals } = parseArguments(argv, OPTIONS, FLAGS);
  return {
    options: options.map(({ option, flag, text }) => `${option.name} ${flag} ${JSON.stringify(text)}`),
    flags: Object.fromEntries(flags),
    positionals,
  };
};

describe("parseArguments reads", () => {
  test.each([
    ["nothing", "", []],
    ["--name VALUE", "--port 80", ['port --port "80"']],
    ["--name=VALUE", "--port=80", ['port --port "80"']],
    ["-p VALUE", "-p 80", ['port -p "80"']],
    ["-pVALUE", "-p80", ['port -p "80"']],
    ["-p=VALUE", "-p=80", ['port -p "80"']],
    ["a second spelling", "--workers 2", ['num_workers --workers "2"']],
    ["dashes for underscores", "--max-body-bytes 1", ['max_body_bytes --max-body-bytes "1"']],
    ["a boolean", "--dotfiles", ['dotfiles --dotfiles "true"']],
    ["its opposite", "--no-dotfiles", ['dotfiles --no-dotfiles "false"']],
    ["a boolean with a value", "--dotfiles=off", ['dotfiles --dotfiles "off"']],
    ["a log that is off", "--no-access-log", ['access_log --no-access-log "false"']],
    ["a dash as value", "--access-log -", ['access_log --access-log "-"']],
    ["a negative number", "--port -5", ['port --port "-5"']],
    ["an empty value", "--server-header=", ['server_header --server-header ""']],
    ["a value with an equals sign", "--server-header=a=b", ['server_header --server-header "a=b"']],
    ["two of them, in order", "-p 1 --port 2", ['port -p "1"', 'port --port "2"']],
  ])("%s", (_, line, options) => expect(parse(line === "" ? [] : line.split(" ")).options).toEqual(options));

  test("other flags and folders, wherever they stand", () => {
    expect(parse(["a", "-c", "x.toml", "-", "--no-config", "--profile=dev", "--", "--port"])).toEqual({
      options: [],
      flags: { "--config": "x.toml", "--no-config": "", "--profile": "dev" },
      positionals: ["a", "-", "--port"],
    });
  });
});

describe("parseArguments refuses", () => {
  test.each([
    ["a misspelt flag", ["--prot", "80"], '--prot: unknown flag; did you mean "--port"?'],
    ["a misspelt flag with a value", ["--prot=80"], '--prot: unknown flag; did you mean "--port"?'],
    [
      "a name with underscores",
      ["--max_body_bytes", "1"],
      '--max_body_bytes: unknown flag; did you mean "--max-body-bytes"?',
    ],
    ["one dash too few", ["-port", "80"], '-port: unknown flag; did you mean "--port"?'],
    ["one dash too few, with a value", ["-port=80"], '-port=80: unknown flag; did you mean "--port"?'],
    ["an unknown short flag", ["-x"], '-x: unknown flag; "saker --help" lists all'],
    ["a flag like nothing", ["--zebra"], '--zebra: unknown flag; "saker --help" lists all'],
    ["the opposite of a number", ["--no-port"], "--no-port: unknown flag"],
    ["a log that can't be off", ["--no-error-log"], "--no-error-log: unknown flag"],
    ["no value", ["--port"], "--port: needs a value: --port NUMBER"],
    ["no value for a choice", ["--log-level"], "--log-level: needs a value: --log-level debug|info|warn|error"],
    ["a flag for a value", ["--host", "--port", "80"], "--host: needs a value: --host ADDRESS"],
    ["a short flag for a value", ["--host", "-p", "80"], "--host: needs a value: --host ADDRESS"],
    ["the end of flags for a value", ["--host", "--"], "--host: needs a value: --host ADDRESS"],
    ["no file", ["--config"], "--config: needs a value: --config FILE"],
    ["an empty file", ["--config="], "--config: needs a value: --config FILE"],
    ["a value where none belongs", ["--no-config=x"], "--no-config: takes no value"],
    ["a value for an opposite", ["--no-dotfiles=true"], "--no-dotfiles: takes no value"],
    ["a line break in a name", ["--a\nb"], "--a\\u000ab: unknown flag"],
    ["three dashes", ["---port", "80"], '---port: unknown flag; did you mean "--port"?'],
  ])("%s", (_, argv, message) => {
    expect(() => parse(argv)).toThrow(message);
  });
});

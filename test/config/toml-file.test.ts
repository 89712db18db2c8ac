/**
 * Reading TOML files: every syntax error gets the line and column a person would look at.
 */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, ConfigFileError } from "../../src/config/config-error.ts";
import { parseToml, readTomlFile } from "../../src/config/toml-file.ts";

function errorOf(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("parseToml", () => {
  test("gives the table", () => {
    expect(parseToml('port = 1\n[profile.dev]\nhost = "::"', "a.toml")).toEqual({
      port: 1,
      profile: { dev: { host: "::" } },
    });
  });

  // `▸` stands where the error must point.
  test.each([
    ["a missing value", "port = 1\nhost = ▸\n", "missing value"],
    ["a missing value at the end", "host =▸", "missing value"],
    ["a word without quotes", "host = ▸localhost\n", "strings must be quoted"],
    ["True", "dotfiles = ▸True", "strings must be quoted"],
    ["a repeated key", "port = 1\n▸port = 2\n", "cannot redefine key 'port'"],
    ["a repeated table", "[a]\nb = 1\n▸[a]\nc = 2", "cannot redefine table 'a'"],
    ["a table over a value", "a = 1\n▸[a]", "cannot redefine key 'a'"],
    ["a string over two lines", 'port = 1\nhost = ▸"a\nb"', "unterminated string"],
    ["a string without end", 'host = ▸"a', "unterminated string"],
    ["a literal without end", "host = ▸'a\nport = 1", "unterminated string"],
    ["a multi-line string without end", 'port = 1\nhost = ▸"""\na\nport = 2\n', "unterminated string"],
    ["a bad escape", 'host = ▸"a\\q"', "escape"],
    ["a control character in a string", 'host = "a▸\u0001"', "control character"],
    ["a control character in a comment", "port = 1 # ▸\u0001\n", "control character"],
    ["a colon", "port▸: 8080", "expected '=' after a key"],
    ["a key of two words", "max ▸connections = 1", "expected '=' after a key"],
    ["a line of prose", "# settings\n\n  serve ▸the files\n", "expected '=' after a key"],
    ["no key", "▸= 1", "expected a key"],
    ["a key in another script", "▸é = 1", "expected a key"],
    ["two statements on a line", "a = 1 ▸b = 2", "expected a newline"],
    ["text behind a string", 'a = "1" ▸b # c', "expected a newline"],
    ["text behind a header", "[a] ▸b = 1", "expected a newline"],
    ["an array that the next line runs into, after a comma", "a = [1,\n▸b = 2", "strings must be quoted"],
    ["a bad item of an array", 'index = ["a", ▸b, 3]', "strings must be quoted"],
    ["a string without end in an array", 'index = [\n  "a",\n  ▸"b,\n]', "unterminated string"],
    ["a bad value in an inline table", "a = { b = 1, c = ▸x }", "strings must be quoted"],
    ["a repeated key in an inline table", "a = { b = 1, ▸b = 2 }", "cannot redefine key 'b'"],
    ["a repeated dotted key", "x.y = 1\n▸x.y.z = 2", "cannot redefine key 'y'"],
    ["a mistake behind many CRLF lines", "a = 1\r\n[b]\r\nc = [\r\n1 ]\r\nd = ▸x\r\n", "strings must be quoted"],
    ["an array with a comma missing", 'index = [\n  "a"\n  ▸"b"\n]', "expected ',' or ']'"],
    ["an array that the next line runs into", 'index = ["a"\n▸port = 80', "expected ',' or ']'"],
    ["an array open at the end", "a = [1, 2▸", "expected ',' or ']'"],
    ["an inline table with an odd key", "a = { b = 1, c ▸2 }", "expected '=' after a key"],
    ["a header without end", "[profile.dev▸", "expected ']'"],
    ["a header with one bracket too many", "[a]▸]", "expected a newline"],
    ["a leading zero", "port = ▸0080", "leading zeros"],
    ["an integer beyond 64 bits", "port = ▸99999999999999999999", "integer is outside"],
    ["a number with a dot at its end", "timeout_seconds = ▸1.", "decimal point"],
    ["a stray bracket", "port = 1\n\n  ▸]\n", "expected a key"],
    ["CRLF line ends", "port = 1\r\nhost = ▸localhost\r\n", "strings must be quoted"],
    ["a byte order mark", "\ufeffhost = ▸localhost", "strings must be quoted"],
  ])("%s", (_, marked, message) => {
    const text = marked.replace("▸", "");
    const error = errorOf(() => parseToml(text, "dir/a.toml")) as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message.toLowerCase()).toContain(message);
    expect(error.message).toStartWith(`dir/a.toml:${error.line}:${error.column}: invalid TOML: `);
    expect(error.message).not.toContain("\n");
    if (!marked.includes("▸")) return;
    const before = marked.slice(0, marked.indexOf("▸")).replace("\ufeff", "");
    const lines = before.split("\n");
    expect({ line: error.line, column: error.column }).toEqual({
      line: lines.length,
      column: lines.at(-1)!.length + 1,
    });
  });

  test("a mistake behind a thousand good lines is found", () => {
    const good = Array.from({ length: 1000 }, (_, index) => `key${index} = [${index}, "#"]`).join("\n");
    const error = errorOf(() =>
      parseToml(`${good}\nhost = x\n${good.replaceAll("key", "other")}`, "a.toml"),
    ) as ConfigError;
    expect([error.line, error.column]).toEqual([1001, 8]);
  });
});

describe("readTomlFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "saker-config-"));
  const path = join(folder, "a.toml");
  const pipe = join(folder, "pipe");
  const large = join(folder, "large.toml");
  Bun.spawnSync(["mkfifo", pipe]);
  writeFileSync(large, "");
  truncateSync(large, 2 ** 30);

  test.each([
    ["a missing file", join(folder, "none.toml"), "no such file"],
    ["a folder", folder, "it is a folder"],
    ["a device without end", "/dev/zero", "it is neither a file nor a pipe"],
    ["a pipe without a writer", pipe, "it is a pipe without a writer"],
    ["a file larger than any configuration", large, "it is larger than 16 MiB"],
    ["a path through a file", join(import.meta.path, "a.toml"), "no such file"],
  ])("%s", (_, missing, reason) => {
    const error = errorOf(() => readTomlFile(missing, "a.toml"));
    expect(error).toBeInstanceOf(ConfigFileError);
    expect(error.message).toBe(`cannot read the configuration file "a.toml": ${reason}`);
  });

  test("octets that are not UTF-8", () => {
    writeFileSync(path, Buffer.from('port = 1\nhost = "m\xfcnchen"\n', "latin1"));
    const error = errorOf(() => readTomlFile(path, "a.toml"));
    expect(error.message).toBe("a.toml:2:10: not UTF-8; save the file as UTF-8");
  });

  test("a replacement character that is meant", () => {
    writeFileSync(path, 'a = "\ufffd"');
    expect(readTomlFile(path, "a.toml").root).toEqual({ a: "\ufffd" });
  });

  test("what a shell's <(…) writes bit by bit", () => {
    const program = `import { readTomlFile } from "${import.meta.dir}/../../src/config/toml-file.ts";
      console.log(JSON.stringify(readTomlFile(process.argv[1], "pipe").root))`;
    const script = `"$0" -e "$1" <(printf 'a = 1\n'; sleep 0.1; printf 'b = 2\n')`;
    const { stdout } = Bun.spawnSync(["bash", "-c", script, process.execPath, program]);
    expect(stdout.toString()).toBe('{"a":1,"b":2}\n');
  });

  test("an empty file", () => {
    writeFileSync(path, "");
    expect(readTomlFile(path, "a.toml")).toEqual({ name: "a.toml", text: "", root: {} });
    rmSync(folder, { recursive: true });
  });
});

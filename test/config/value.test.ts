/**
 * Values against the table: each type's good values, and what is said about bad ones.
 */
import { describe, expect, test } from "bun:test";
import { SETTINGS } from "../../src/config/setting-rows.ts";
import type { SettingName } from "../../src/config/settings.ts";
import { checkText, checkValue } from "../../src/config/value.ts";

const problemOf = (name: SettingName, value: unknown): string => {
  const checked = checkValue(name, SETTINGS[name], value, "/base");
  return checked.isGood ? "" : checked.problem;
};
const textOf = (name: SettingName, text: string): unknown => {
  const checked = checkText(name, SETTINGS[name], text, "/base");
  return checked.isGood ? checked.value : checked.problem;
};

describe("checkValue accepts", () => {
  test.each<[SettingName, unknown, unknown]>([
    ["port", 0, 0],
    ["port", 65535, 65535],
    ["port", -0, 0],
    ["num_workers", "auto", "auto"],
    ["num_workers", 1, 1],
    ["timeout_seconds", 0.5, 0.5],
    ["host", "::1", "::1"],
    ["server_header", "", ""],
    ["server_header", "saker (test)", "saker (test)"],
    ["log_level", "warn", "warn"],
    ["index", [], []],
    ["index", ["a.html", "b.html"], ["a.html", "b.html"]],
    ["dotfiles", true, true],
    ["document_root", "site", "/base/site"],
    ["document_root", "../site/", "/site"],
    ["document_root", "/srv", "/srv"],
    ["pid_file", "", null],
    ["pid_file", "a.pid", "/base/a.pid"],
    ["user", "", null],
    ["user", "www-data", "www-data"],
    ["user", "1000", "1000"],
    ["access_log", "-", "-"],
    ["access_log", false, false],
    ["access_log", "a.log", "/base/a.log"],
    ["access_log", "./-", "/base/-"],
    ["error_log", "-", "-"],
    ["admin_prefix", "", ""],
    ["admin_prefix", "/_saker/x", "/_saker/x"],
    ["admin_listen", ":9090", ":9090"],
  ])("%s = %p", (name, value, read) => {
    expect(checkValue(name, SETTINGS[name], value, "/base")).toEqual({ isGood: true, value: read });
  });
});

describe("checkValue refuses", () => {
  test.each<[SettingName, unknown, string]>([
    ["port", "abc", 'port must be an integer between 0 and 65535, not "abc"'],
    ["port", "8080", 'port must be an integer between 0 and 65535, not "8080"; write 8080 without quotes'],
    ["port", -1, "port must be an integer between 0 and 65535, not -1"],
    ["port", 65536, "port must be an integer between 0 and 65535, not 65536"],
    ["port", 80.5, "port must be an integer between 0 and 65535, not 80.5"],
    ["port", Number.NaN, "port must be an integer between 0 and 65535, not nan"],
    ["port", Infinity, "port must be an integer between 0 and 65535, not inf"],
    ["port", true, "port must be an integer between 0 and 65535, not true"],
    ["port", [80], "port must be an integer between 0 and 65535, not [80]"],
    ["port", { a: 1 }, 'port must be an integer between 0 and 65535, not {"a":1}'],
    ["num_workers", 0, 'num_workers must be "auto" or an integer between 1 and 256, not 0'],
    ["num_workers", "Auto", 'num_workers must be "auto" or an integer between 1 and 256, not "Auto"'],
    ["timeout_seconds", 0, "timeout_seconds must be a number between 0.1 and 86400, not 0"],
    ["timeout_seconds", "30s", 'timeout_seconds must be a number between 0.1 and 86400, not "30s"'],
    ["dotfiles", "yes", 'dotfiles must be true or false, not "yes"; write true without quotes'],
    ["dotfiles", 1, "dotfiles must be true or false, not 1"],
    ["log_level", "warning", 'log_level must be "debug", "info", "warn" or "error", not "warning"'],
    ["log_level", "", 'log_level must be "debug", "info", "warn" or "error", not ""'],
    ["access_log_format", "JSON", 'access_log_format must be "combined", "vhost_combined" or "json", not "JSON"'],
    ["access_log", true, 'access_log must be "-", a file or false, not true'],
    ["access_log", "", 'access_log must be "-", a file or false, not ""'],
    ["error_log", false, 'error_log must be "-" or a file, not false'],
    ["document_root", "", 'document_root must be a path, not ""'],
    ["document_root", "a\0b", 'document_root must be a path, not "a\\u0000b"'],
    ["document_root", 1, "document_root must be a path, not 1"],
    ["host", "", 'host must be an IP address or a host name, not ""'],
    ["host", 127, "host must be an IP address or a host name, not 127"],
    ["server_header", "a\r\nX: 1", 'server_header must be printable ASCII characters, not "a\\r\\nX: 1"'],
    ["server_header", " a", 'server_header must be printable ASCII characters, not " a"'],
    ["server_header", "ü", 'server_header must be printable ASCII characters, not "ü"'],
    ["index", "index.html", 'index must be a list, each item a file name without slashes, not "index.html"'],
    ["index", ["a", 3], "each item of index must be a file name without slashes, not 3"],
    ["index", ["../a"], 'each item of index must be a file name without slashes, not "../a"'],
    ["index", [".."], 'each item of index must be a file name without slashes, not ".."'],
    ["index", [""], 'each item of index must be a file name without slashes, not ""'],
    ["index", ["a\\b"], 'each item of index must be a file name without slashes, not "a\\\\b"'],
    [
      "admin_allow",
      ["10.0.0.0/33"],
      'each item of admin_allow must be an address or a range such as "10.0.0.0/8", not "10.0.0.0/33"',
    ],
    [
      "admin_prefix",
      "saker",
      'admin_prefix must be "" or a path such as "/_saker" without a trailing slash, not "saker"',
    ],
    ["admin_prefix", "/", 'admin_prefix must be "" or a path such as "/_saker" without a trailing slash, not "/"'],
    [
      "admin_prefix",
      "/a/..",
      'admin_prefix must be "" or a path such as "/_saker" without a trailing slash, not "/a/.."',
    ],
    ["user", "a b", 'user must be a name or a number, not "a b"'],
    ["user", 1000, "user must be a name or a number, not 1000"],
  ])("%s = %p", (name, value, problem) => expect(problemOf(name, value)).toBe(problem));

  test("names the item of a list", () => {
    expect(checkValue("index", SETTINGS.index, ["a", "b/"], "/")).toMatchObject({ isGood: false, item: 1 });
    expect(checkValue("index", SETTINGS.index, "a", "/")).toMatchObject({ isGood: false, item: -1 });
  });

  test("shortens what is long and keeps it on one line", () => {
    const problem = problemOf("host", `${"x".repeat(500)}\n`);
    expect(problem.length).toBeLessThan(120);
    expect(problem).toEndWith("…");
    expect(problemOf("host", "a\nb\u2028\u0085")).toBe(
      'host must be an IP address or a host name, not "a\\nb\\u2028\\u0085"',
    );
  });

  test("a date", () => {
    const { port } = Bun.TOML.parse("port = 2026-01-02") as { port: unknown };
    expect(problemOf("port", port)).toBe("port must be an integer between 0 and 65535, not 2026-01-02");
  });
});

describe("checkText", () => {
  test.each<[SettingName, string, unknown]>([
    ["port", "80", 80],
    ["port", "1_000", 1000],
    ["port", "+80", 80],
    ["timeout_seconds", "0.5", 0.5],
    ["timeout_seconds", ".5", 0.5],
    ["num_workers", "auto", "auto"],
    ["dotfiles", "true", true],
    ["dotfiles", "YES", true],
    ["dotfiles", "on", true],
    ["dotfiles", "1", true],
    ["dotfiles", "off", false],
    ["dotfiles", "0", false],
    ["index", "a, b", ["a", "b"]],
    ["index", "", []],
    ["access_log", "false", false],
    ["access_log", "off", false],
    ["access_log", "-", "-"],
    ["access_log", "x", "/base/x"],
    ["error_log", "off", "/base/off"],
    ["server_header", "", ""],
    ["pid_file", "", null],
  ])("%s %p", (name, text, value) => expect(textOf(name, text)).toEqual(value));

  test.each<[SettingName, string, string]>([
    ["port", "", 'port must be an integer between 0 and 65535, not ""'],
    ["port", "0x50", 'port must be an integer between 0 and 65535, not "0x50"'],
    ["port", "8e1", 'port must be an integer between 0 and 65535, not "8e1"'],
    ["port", "80 ", 'port must be an integer between 0 and 65535, not "80 "'],
    ["port", "80_", 'port must be an integer between 0 and 65535, not "80_"'],
    ["port", "80.0", 'port must be an integer between 0 and 65535, not "80.0"'],
    ["port", "NaN", 'port must be an integer between 0 and 65535, not "NaN"'],
    ["port", "-1", "port must be an integer between 0 and 65535, not -1"],
    ["cache_size_mb", "10MB", 'cache_size_mb must be an integer between 0 and 1048576, not "10MB"'],
    ["timeout_seconds", "Infinity", 'timeout_seconds must be a number between 0.1 and 86400, not "Infinity"'],
    ["timeout_seconds", "1.", 'timeout_seconds must be a number between 0.1 and 86400, not "1."'],
    ["dotfiles", "maybe", 'dotfiles must be true or false, not "maybe"'],
    ["dotfiles", "constructor", 'dotfiles must be true or false, not "constructor"'],
    ["index", "a,,b", 'each item of index must be a file name without slashes, not ""'],
    ["log_level", "INFO", 'log_level must be "debug", "info", "warn" or "error", not "INFO"'],
  ])("%s %p is refused", (name, text, problem) => expect(textOf(name, text)).toBe(problem));
});

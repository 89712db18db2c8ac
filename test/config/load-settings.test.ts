/**
 * Loading as a whole: which source wins, and where errors of each source point.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, ConfigFileError } from "../../src/config/config-error.ts";
import { type Configuration, loadConfiguration, loadSettings } from "../../src/config/load-settings.ts";
import { type Schema, SCHEMA } from "../../src/config/schema.ts";
import { boolean, integer, list, optionalPath, path, string } from "../../src/config/setting.ts";
import { table, tableArray } from "../../src/config/table.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-load-")));
mkdirSync(join(FOLDER, "conf"));
mkdirSync(join(FOLDER, "empty"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

interface Sources {
  readonly file?: string;
  readonly argv?: readonly string[];
  readonly env?: Record<string, string>;
  readonly schema?: Schema;
}

/** Loads with `file` as conf/a.toml. */
function load({ file, argv = [], env = {}, schema = SCHEMA }: Sources): Configuration {
  if (file !== undefined) writeFileSync(join(FOLDER, "conf/a.toml"), file);
  const config = file === undefined ? [] : ["--config", "conf/a.toml"];
  return loadConfiguration({ argv: [...config, ...argv], env, cwd: FOLDER }, schema);
}

function errorOf(sources: Sources): ConfigError {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the later source wins", () => {
  const file = '[profile.dev]\nport = 4\n[profile.test]\nhost = "::1"\n';
  test.each<[string, Sources, number]>([
    ["default", {}, 8080],
    ["built-in profile over default", { argv: ["--profile", "test"] }, 0],
    ["file over default", { file: "port = 2" }, 2],
    ["file over built-in profile", { file: "port = 2", argv: ["--profile", "test"] }, 2],
    ["the file's profile over the file", { file: `port = 2\n${file}`, argv: ["--profile", "dev"] }, 4],
    ["a profile that was not chosen changes nothing", { file: `port = 2\n${file}` }, 2],
    ["a built-in profile where the file's does not say", { file, argv: ["--profile", "test"] }, 0],
    ["variable over profile", { file, argv: ["--profile", "dev"], env: { SAKER_PORT: "5" } }, 5],
    ["flag over variable", { file, argv: ["--profile", "dev", "--port", "6"], env: { SAKER_PORT: "5" } }, 6],
    ["the last flag", { argv: ["--port", "6", "-p7"] }, 7],
    ["a profile chosen by variable", { file, env: { SAKER_PROFILE: "dev" } }, 4],
    ["--profile over SAKER_PROFILE", { file, argv: ["--profile", "dev"], env: { SAKER_PROFILE: "test" } }, 4],
    ["a profile of the file's own", { file: "[profile.staging]\nport = 9", argv: ["--profile", "staging"] }, 9],
    ["a profile in dotted keys", { file: "profile.dev.port = 9", argv: ["--profile", "dev"] }, 9],
  ])("%s", (_, sources, port) => expect(load(sources).settings.port).toBe(port));

  test("each value remembers its origin", () => {
    const { originOf } = load({
      file: 'index = ["a"]\n[profile.dev]\nport = 4\n',
      argv: ["--profile", "dev", "-w", "2", "site"],
      env: { SAKER_DOTFILES: "1" },
    });
    expect(originOf("queue_size")).toEqual({ source: "default" });
    expect(originOf("host")).toEqual({ source: "profile", name: "dev" });
    expect(originOf("index")).toMatchObject({ source: "file", path: ["index"] });
    expect(originOf("port")).toMatchObject({ source: "file", path: ["profile", "dev", "port"] });
    expect(originOf("dotfiles")).toEqual({ source: "environment", name: "SAKER_DOTFILES" });
    expect(originOf("num_workers")).toEqual({ source: "flag", name: "-w" });
    expect(originOf("document_root")).toEqual({ source: "flag", name: "DIR" });
  });

  test("a list given twice grows, and replaces what was there", () => {
    const { settings } = load({ file: 'index = ["x"]', argv: ["--index", "a,b", "--index=c"] });
    expect(settings.index).toEqual(["a", "b", "c"]);
  });
});

describe("paths", () => {
  test.each<[string, Sources, string]>([
    ["the default is relative to the current folder", {}, join(FOLDER, "static")],
    ["in a file, to the file", { file: 'document_root = "site"' }, join(FOLDER, "conf/site")],
    [
      "in a file's profile, to the file",
      { file: '[profile.dev]\ndocument_root = ".."', argv: ["--profile=dev"] },
      FOLDER,
    ],
    ["as a flag, to the current folder", { file: "", argv: ["--document-root", "site"] }, join(FOLDER, "site")],
    ["as DIR, to the current folder", { file: "", argv: ["./site/"] }, join(FOLDER, "site")],
    ["in a variable, to the current folder", { file: "", env: { SAKER_DOCUMENT_ROOT: "site" } }, join(FOLDER, "site")],
    ["DIR wins over the flag", { argv: ["a", "--document-root", "b"] }, join(FOLDER, "a")],
    ["absolute ones stay", { file: 'document_root = "/srv"' }, "/srv"],
  ])("%s", (_, sources, root) => expect(load(sources).settings.document_root).toBe(root));
});

describe("the configuration file", () => {
  const inFolder = (cwd: string, argv: readonly string[] = [], env: Record<string, string> = {}) =>
    loadConfiguration({ argv, env, cwd });

  test("saker.toml of the current folder is read without being named", () => {
    const cwd = mkdtempSync(join(FOLDER, "cwd-"));
    writeFileSync(join(cwd, "saker.toml"), "port = 1");
    expect(inFolder(cwd)).toMatchObject({ configFile: "saker.toml", settings: { port: 1 } });
    expect(inFolder(cwd, ["--no-config"])).toMatchObject({ configFile: null, settings: { port: 8080 } });
    writeFileSync(join(cwd, "b.toml"), "port = 2");
    expect(inFolder(cwd, ["-c", "b.toml"])).toMatchObject({ configFile: "b.toml", settings: { port: 2 } });
    expect(inFolder(cwd, [], { SAKER_CONFIG: "b.toml" })).toMatchObject({
      configFile: "b.toml",
      settings: { port: 2 },
    });
    expect(inFolder(cwd, ["-c", "saker.toml"], { SAKER_CONFIG: "b.toml" }).settings.port).toBe(1);
    expect(inFolder(cwd, [], { SAKER_CONFIG: "" }).settings.port).toBe(1);
  });

  test("none is fine", () =>
    expect(inFolder(join(FOLDER, "empty"))).toMatchObject({ configFile: null, profile: null }));

  test("the file of the start must still be there at a reload", () => {
    const request = { argv: [], env: {}, cwd: join(FOLDER, "empty"), configFile: "saker.toml" };
    expect(() => loadConfiguration(request)).toThrow('cannot read the configuration file "saker.toml": no such file');
    expect(loadConfiguration({ ...request, configFile: null }).configFile).toBeNull();
  });

  test.each([
    ["--config", ["--config", "none.toml"], {}],
    ["SAKER_CONFIG", [], { SAKER_CONFIG: "none.toml" }],
  ])("a missing file named by %s is an error of its own kind", (_, argv, env) => {
    expect(() => inFolder(FOLDER, argv, env)).toThrow(ConfigFileError);
    expect(() => inFolder(FOLDER, argv, env)).toThrow('cannot read the configuration file "none.toml": no such file');
  });
});

describe("errors in a file", () => {
  test.each([
    ["an unknown key", "prot = 80", 'conf/a.toml:1:1: unknown setting "prot"; did you mean "port"?'],
    ["an unknown key far down", "\n# c\n  prot = 80", 'conf/a.toml:3:3: unknown setting "prot"; did you mean "port"?'],
    ["a key like nothing", "zebra = 1", 'conf/a.toml:1:1: unknown setting "zebra"; "saker help settings" lists all'],
    ["a wrong type", '# c\nport = "abc"', 'conf/a.toml:2:8: port must be an integer between 0 and 65535, not "abc"'],
    ["a value out of range", "port=70000", "conf/a.toml:1:6: port must be an integer between 0 and 65535, not 70000"],
    [
      "a bad choice",
      'log_level = "loud"',
      'conf/a.toml:1:13: log_level must be "debug", "info", "warn" or "error", not "loud"',
    ],
    [
      "a bad item",
      'index = [\n "a",\n "b/c"]',
      'conf/a.toml:3:2: each item of index must be a file name without slashes, not "b/c"',
    ],
    ["a dotted setting", "port.a = 1", 'conf/a.toml:1:1: port must be an integer between 0 and 65535, not {"a":1}'],
    [
      "a setting as table",
      "[port]\na = 1",
      'conf/a.toml:1:2: port must be an integer between 0 and 65535, not {"a":1}',
    ],
    ["a date", "port = 2026-01-02", "conf/a.toml:1:8: port must be an integer between 0 and 65535, not 2026-01-02"],
    ["bad syntax", "port = 80\nhost = x", 'conf/a.toml:2:8: invalid TOML: strings must be quoted: "x"'],
    ["the first of two", "a1 = 1\nport = 99999", "conf/a.toml:1:1: unknown setting"],
    [
      "a table of a later version",
      "[admin]\ncert = 1",
      "conf/a.toml:1:2: [admin] is not supported by this version of saker; remove it",
    ],
    [
      "an array of a later version",
      "[[admin]]\n",
      "conf/a.toml:1:3: [[admin]] is not supported by this version of saker; remove it",
    ],
    [
      "a later version's table as key",
      "admin = true",
      "conf/a.toml:1:1: [admin] is not supported by this version of saker; remove it",
    ],
    ["a later version's table in dots", "admin.cert = 1", "conf/a.toml:1:1: [admin] is not supported"],
    ["an unknown table", "[profil.dev]", 'conf/a.toml:1:2: unknown table "profil"; did you mean "profile"?'],
    [
      "an unknown array of tables",
      "[[zebra]]",
      'conf/a.toml:1:3: unknown table "zebra"; "saker help settings" lists all',
    ],
    ["the prototype's name", "__proto__ = 1", 'conf/a.toml:1:1: unknown setting "__proto__"'],
    ["a method's name", "constructor = 1", 'conf/a.toml:1:1: unknown setting "constructor"'],
    ["a line break in a key", '"a\\nb" = 1', 'conf/a.toml:1:1: unknown setting "a\\u000ab"'],
    ["a profile that is no table", "profile = 1", "conf/a.toml:1:11: profile must be a table: [profile.NAME]"],
    ["a profile of values", "profile.dev = 1", "conf/a.toml:1:9: profile.dev must be a table: [profile.NAME]"],
    ["an array of profiles", "[[profile]]", "conf/a.toml:1:3: profile must be a table: [profile.NAME]"],
    [
      "a setting right below profile",
      "[profile]\nport = 1",
      "conf/a.toml:2:1: profile.port must be a table: [profile.NAME]",
    ],
    [
      "a mistake in a profile that was not chosen",
      "[profile.x]\nprot = 1",
      'conf/a.toml:2:1: unknown setting "prot"; did you mean "port"?',
    ],
    [
      "a bad value in such a profile",
      "[profile.x]\nport = -1",
      "conf/a.toml:2:8: port must be an integer between 0 and 65535, not -1",
    ],
    ["a profile in a profile", "[profile.x.profile.y]", 'conf/a.toml:1:12: unknown table "profile"'],
    [
      "limits that contradict each other",
      "max_uri_bytes = 4096\nmax_header_bytes = 2048",
      "conf/a.toml:1:17: max_uri_bytes must be at most max_header_bytes (2048), not 4096",
    ],
  ])("%s", (_, file, message) => {
    const error = errorOf({ file });
    expect(error.message).toStartWith(message);
    expect(error.message).not.toContain("\n");
    expect(error.file).toBe("conf/a.toml");
    expect(error.message).toBe(`${error.file}:${error.line}:${error.column}: ${error.problem}`);
  });

  test("the error's members", () => {
    expect(errorOf({ file: '\nport = "abc"' })).toMatchObject({
      file: "conf/a.toml",
      line: 2,
      column: 8,
      key: "port",
      problem: 'port must be an integer between 0 and 65535, not "abc"',
    });
    expect(errorOf({ file: "index = [1]" })).toMatchObject({ line: 1, column: 10, key: "index" });
  });
});

describe("errors elsewhere", () => {
  test.each<[string, Sources, string]>([
    ["a flag's value", { argv: ["--port", "abc"] }, '--port: port must be an integer between 0 and 65535, not "abc"'],
    ["as it was spelled", { argv: ["-w0"] }, '-w: num_workers must be "auto" or an integer between 1 and 256, not 0'],
    [
      "a variable's value",
      { env: { SAKER_PORT: "x" } },
      'SAKER_PORT: port must be an integer between 0 and 65535, not "x"',
    ],
    ["two folders", { argv: ["a", "b"] }, "b: unexpected argument: only one folder is served"],
    ["an empty folder", { argv: [""] }, 'DIR: document_root must be a path, not ""'],
    ["an unknown profile", { argv: ["--profile", "prd"] }, '--profile: unknown profile "prd"; did you mean "prod"?'],
    [
      "a profile like nothing",
      { argv: ["--profile", "zebra"] },
      '--profile: unknown profile "zebra"; there are dev, prod, test',
    ],
    [
      "a profile of the file is near",
      { file: "[profile.staging]", argv: ["--profile", "stagin"] },
      '--profile: unknown profile "stagin"; did you mean "staging"?',
    ],
    [
      "an unknown profile by variable",
      { env: { SAKER_PROFILE: "prd" } },
      'SAKER_PROFILE: unknown profile "prd"; did you mean "prod"?',
    ],
    [
      "a prototype's name as profile",
      { argv: ["--profile", "constructor"] },
      '--profile: unknown profile "constructor"',
    ],
    [
      "a contradiction made by a flag",
      { argv: ["--max-uri-bytes", "20000"] },
      "--max-uri-bytes: max_uri_bytes must be at most max_header_bytes (16384), not 20000",
    ],
    [
      "a contradiction made by a variable",
      { env: { SAKER_MAX_URI_BYTES: "20000" } },
      "SAKER_MAX_URI_BYTES: max_uri_bytes must be at most",
    ],
  ])("%s", (_, sources, message) => {
    const error = errorOf(sources);
    expect(error.message).toStartWith(message);
    expect([error.line, error.column]).toEqual([0, 0]);
  });

  test.each([
    ["-p 80 --admin-listen :80", '([::]:80), not ":80"'],
    ["-p 80 --admin-listen 127.0.0.1:80", "([::]:80), not"],
    ["-p 80 --host 127.0.0.1 --admin-listen 0.0.0.0:80", "(127.0.0.1:80), not"],
    ["-p 80 --host ::1 --admin-listen [::1]:80", "([::1]:80), not"],
    ["-p 80 --host localhost --admin-listen [::1]:80", "(localhost:80), not"],
    ["-p 80 --host 127.0.0.1 --admin-listen localhost:80", "(127.0.0.1:80), not"],
    ["-p 80 --host example.org --admin-listen Example.org:80", "(example.org:80), not"],
  ])("the admin endpoints on the site's address: %s", (line, part) => {
    const { message } = errorOf({ argv: line.split(" ") });
    expect(message).toStartWith("--admin-listen: admin_listen must differ from the site's address");
    expect(message).toContain(part);
  });

  test.each([
    "-p 80 --admin-listen :81",
    "-p 80 --host 127.0.0.1 --admin-listen 127.0.0.2:80",
    "-p 80 --host ::1 --admin-listen 127.0.0.1:80",
    "-p 80 --host example.org --admin-listen 127.0.0.1:80",
  ])("and beside it: %s", (line) => {
    expect(() => load({ argv: line.split(" ") })).not.toThrow();
  });

  test.each(["-p 0 --admin-listen :0", "-p 80 --admin-listen :81", "-p 80 --host ::1 --admin-listen 127.0.0.1:80"])(
    "the admin endpoints on an address of their own: %s",
    (line) => expect(() => load({ argv: line.split(" ") })).not.toThrow(),
  );

  test("a command that takes no folder", () => {
    const request = { argv: ["a"], env: {}, cwd: FOLDER, takesFolder: false };
    expect(() => loadSettings(request)).toThrow("a: this command takes no argument");
  });
});

test("a default gives way to a smaller limit that was given", () => {
  expect(load({ file: "max_header_bytes = 4096" }).settings.max_uri_bytes).toBe(4096);
});

test("settings are frozen and survive JSON", () => {
  const { settings } = load({});
  expect(Object.isFrozen(settings)).toBe(true);
  expect(Object.isFrozen(load({ argv: ["--index", "a"] }).settings.index)).toBe(true);
  expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
});

describe("a table that a later feature registers", () => {
  const schema: Schema = {
    settings: SCHEMA.settings,
    plannedTables: ["redirect"],
    tables: {
      ...SCHEMA.tables,
      mail: table("Encryption", {
        certificate: optionalPath({ group: "Serving", meaning: "The certificate" }),
        port: integer({ default: 8443, minimum: 0, maximum: 65535, group: "Serving", meaning: "The port" }),
        http2: boolean({ default: true, group: "Serving", meaning: "Whether HTTP/2 is offered" }),
      }),
      place: tableArray("A site by name", {
        names: list({ default: [], group: "Serving", meaning: "Its names" }),
        document_root: path({ default: "static", group: "Serving", meaning: "Its folder" }),
        label: string({ default: "x", group: "Serving", meaning: "Its label" }),
      }),
    },
  };
  const tablesOf = (sources: Sources) => load({ ...sources, schema }).settings as unknown as Record<string, unknown>;

  test("has its defaults", () => {
    expect(tablesOf({})).toMatchObject({ mail: { certificate: null, port: 8443, http2: true }, place: [] });
  });

  test("is read from the file", () => {
    const file = '[mail]\ncertificate = "a.pem"\n[[place]]\nnames = ["a"]\n[[place]]\ndocument_root = "b"\n';
    expect(tablesOf({ file })).toMatchObject({
      mail: { certificate: join(FOLDER, "conf/a.pem"), port: 8443, http2: true },
      place: [
        { names: ["a"], document_root: join(FOLDER, "conf/static"), label: "x" },
        { names: [], document_root: join(FOLDER, "conf/b"), label: "x" },
      ],
    });
  });

  test("takes part in the order of sources", () => {
    const file = "[mail]\nport = 1\nhttp2 = false\n[profile.dev.mail]\nport = 2\n";
    expect(tablesOf({ file, argv: ["--profile=dev"] })).toMatchObject({ mail: { port: 2, http2: false } });
    expect(tablesOf({ file, env: { SAKER_MAIL_PORT: "3" } })).toMatchObject({ mail: { port: 3, http2: false } });
    const sources = { file, argv: ["--mail-port", "4", "--mail-http2"], env: { SAKER_MAIL_PORT: "3" } };
    expect(tablesOf(sources)).toMatchObject({ mail: { port: 4, http2: true } });
  });

  test.each<[string, Sources, string]>([
    [
      "an unknown key",
      { file: "[mail]\ncertificat = 1" },
      'conf/a.toml:2:1: unknown setting "certificat" in [mail]; did you mean "certificate"?',
    ],
    [
      "an unknown key of an item",
      { file: "[[place]]\n[[place]]\nname = 1" },
      'conf/a.toml:3:1: unknown setting "name" in [place]; did you mean "names"?',
    ],
    [
      "an unknown key in a profile",
      { file: "[profile.x.mail]\nprot = 1" },
      'conf/a.toml:2:1: unknown setting "prot" in [profile.x.mail]; did you mean "port"?',
    ],
    [
      "a bad value",
      { file: "mail = { port = -1 }" },
      "conf/a.toml:1:17: port must be an integer between 0 and 65535, not -1",
    ],
    [
      "a bad value of an item",
      { file: "[[place]]\nlabel = 'a'\n[[place]]\nlabel = 1" },
      "conf/a.toml:4:9: label must be a string, not 1",
    ],
    [
      "a bad item of an item",
      { file: '[[place]]\nnames = ["a", 1]' },
      "conf/a.toml:2:15: each item of names must be a string, not 1",
    ],
    ["a value for a table", { file: "mail = true" }, "conf/a.toml:1:8: mail must be a table: [mail]"],
    ["an array for a table", { file: "[[mail]]" }, "conf/a.toml:1:3: mail must be a table: [mail]"],
    ["a table for an array", { file: "[place]" }, "conf/a.toml:1:2: place must be an array of tables: [[place]]"],
    [
      "a list for an array of tables",
      { file: "place = [1]" },
      "conf/a.toml:1:9: place must be an array of tables: [[place]]",
    ],
    ["a misspelt table", { file: "[mial]" }, 'conf/a.toml:1:2: unknown table "mial"; did you mean "mail"?'],
    [
      "a flag's value",
      { argv: ["--mail-port", "x"] },
      '--mail-port: mail.port must be an integer between 0 and 65535, not "x"',
    ],
    ["a flag for an array", { argv: ["--virtual-host-label", "x"] }, "--virtual-host-label: unknown flag"],
  ])("refuses %s", (_, sources, message) => {
    expect(errorOf({ ...sources, schema }).message).toStartWith(message);
  });
});

describe("PORT, which a platform sets", () => {
  const portOf = (sources: Sources) => {
    const { settings, originOf } = load(sources);
    return [settings.port, originOf("port").source] as [number, string];
  };

  test.each<[string, Sources, [number, string]]>([
    ["is the port where nothing else sets it", { env: { PORT: "3000" } }, [3000, "environment"]],
    ["may be 0", { env: { PORT: "0" } }, [0, "environment"]],
    ["yields to a flag", { env: { PORT: "3000" }, argv: ["-p", "81"] }, [81, "flag"]],
    ["yields to SAKER_PORT", { env: { PORT: "3000", SAKER_PORT: "82" } }, [82, "environment"]],
    ["yields to the file", { env: { PORT: "3000" }, file: "port = 83" }, [83, "file"]],
    [
      "yields to the file's profile",
      { env: { PORT: "3000", SAKER_PROFILE: "x" }, file: "[profile.x]\nport = 84" },
      [84, "file"],
    ],
    [
      "doesn't mind other settings",
      { env: { PORT: "3000" }, file: "dotfiles = true", argv: ["--dotfiles"] },
      [3000, "environment"],
    ],
    ["counts for a file that says the default", { env: { PORT: "3000" }, file: "port = 8080" }, [8080, "file"]],
    ["empty is not set", { env: { PORT: "" } }, [8080, "default"]],
    ["wrong, but not needed", { env: { PORT: "abc" }, argv: ["-p", "81"] }, [81, "flag"]],
  ])("%s", (_what, sources, port) => expect(portOf(sources)).toEqual(port));

  test.each(["abc", "65536", "-1", "80.5", " ", "tcp://10.0.0.1:80"])("wrong: %p", (text) => {
    const { message } = errorOf({ env: { PORT: text } });
    expect(message).toStartWith("PORT: port must be an integer between 0 and 65535");
    expect(message).not.toContain("\n");
  });

  test("is named where it contradicts another setting", () => {
    const { message } = errorOf({ env: { PORT: "3000" }, argv: ["--admin-listen", ":3000"] });
    expect(message).toContain("([::]:3000)");
  });
});

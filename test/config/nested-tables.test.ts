/**
 * Tables within the items of an array of tables, maps of names and texts, choices of numbers, and values that no error
 * may show; against tables made for the purpose.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import type { Schema } from "../../src/config/schema.ts";
import { SCHEMA } from "../../src/config/schema.ts";
import { boolean, choice, inherited, list, map, path, required, string } from "../../src/config/setting.ts";
import { table, tableArray } from "../../src/config/table.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-nested-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const texts = map({
  default: {},
  group: "Site",
  meaning: "Texts by number",
  nameForm: "a number",
  hasNameForm: (name) => /^\d+$/.test(name),
  form: "lower case",
  hasForm: (text) => text === text.toLowerCase(),
});
const status = choice([404, 421, "default"], { default: "default", group: "Site", meaning: "A status" });
const move = tableArray("A move", {
  from: required(string({ default: "", group: "Site", meaning: "Where from" })),
  status,
});
const schema: Schema = {
  ...SCHEMA,
  settings: { ...SCHEMA.settings, texts, status },
  tables: {
    ...SCHEMA.tables,
    move,
    place: tableArray(
      "A place",
      {
        root: path({ default: "static", group: "Site", meaning: "Its folder" }),
        clean: inherited(boolean({ default: false, group: "Site", meaning: "Clean" })),
        users: {
          ...list({ default: [], group: "Site", meaning: "Users", form: "a:b", hasForm: (t) => /:/.test(t) }),
          secret: true,
        },
        texts,
      },
      { move, limits: table("Limits", { a: string({ default: "x", group: "Site", meaning: "A" }), texts }) },
    ),
  },
  plannedTables: [],
};

function load(file: string, argv: readonly string[] = [], env: Record<string, string> = {}): Record<string, any> {
  writeFileSync(join(FOLDER, "a.toml"), file);
  return loadConfiguration({ argv: ["--config", "a.toml", ...argv], env, cwd: FOLDER }, schema).settings;
}

describe("what is read", () => {
  test("items are complete, with inner arrays empty and inner tables null where nothing is said", () => {
    expect(load("[[place]]\n").place).toEqual([
      { root: join(FOLDER, "static"), clean: null, users: [], texts: {}, move: [], limits: null },
    ]);
  });

  test("inner tables belong to the item above them", () => {
    const file = `
[[place]]
root = "one"
[[place.move]]
from = "/a"
[[place.move]]
from = "/b"
status = 404
[place.limits]
texts = { 1 = "one" }
[[place]]
clean = true
[place.texts]
2 = "two"
[[move]]
from = "/c"
`;
    expect(load(file)).toMatchObject({
      place: [
        {
          root: join(FOLDER, "one"),
          move: [
            { from: "/a", status: "default" },
            { from: "/b", status: 404 },
          ],
          limits: { a: "x", texts: { 1: "one" } },
        },
        { clean: true, texts: { 2: "two" }, move: [], limits: null },
      ],
      move: [{ from: "/c", status: "default" }],
    });
  });

  test.each([
    [["--texts", "1=a,2=b"], {}, { 1: "a", 2: "b" }],
    [["--texts", "1=a", "--texts=2=b=c"], {}, { 1: "a", 2: "b=c" }],
    [[], { SAKER_TEXTS: "3 = c " }, { 3: "c" }],
    [["--texts="], {}, {}],
  ])("a map from %j and %j", (argv, env, read) => expect(load("", argv, env as {}).texts).toEqual(read));

  test.each([
    ["404", 404],
    ["default", "default"],
  ])("a choice from --status %s", (text, read) => expect(load("", ["--status", text]).status).toBe(read));
});

describe("what is refused, and where", () => {
  test.each([
    ["[[move]]\nstatus = 404", 'a.toml:1:3: [[move]] needs "from"'],
    ["[[place]]\n[[place.move]]\n", 'a.toml:2:9: [[place.move]] needs "from"'],
    ["[[place]]\n[[place.move]]\nform = 1", 'a.toml:3:1: unknown setting "form" in [place.move]; did you mean "from"?'],
    ["[[place]]\n[[place.moves]]\n", 'a.toml:2:9: unknown setting "moves" in [place]; did you mean "move"?'],
    ["[[place]]\nmove = 1", "a.toml:2:8: place.move must be an array of tables: [[place.move]]"],
    ["[[place]]\n[place.move]\n", "a.toml:2:8: place.move must be an array of tables: [[place.move]]"],
    ["[[place]]\nlimits = 1", "a.toml:2:10: place.limits must be a table: [place.limits]"],
    ["[[place]]\n[[place]]\n[place.limits]\na = 1", "a.toml:4:5: a must be a string, not 1"],
    ["[texts]\n1 = 1", "a.toml:2:5: 1 in texts must be lower case, not 1"],
    ['texts = { 1 = "a", 2 = "B" }', 'a.toml:1:24: 2 in texts must be lower case, not "B"'],
    ['[texts]\n1 = "a"\nx = "b"', 'a.toml:3:1: each key of texts must be a number, not "x"'],
    ['[texts]\n"__proto__" = "b"', 'a.toml:2:1: each key of texts must be a number, not "__proto__"'],
    ["texts = 1", "a.toml:1:9: texts must be a table: each key a number, each value lower case, not 1"],
    ['[[place]]\ntexts = ["a"]', "a.toml:2:9: texts must be a table"],
    ["status = 405", 'a.toml:1:10: status must be 404, 421 or "default", not 405'],
    ['status = "404"', 'a.toml:1:10: status must be 404, 421 or "default", not "404"; write 404 without quotes'],
    ["[[place]]\nclean = 1", "a.toml:2:9: clean must be true or false, not 1"],
    ['[[place]]\nusers = ["a:b", "hunter2"]', "a.toml:2:17: each item of users must be a:b, not the given value"],
    ['[[place]]\nusers = "hunter2"', "a.toml:2:9: users must be a list, each item a:b, not the given value"],
  ])("%j", (file, message) => expect(() => load(file)).toThrow(message));

  test.each([
    [["--texts", "1"], '--texts: texts must be a table: each key a number, each value lower case, not "1"'],
    [["--texts", "a=b"], '--texts: each key of texts must be a number, not "a"'],
    [["--status", "405"], '--status: status must be 404, 421 or "default", not "405"'],
  ])("%j", (argv, message) => expect(() => load("", argv)).toThrow(message));
});

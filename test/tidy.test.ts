/** What holds for every source file: rooms import only what ARCHITECTURE.md's map allows, and say what they are for. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";

const ROOT = join(import.meta.dir, "..");
const SOURCES = [...new Glob("src/**/*.ts").scanSync(ROOT)].sort();

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The map of ARCHITECTURE.md: what each room may import, by its third column. */
const MAY_IMPORT = new Map(
  [...textOf("ARCHITECTURE.md").matchAll(/^\|[^|]*`src\/([a-z0-9]+)\/`\s*\|[^|]*\|([^|]*)\|$/gm)].map(
    ([, room, cell]) => [room!, importables(cell!.trim())],
  ),
);

/** A file may be named in place of its room. */
function importables(cell: string): readonly string[] {
  if (cell === "nothing of ours") return [];
  if (cell === "anything") return ["*"];
  return cell.split(", ").map((entry) => (entry.includes("/") ? `${entry}.ts` : entry));
}

/** Paths below src/ of what a file imports, lazily or not; packages are left out. */
function importsOf(path: string): string[] {
  const specifiers = textOf(path).matchAll(/(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g);
  return [...specifiers].map(([, specifier]) => relative("src", join(dirname(path), specifier!)));
}

/** What every room may import: it says nothing of any. */
const FOR_ALL = new Set(["assert.ts", "units.ts"]);

const roomOf = (path: string): string => path.split("/")[0]!;

test.each(SOURCES.filter((path) => path.split("/").length > 2))("%s imports only what its room may", (path) => {
  const own = relative("src", path);
  const allowed = MAY_IMPORT.get(roomOf(own));
  expect(allowed, "every room has a row in the map").toBeDefined();
  const forbidden = importsOf(path).filter((imported) => {
    if (FOR_ALL.has(imported)) return false;
    const room = roomOf(imported);
    return room !== roomOf(own) && !allowed!.some((entry) => entry === "*" || entry === room || entry === imported);
  });
  expect(forbidden.filter((imported) => !imported.startsWith(".."))).toEqual([]);
});

test("libc is called in one room", () => {
  const callers = SOURCES.filter((path) => textOf(path).includes('"bun:ffi"'));
  expect(callers.filter((path) => !path.startsWith("src/sys/"))).toEqual([]);
});

test.each(SOURCES)("%s begins with what it is for", (path) => {
  expect(textOf(path)).toMatch(/^\/\*\*( |\n \* )\S/);
});

/** Files that reach themselves by imports, types and lazy ones included: each set is one knot of circles. */
function circlesOf(importsByFile: ReadonlyMap<string, readonly string[]>): string[][] {
  const reachable = new Map([...importsByFile.keys()].map((file) => [file, reach(importsByFile, file)]));
  const knots = [...reachable.keys()].map((file) =>
    [...reachable.get(file)!].filter((other) => reachable.get(other)?.has(file)).sort(),
  );
  return [...new Map(knots.filter((knot) => knot.length > 0).map((knot) => [knot.join(" "), knot])).values()];
}

/** All files that `start` imports, directly or through others. */
function reach(importsByFile: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const seen = new Set<string>();
  const pending = [start];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const next = (importsByFile.get(file) ?? []).filter((imported) => !seen.has(imported));
    for (const imported of next) seen.add(imported);
    pending.push(...next);
  }
  return seen;
}

test("no file imports another in a circle, types included", () => {
  const imports = new Map(SOURCES.map((path) => [relative("src", path), importsOf(path)]));
  expect(circlesOf(imports)).toEqual([]);
});

test("circles are found, however long, and told apart", () => {
  const files: [string, string[]][] = [
    ["a", ["b"]],
    ["b", ["c", "x"]],
    ["c", ["a"]],
    ["x", ["y"]],
    ["y", []],
    ["self", ["self", "a"]],
  ];
  expect(circlesOf(new Map(files))).toEqual([["a", "b", "c"], ["self"]]);
});

test("no source file is there for nothing", () => {
  const used = new Set(SOURCES.flatMap((path) => importsOf(path)));
  const unused = SOURCES.map((path) => relative("src", path)).filter((path) => path !== "main.ts" && !used.has(path));
  expect(unused).toEqual([]);
});

test("no value is exported without a use", () => {
  const files = [...new Glob("{src,test,bench}/**/*.ts").scanSync(ROOT), "build.ts"];
  const namesOf = new Map(files.map((path) => [path, new Set(textOf(path).match(/[A-Za-z_]\w*/g))]));
  const unused = SOURCES.flatMap((path) => {
    const exported = [
      ...textOf(path).matchAll(/^export (?:async |abstract )*(?:const|let|function|class|enum) (\w+)/gm),
    ];
    const isUsed = (name: string) => files.some((other) => other !== path && namesOf.get(other)!.has(name));
    return exported.filter(([, name]) => !isUsed(name!)).map(([, name]) => `${path}: ${name}`);
  });
  expect(unused).toEqual([]);
});

test("every room of the map is a folder", () => {
  const folders = new Set(
    SOURCES.map((path) => path.split("/")).flatMap(([, room, file]) => (file === undefined ? [] : room!)),
  );
  expect([...MAY_IMPORT.keys()].sort()).toEqual([...folders].sort());
});

test("what a promise shall come to is waited for", () => {
  const forgotten = /^\s*expect\(.*\)\s*\.(rejects|resolves)\b/;
  const lines = [...new Glob("test/**/*.ts").scanSync(ROOT)].flatMap((path) =>
    textOf(path)
      .split("\n")
      .filter((line) => forgotten.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(lines).toEqual([]);
});

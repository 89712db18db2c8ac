/** Files that are written whole or not at all. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readKept, removeKept, writeKept, writeKeptOnce } from "../../src/tls/kept-files.ts";
import { CertificateFolder } from "../support/certificates.ts";

const folder = new CertificateFolder();
afterAll(() => folder[Symbol.dispose]());

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a file and the folders above it are made for their owner alone", () => {
  const path = folder.at("a/b/key.pem");
  writeKept(path, "one");
  expect(readKept(path)).toBe("one");
  expect([modeOf(path), modeOf(folder.at("a/b"))]).toEqual([0o600, 0o700]);
});

test("replacing leaves nothing beside it", () => {
  const path = folder.at("replaced/file");
  writeKept(path, "one");
  writeKept(path, "two");
  expect([readKept(path), readdirSync(folder.at("replaced"))]).toEqual(["two", ["file"]]);
});

test("what is written once is what was there first", () => {
  const path = folder.at("once/file");
  expect([writeKeptOnce(path, "one"), writeKeptOnce(path, "two"), readKept(path)]).toEqual(["one", "one", "one"]);
  expect(readdirSync(folder.at("once"))).toEqual(["file"]);
});

test("one that isn't there is null, also below a file", () => {
  writeFileSync(folder.at("plain"), "");
  expect([readKept(folder.at("nowhere/file")), readKept(folder.at("plain/file"))]).toEqual([null, null]);
  removeKept(folder.at("nowhere/file"));
});

test("a failure names the file, and what was there stays", () => {
  // Nobody, root included, can read or replace a folder as a file.
  const path = folder.at("taken");
  mkdirSync(folder.at("taken/inside"), { recursive: true });
  expect(() => readKept(path)).toThrow(/^\S+taken can't be read: /);
  expect(() => writeKept(path, "text")).toThrow(/^\S+taken can't be written: /);
  expect(readdirSync(folder.path).filter((name) => name.startsWith("taken"))).toEqual(["taken"]);
  writeFileSync(folder.at("kept"), "before");
  expect(() => writeKept(folder.at("kept/below"), "text")).toThrow(/^\S+below can't be written: /);
  expect(readFileSync(folder.at("kept"), "utf8")).toBe("before");
});

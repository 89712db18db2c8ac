import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endOfLinks, isOpenDescriptor, namedDescriptor, ownDescriptor } from "../../src/sys/named-descriptor.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "saker-named-descriptor-")));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
function link(name: string, target: string): string {
  symlinkSync(target, at(name));
  return at(name);
}

describe("a name of an own descriptor", () => {
  test.each([
    ["/dev/stdin", 0],
    ["/dev/stdout", 1],
    ["/dev/stderr", 2],
    ["/dev/fd/1", 1],
    ["/dev/fd/17", 17],
    ["/proc/self/fd/2", 2],
    ["/proc/thread-self/fd/2", 2],
    [`/proc/${process.pid}/fd/3`, 3],
    [`/proc/${process.pid}/task/${process.pid}/fd/3`, 3],
    ["/proc/self/../self/fd/1", 1],
    ["/dev/../dev/fd/4", 4],
  ])("%s is descriptor %p", (path, number) => {
    expect(namedDescriptor(path)).toEqual({ number, isOwn: true });
    expect(ownDescriptor(path)).toBe(number);
  });

  test("a link to it, a link to a link, and a link to the folder above it", () => {
    const first = link("access.log", "/dev/stdout");
    expect(ownDescriptor(first)).toBe(1);
    expect(ownDescriptor(link("second.log", first))).toBe(1);
    expect(ownDescriptor(link("relative.log", "second.log"))).toBe(1);
    link("dev", "/dev/fd");
    expect(ownDescriptor(join(folder, "dev", "2"))).toBe(2);
  });
});

describe("any other path", () => {
  writeFileSync(at("file"), "");
  mkdirSync(at("dir"));
  test.each([
    ["a file", at("file")],
    ["a link to a file", link("to-file", at("file"))],
    ["nothing", at("missing")],
    ["a link to nothing", link("to-nothing", at("missing"))],
    ["a loop", link("loop", at("loop"))],
    ["a device", "/dev/null"],
    ["the folder of descriptors", "/dev/fd"],
    ["no number", "/dev/fd/one"],
    ["a relative name that looks like it", join(at("dir"), "dev/fd/1")],
  ])("%s is none", (_what, path) => expect(namedDescriptor(path)).toBeNull());

  test("another process' descriptor is not ours", () => {
    expect(namedDescriptor("/proc/1/fd/1")).toEqual({ number: 1, isOwn: process.pid === 1 });
    expect(ownDescriptor(link("of-init", `/proc/${process.ppid}/fd/1`))).toBeNull();
  });
});

describe("endOfLinks", () => {
  test.each([
    ["file", "file"],
    ["to-file", "file"],
    ["to-nothing", "missing"],
    ["missing", "missing"],
  ])("of %s is %s", (path, end) => expect(endOfLinks(at(path))).toBe(at(end)));
});

test("isOpenDescriptor", () => {
  expect(isOpenDescriptor(1)).toBe(true);
  expect(isOpenDescriptor(999_999)).toBe(false);
});

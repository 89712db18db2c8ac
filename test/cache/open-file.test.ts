import { expect, test } from "bun:test";
import { openSync } from "node:fs";
import { countOpenFiles, OpenFile } from "../../src/cache/open-file.ts";

test("a descriptor is closed by the last of its users, and never twice", () => {
  const before = countOpenFiles();
  const file = new OpenFile(openSync(import.meta.path, "r"));
  file.retain();
  file.release();
  expect(countOpenFiles()).toBe(before + 1);
  file.release();
  expect(countOpenFiles()).toBe(before);
  expect(() => file.release()).toThrow("a file is released once by each user");
  expect(() => file.retain()).toThrow("a file is retained while it is open");
  expect(countOpenFiles()).toBe(before);
});

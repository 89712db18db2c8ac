import { expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { isCompiled, OWN_PROGRAM, ownProgram } from "../../src/sys/own-program.ts";

test("from source the program is Bun, by the file that runs", () => {
  expect(isCompiled).toBe(false);
  expect(realpathSync(ownProgram())).toBe(realpathSync(process.execPath));
  expect([OWN_PROGRAM, process.execPath]).toContain(ownProgram());
});

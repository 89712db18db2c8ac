/** Log files that workers without root's rights can open after logrotate has been there. */
import { describe, expect, test } from "bun:test";
import { chownSync, linkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { giveLogs } from "../../src/master/give-logs.ts";
import { createSite } from "../support/site.ts";

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const who = { user: String(NOBODY), group: null };
const ownerOf = (path: string): number => statSync(path).uid;

describe.skipIf(!isRoot)("as root, with a user for workers", () => {
  test("a log that is missing is made, one of root's is given away, both with what they hold", async () => {
    await using site = await createSite({ "error.log": "a line\n" });
    const [access_log, error_log] = [join(site.root, "access.log"), join(site.root, "error.log")];
    giveLogs({ access_log, error_log, ...who });
    expect([ownerOf(access_log), ownerOf(error_log)]).toEqual([NOBODY, NOBODY]);
    expect(statSync(access_log).mode & 0o777).toBe(0o640);
    expect(statSync(access_log).gid).toBe(NOBODY);
    expect(await Bun.file(error_log).text()).toBe("a line\n");
  });

  test("a group that the file was given is kept", async () => {
    await using site = await createSite({ "error.log": "" });
    const error_log = join(site.root, "error.log");
    chownSync(error_log, 0, 4);
    giveLogs({ access_log: false, error_log, ...who });
    expect([ownerOf(error_log), statSync(error_log).gid]).toEqual([NOBODY, 4]);
  });

  test("no link is followed, and no file with another name changes its owner", async () => {
    await using site = await createSite({ shadow: "secret" });
    const [access_log, error_log] = [join(site.root, "access.log"), join(site.root, "error.log")];
    symlinkSync("shadow", access_log);
    giveLogs({ access_log, error_log: "-", ...who });
    linkSync(join(site.root, "shadow"), error_log);
    giveLogs({ access_log: false, error_log, ...who });
    expect(ownerOf(join(site.root, "shadow"))).toBe(0);
  });
});

test("nothing is made where workers keep their user, or where the folder is missing", async () => {
  await using site = await createSite({});
  const log = join(site.root, "access.log");
  giveLogs({ access_log: log, error_log: "-", user: null, group: null });
  expect(() => statSync(log)).toThrow("ENOENT");
  giveLogs({ access_log: join(site.root, "none", "access.log"), error_log: "-", ...who });
});

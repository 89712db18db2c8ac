import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Access, configuredAccount, currentAccount, mayAccess } from "../../../src/cli/doctor/account.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-account-"));
const GROUPS = join(FOLDER, "group");
writeFileSync(GROUPS, "root:x:0:\nwww:x:33:\nsite:x:500:alice,root,bob\nlogs:x:501:root\nother:x:502:rooter\n\nbroken");
afterAll(() => rmSync(FOLDER, { recursive: true }));

const ALICE = { name: "alice", uid: 1000, gids: [1000, 33] };

describe("mayAccess", () => {
  test.each([
    ["owner may read", 1000, 5, 0o400, Access.Read, true],
    ["owner may not, though all others may", 1000, 33, 0o077, Access.Read, false],
    ["a group's member may", 0, 33, 0o040, Access.Read, true],
    ["a group's member may not, though others may", 0, 33, 0o707, Access.Read, false],
    ["others may", 0, 0, 0o004, Access.Read, true],
    ["others may not", 0, 0, 0o770, Access.Read, false],
    ["reading is not entering", 0, 0, 0o754, Access.Enter, false],
    ["entering is not reading", 0, 0, 0o751, Access.Read, false],
    ["both need both", 0, 0, 0o754, Access.ReadAndEnter, false],
    ["both are there", 0, 0, 0o755, Access.ReadAndEnter, true],
    ["the file's type doesn't count", 0, 0, 0o100000, Access.Read, false],
  ])("%s", (_, uid, gid, mode, access, may) => {
    expect(mayAccess(ALICE, { path: "/x", uid, gid, mode }, access)).toBe(may);
  });

  test("root may", () => {
    expect(mayAccess({ name: "root", uid: 0, gids: [0] }, { path: "/x", uid: 9, gid: 9, mode: 0 }, Access.Read)).toBe(
      true,
    );
  });
});

describe("configuredAccount", () => {
  test("without a configured account it is this process's own", () => {
    expect(configuredAccount(null, null)).toEqual(currentAccount());
  });

  test("a name, its own group and those it is a member of", () => {
    expect(configuredAccount("root", null, GROUPS)).toEqual({ name: "root", uid: 0, gids: [0, 500, 501] });
  });

  test("a number without a line in passwd", () => {
    expect(configuredAccount("54321", null, GROUPS)).toEqual({ name: "54321", uid: 54_321, gids: [54_321] });
  });

  test("a group of its own", () => {
    expect(configuredAccount("54321", "77", GROUPS).gids).toEqual([77]);
    expect(configuredAccount(null, "77", GROUPS)).toMatchObject({ uid: currentAccount().uid, gids: [77] });
  });

  test("a group file that isn't there", () => {
    expect(configuredAccount("root", null, join(FOLDER, "none")).gids).toEqual([0]);
  });

  test("an unknown name", () => {
    expect(() => configuredAccount("no-such-user", null)).toThrow('no user "no-such-user"');
    expect(() => configuredAccount(null, "no-such-group")).toThrow('no group "no-such-group"');
  });
});

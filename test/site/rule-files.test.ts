/** Reading `_redirects` and `_headers`: which roots, what is refused, and the versions. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { identifyRuleFiles, readRuleFiles, versionsOf } from "../../src/site/rule-files.ts";
import { createSite, type Site } from "../support/site.ts";

let site: Site;
beforeAll(async () => {
  site = await createSite({ _headers: "/*\n  X-A: b\n", "other/_redirects": "/a /b\n", "third/x": "x" });
});
afterAll(() => site[Symbol.asyncDispose]());

type Settings = Parameters<typeof readRuleFiles>[0];
type Host = Settings["virtual_host"][number];
const settings = (netlify_files: boolean, ...hosts: Partial<Host>[]): Settings => ({
  document_root: site.root,
  netlify_files,
  follow_symlinks: "inside",
  virtual_host: hosts.map((host) => ({ root: null, netlify_files: null, ...host }) as Host),
});

test("of every root that obeys them, once", () => {
  const [other, third] = [site.path("other"), site.path("third")];
  const all = settings(true, { root: other }, {}, { root: third, netlify_files: false });
  const read = readRuleFiles(all);
  expect(Object.keys(read)).toEqual([site.root, other]);
  expect(read[site.root]).toMatchObject({ headers: "/*\n  X-A: b\n", redirects: null, problems: {} });
  expect(read[other]).toMatchObject({ headers: null, redirects: "/a /b\n" });
  expect(versionsOf(read)).toEqual(identifyRuleFiles(all));
  expect(Object.keys(readRuleFiles(settings(false, { root: other, netlify_files: true })))).toEqual([other]);
  expect(readRuleFiles(settings(false))).toEqual({});
});

describe("what is wrong with a file", () => {
  const readIn = async (name: string, entry: Parameters<Site["place"]>[1], mayRead?: () => boolean) => {
    await site.place(`${name}/_headers`, entry);
    const root = site.path(name);
    return readRuleFiles({ ...settings(true), document_root: root }, mayRead)[root]!;
  };
  test("a link out of the root", async () => {
    const { headers, problems } = await readIn("linked", { link: "/etc/hostname" });
    expect([headers, problems._headers]).toEqual([null, expect.stringContaining("is a link")]);
  });
  test("too large", async () => {
    const { problems } = await readIn("large", "x".repeat(1024 * 1024 + 1));
    expect(problems._headers).toContain("more than 1048576 octets");
  });
  test("not for those who would obey it", async () => {
    const { headers, problems } = await readIn("secret", "/*\n", () => false);
    expect([headers, problems._headers]).toEqual([null, "can't be read: EACCES"]);
  });
  test("a folder is no rule file", async () => {
    expect(await readIn("folder", { folder: true })).toMatchObject({ headers: null, problems: {} });
  });
});

test("a version changes with content, identity, removal; of a missing root nothing is known", async () => {
  await site.place("live/_headers", "1");
  const live = { ...settings(true), document_root: site.path("live") };
  const versions = [identifyRuleFiles(live)];
  await site.place("live/_headers", "12");
  versions.push(identifyRuleFiles(live));
  await site.replace("live/_headers", "34");
  versions.push(identifyRuleFiles(live));
  await site.remove("live/_headers");
  versions.push(identifyRuleFiles(live));
  expect(new Set(versions.map((all) => JSON.stringify(all))).size).toBe(4);
  expect(versions.at(-1)![`${site.path("live")}/_headers`]).toBe("");
  renameSync(site.path("live"), site.path("gone"));
  expect(identifyRuleFiles(live)).toEqual({});
  mkdirSync(site.path("live"));
  chmodSync(site.path("live"), 0o755);
  expect(Object.values(identifyRuleFiles(live))).toEqual(["", ""]);
});

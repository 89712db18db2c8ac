import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rename, rm, symlink, unlink } from "node:fs/promises";
import { octetsOfText } from "../../../src/site/name-octets.ts";
import { documentRootAt, openBelow, openBelowSync, type SymlinkPolicy } from "../../../src/site/load/open-below.ts";
import { FileStatus } from "../../../src/sys/file-status.ts";
import { Errno } from "../../../src/sys/errno.ts";
import { createSite, type Site } from "../../support/site.ts";

let site: Site;

beforeAll(async () => {
  site = await createSite({
    "page.txt": "page",
    "folder/deep.txt": "deep",
    "../secret/page.txt": "SECRET",
    near: { link: "folder/deep.txt" },
    up: { link: "../secret/page.txt" },
  });
  await symlink(site.path("page.txt"), site.path("absolute"));
  await symlink(site.beside("secret/page.txt"), site.path("absolute-out"));
});
afterAll(() => site[Symbol.asyncDispose]());

const status = new FileStatus();

function contentOf(fd: number): string | number {
  if (fd < 0) return -fd;
  try {
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

const open = (path: string, policy: SymlinkPolicy, root = documentRootAt(site.root)): Promise<string | number> =>
  new Promise((resolve) => openBelow(root, path, policy, status, (fd) => resolve(contentOf(fd))));

const { ENOENT } = Errno;

test.each([
  ["/page.txt", "page", "page", "page"],
  ["/near", "deep", ENOENT, "deep"],
  ["/up", ENOENT, ENOENT, "SECRET"],
  ["/absolute", "page", ENOENT, "page"],
  ["/absolute-out", ENOENT, ENOENT, "SECRET"],
  ["/nothing", ENOENT, ENOENT, ENOENT],
] as const)("opens %s as the policy for links says", async (path, inside, never, always) => {
  for (const [policy, expected] of Object.entries({ inside, never, always }) as [SymlinkPolicy, string | number][]) {
    expect([policy, await open(path, policy)]).toEqual([policy, expected]);
    expect([policy, contentOf(openBelowSync(documentRootAt(site.root), path, policy, status))]).toEqual([
      policy,
      expected,
    ]);
  }
});

describe("names that are no UTF-8", () => {
  const odd = (text: string) => octetsOfText(`${site.root}/${text}`); // `join` would replace them

  beforeAll(() => {
    mkdirSync(odd("f\udce9"));
    writeFileSync(odd("f\udce9/p\udcff.txt"), "odd");
    mkdirSync(octetsOfText(`${site.beside("secret")}\udce9`));
    writeFileSync(octetsOfText(`${site.beside("secret")}\udce9/page.txt`), "SECRET");
    symlinkSync(octetsOfText("f\udce9/p\udcff.txt"), odd("l\udce8"));
    symlinkSync(odd("f\udce9/p\udcff.txt"), odd("a\udce8"));
    symlinkSync(octetsOfText("../secret\udce9/page.txt"), odd("o\udce8"));
  });

  test.each([
    ["/f\udce9/p\udcff.txt", "odd", "odd", "odd"],
    ["/f\udce9/p\ufffd.txt", ENOENT, ENOENT, ENOENT],
    ["/f\udce8/p\udcff.txt", ENOENT, ENOENT, ENOENT],
    ["/l\udce8", "odd", ENOENT, "odd"],
    ["/a\udce8", "odd", ENOENT, "odd"],
    ["/o\udce8", ENOENT, ENOENT, "SECRET"],
    ["/f\udcc0\udcaf..\udcc0\udcafpage.txt", ENOENT, ENOENT, ENOENT],
  ] as const)("%j opens what has these octets", async (path, inside, never, always) => {
    for (const [policy, expected] of Object.entries({ inside, never, always }) as [SymlinkPolicy, string | number][]) {
      expect([policy, await open(path, policy)]).toEqual([policy, expected]);
      const now = contentOf(openBelowSync(documentRootAt(site.root), path, policy, status));
      expect([policy, now]).toEqual([policy, expected]);
    }
  });

  test("nor does the root's own have to be", async () => {
    await using other = await createSite({});
    const folder = octetsOfText(`${other.root}/r\udce9`);
    mkdirSync(folder);
    writeFileSync(octetsOfText(`${other.root}/r\udce9/a.txt`), "a");
    symlinkSync(folder, other.path("root"));
    for (const policy of ["inside", "never", "always"] as const) {
      expect(await open("/a.txt", policy, documentRootAt(other.path("root")))).toBe("a");
    }
  });
});

test("calls back later, never at once", async () => {
  let isDone = false;
  const opened = new Promise<number>((resolve) => {
    openBelow(documentRootAt(site.root), "/page.txt", "inside", status, (fd) => {
      isDone = true;
      resolve(fd);
    });
  });
  expect(isDone).toBe(false);
  closeSync(await opened);
});

test("hundreds in a row let others have their turn", async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  for (let opens = 0; opens < 640; opens++) await open("/page.txt", "inside");
  isOver = true;
  expect(turns).toBeGreaterThan(10);
});

test("a root that is deleted and recreated is served as it is now", async () => {
  await using changing = await createSite({ "page.txt": "first" });
  const root = documentRootAt(changing.root);
  expect(await open("/page.txt", "inside", root)).toBe("first");
  await rm(changing.root, { recursive: true });
  expect(await open("/page.txt", "inside", root)).toBe(ENOENT);
  await changing.place("page.txt", "second");
  expect(await open("/page.txt", "inside", root)).toBe("second");
});

describe("a path that is swapped for a link while it is opened", () => {
  /** Swaps `name` for a link to `target` and back until it is killed. */
  function swap(name: string, target: string): ReturnType<typeof Bun.spawn> {
    const code = `
      const { renameSync, symlinkSync } = require("node:fs");
      const [path, target, spare] = process.argv.slice(-3);
      symlinkSync(target, spare + ".link");
      console.log("swapping");
      for (;;) {
        renameSync(path, spare + ".own"); renameSync(spare + ".link", path);
        renameSync(path, spare + ".link"); renameSync(spare + ".own", path);
      }`;
    const spare = site.beside(`spare-${name.replaceAll("/", "-")}-${target.length}`);
    return Bun.spawn([process.execPath, "-e", code, site.path(name), target, spare], { stdout: "pipe" });
  }

  test.each([
    ["a file and a relative link", "race.txt", "../secret/page.txt", "/race.txt", "inside"],
    ["a file and an absolute link", "race-absolute.txt", "OUT", "/race-absolute.txt", "inside"],
    ["a folder and a link", "race-folder", "../secret", "/race-folder/page.txt", "inside"],
    ["a folder and a link, with no links allowed", "race-never", "../secret", "/race-never/page.txt", "never"],
  ] as const)("is never followed out of the root: %s", async (_, name, target, path, policy) => {
    await site.place(path.slice(1), "inside");
    const swapper = swap(name, target === "OUT" ? site.beside("secret/page.txt") : target);
    try {
      await (swapper.stdout as ReadableStream<Uint8Array>).getReader().read();
      const found = new Set<string | number>();
      // Until both states have been met often enough.
      for (let tries = 0; tries < 2000 || (found.size < 2 && tries < 20_000); tries++)
        found.add(await open(path, policy));
      expect(found).not.toContain("SECRET");
      expect(found).toContain("inside");
    } finally {
      swapper.kill();
      await swapper.exited;
    }
  });
});

test("a link switched to another release leads there, and a link inside is followed where it leads now", async () => {
  await using deployed = await createSite({ "v1/page.txt": "one", "v2/page.txt": "two", current: { link: "v1" } });
  const root = documentRootAt(deployed.root);
  expect(await open("/current/page.txt", "inside", root)).toBe("one");
  await symlink("v2", deployed.path("next"));
  await rename(deployed.path("next"), deployed.path("current"));
  expect(await open("/current/page.txt", "inside", root)).toBe("two");
  await unlink(deployed.path("current"));
});

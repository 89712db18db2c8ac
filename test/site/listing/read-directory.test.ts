import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Errno } from "../../../src/sys/errno.ts";
import type { ListedEntry, Listing } from "../../../src/site/listing/listing.ts";
import { type ListingPolicy, readDirectory } from "../../../src/site/listing/read-directory.ts";
import { documentRootAt } from "../../../src/site/load/open-below.ts";
import { createSite, type Site } from "../../support/site.ts";

const INVALID_UTF8 = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x2e, 0x74, 0x78, 0x74]);

let site: Site;

beforeAll(async () => {
  site = await createSite({
    "folder/b.txt": "four",
    "folder/a.txt": "",
    "folder/sub/inner.txt": "x",
    "folder/.env": "secret",
    "folder/.git/config": "secret",
    "folder/fifo": { fifo: true },
    "folder/link-inside": { link: "../target.txt" },
    "folder/link-to-folder": { link: "sub" },
    "folder/link-outside": { link: "../../outside.txt" },
    "folder/link-absolute": { link: "/etc/hostname" },
    "folder/link-nowhere": { link: "nowhere" },
    "folder/link-loop": { link: "link-loop" },
    "folder/link-to-fifo": { link: "fifo" },
    'folder/it\'s "1".txt': "",
    "target.txt": "1234567",
    "../outside.txt": "outside",
    empty: { folder: true },
  });
  writeFileSync(Buffer.concat([Buffer.from(`${site.path("folder")}/`), INVALID_UTF8]), "x");
});

afterAll(() => site[Symbol.asyncDispose]());

async function read(name: string, policy: Partial<ListingPolicy> = {}): Promise<Listing | number> {
  const fd = openSync(site.path(name), "r");
  const { promise, resolve } = Promise.withResolvers<Listing | number>();
  const root = documentRootAt(site.root);
  readDirectory(fd, join("/", name), { root, followSymlinks: "inside", dotfiles: false, ...policy }, resolve);
  return promise.finally(() => closeSync(fd));
}

async function listingOf(name: string, policy: Partial<ListingPolicy> = {}): Promise<Listing> {
  const listing = await read(name, policy);
  if (typeof listing === "number") throw new Error(`failed with ${listing}`);
  return listing;
}

const namesOf = ({ entries }: Listing): string[] => entries.map(({ name }) => name);
const PLAIN = ["sub", "a.txt", "b.txt", "caf\udce9.txt", 'it\'s "1".txt'];

describe("what is shown", () => {
  test.each<[string, Partial<ListingPolicy>, string[]]>([
    ["links never", { followSymlinks: "never" }, PLAIN],
    ["links inside", {}, ["link-to-folder", ...PLAIN, "link-inside"]],
    [
      "links always",
      { followSymlinks: "always" },
      ["link-to-folder", ...PLAIN, "link-absolute", "link-inside", "link-outside"],
    ],
    ["dotfiles", { followSymlinks: "never", dotfiles: true }, [".git", ".env", ...PLAIN]],
    ["what a rule lets through", { isShown: (path) => path.endsWith(".txt") }, PLAIN.slice(1)],
    [
      "what a rule lets through, folders and links",
      { isShown: (path, isDirectory) => isDirectory || path === "/folder/link-inside" },
      ["link-to-folder", "sub", "link-inside"],
    ],
  ])("%s", async (_, policy, names) => {
    const listing = await listingOf("folder", policy);
    expect(namesOf(listing).sort()).toEqual([...names].sort());
    expect(listing.total).toBe(names.length);
    const directories = listing.entries.filter(({ isDirectory }) => isDirectory).length;
    expect(listing.entries.slice(0, directories).every(({ isDirectory }) => isDirectory)).toBe(true);
  });
});

test("what is known of an entry", async () => {
  const modified = new Date("2024-05-01T12:34:56Z");
  await site.setModified("folder/b.txt", modified);
  const listing = await listingOf("folder");
  const byName = (name: string): ListedEntry => listing.entries.find((entry) => entry.name === name)!;
  expect(byName("b.txt")).toMatchObject({ isDirectory: false, size: 4, modifiedMs: +modified, reference: "b.txt" });
  expect(byName("sub")).toMatchObject({ isDirectory: true, size: -1, reference: "sub/" });
  expect(byName("link-to-folder")).toMatchObject({ isDirectory: true, size: -1, reference: "link-to-folder/" });
  expect(byName("link-inside")).toMatchObject({ isDirectory: false, size: 7, reference: "link-inside" });
  expect(byName('it\'s "1".txt').reference).toBe("it%27s%20%221%22.txt");
  expect(byName("caf\udce9.txt")).toMatchObject({ isDirectory: false, size: 1, reference: "caf%E9.txt" });
  expect(byName("b.txt").contentType).toBe("text/plain; charset=utf-8");
  expect(byName("sub").contentType).toBe("");
  const own = await listingOf("folder", { mediaTypes: { txt: "application/x-own" } });
  expect(own.entries.find(({ name }) => name === "b.txt")!.contentType).toBe("application/x-own");
});

test("of more entries than the limit the first by name are shown, and all are counted", async () => {
  const listing = await listingOf("folder", { followSymlinks: "never", entriesMax: 3 });
  expect(namesOf(listing)).toEqual(["sub", "a.txt", "b.txt"]);
  expect(listing.total).toBe(PLAIN.length);
});

test("an empty directory", async () => {
  expect(await listingOf("empty")).toEqual({ entries: [], total: 0 });
});

test("what is no directory can't be read", async () => {
  expect(await read("target.txt")).toBe(-Errno.ENOTDIR);
});

import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { Coding } from "../../../src/http/content-coding.ts";
import { CODING_SUFFIX, Neighbours } from "../../../src/site/coding/neighbours.ts";
import { NeighbourFault } from "../../../src/site/coding/neighbour-fault.ts";
import { FileStatus, statPath } from "../../../src/sys/file-status.ts";
import { createSite, type Site } from "../../support/site.ts";

const CODINGS = [Coding.Br, Coding.Zstd, Coding.Gzip];
const OLD = new Date("2020-01-01T00:00:00Z");

async function pageAt(at: Date): Promise<Site> {
  const site = await createSite({ "page.html": "x".repeat(1000) });
  await site.setModified("page.html", at);
  return site;
}

function statusOf(site: Site): FileStatus {
  const status = new FileStatus();
  expect(statPath(Buffer.from(`${site.path("page.html")}\0`), status)).toBe(0);
  return status;
}

const look = (site: Site) =>
  new Promise<Neighbours>((resolve) => Neighbours.look(site.path("page.html"), CODINGS, resolve));

async function usable(site: Site): Promise<string> {
  const set = (await look(site)).usableFor(statusOf(site));
  return CODINGS.filter((coding) => ((set >> coding) & 1) === 1)
    .map((coding) => CODING_SUFFIX[coding])
    .join(" ");
}

test("none", async () => {
  await using site = await pageAt(OLD);
  expect(await usable(site)).toBe("");
});

test("all that are newer", async () => {
  await using site = await pageAt(OLD);
  for (const suffix of [".br", ".zst", ".gz"]) writeFileSync(site.path(`page.html${suffix}`), "y");
  expect(await usable(site)).toBe(".br .zst .gz");
});

test("as old as the file, by deployment", async () => {
  await using site = await pageAt(OLD);
  writeFileSync(site.path("page.html.gz"), "y");
  utimesSync(site.path("page.html.gz"), OLD, OLD);
  expect(await usable(site)).toBe(".gz");
});

test("a moment older than the file: copied beside it, or kept in whole seconds", async () => {
  await using site = await pageAt(OLD);
  writeFileSync(site.path("page.html.gz"), "y");
  for (const moment of [1, 999, 2000]) {
    const at = new Date(OLD.getTime() - moment);
    utimesSync(site.path("page.html.gz"), at, at);
    expect(await usable(site)).toBe(".gz");
  }
});

test("with a packer's time, if the file has one, too", async () => {
  await using site = await pageAt(new Date("1985-10-26T08:15:00Z"));
  writeFileSync(site.path("page.html.gz"), "y");
  utimesSync(site.path("page.html.gz"), 1, 1);
  expect(await usable(site)).toBe(".gz");
  await site.setModified("page.html", OLD);
  expect(await usable(site)).toBe("");
});

test("it is known why one is not used", async () => {
  await using site = await pageAt(OLD);
  writeFileSync(site.path("page.html.gz"), "y");
  utimesSync(site.path("page.html.gz"), 1, 1);
  mkdirSync(site.path("page.html.br"));
  const neighbours = await look(site);
  expect(neighbours.unusedFor(statusOf(site))).toEqual([
    { path: site.path("page.html.br"), fault: NeighbourFault.NotAFile },
    { path: site.path("page.html.gz"), fault: NeighbourFault.Older },
  ]);
  neighbours.reject(Coding.Gzip, NeighbourFault.NotOfCoding);
  expect(neighbours.unusedFor(statusOf(site))[1]!.fault).toBe(NeighbourFault.NotOfCoding);
});

test.each<[what: string, place: (path: string) => void]>([
  [
    "older than the file",
    (path) => {
      writeFileSync(path, "y");
      utimesSync(path, new Date(OLD.getTime() - 2001), new Date(OLD.getTime() - 2001));
    },
  ],
  ["empty", (path) => writeFileSync(path, "")],
  ["no smaller than the file", (path) => writeFileSync(path, "y".repeat(1000))],
  ["a folder", (path) => mkdirSync(path)],
  ["a FIFO", (path) => Bun.spawnSync(["mkfifo", path])],
  ["a link to nothing", (path) => symlinkSync("nowhere", path)],
])("not one that is %s", async (_, place) => {
  await using site = await pageAt(OLD);
  place(site.path("page.html.gz"));
  expect(await usable(site)).toBe("");
});

test.each<[what: string, change: (site: Site) => void]>([
  ["one comes", (site) => writeFileSync(site.path("page.html.zst"), "z")],
  ["one goes", (site) => unlinkSync(site.path("page.html.gz"))],
  ["one is rewritten", (site) => writeFileSync(site.path("page.html.gz"), "other")],
  [
    "one is replaced",
    (site) => {
      writeFileSync(site.path("new"), "y");
      renameSync(site.path("new"), site.path("page.html.gz"));
    },
  ],
  ["one becomes older", (site) => utimesSync(site.path("page.html.gz"), new Date(0), new Date(0))],
  ["one can't be read any more", (site) => chmodSync(site.path("page.html.gz"), 0)],
])("are not as they were when %s", async (_, change) => {
  await using site = await pageAt(OLD);
  writeFileSync(site.path("page.html.gz"), "y");
  await Bun.sleep(10); // the clock of a file system ticks every 4 ms
  const neighbours = await look(site);
  expect(neighbours.isCurrent()).toBe(true);
  change(site);
  expect(neighbours.isCurrent()).toBe(false);
});

test("know whether one is so young that it could change unnoticed", async () => {
  await using site = await pageAt(OLD);
  expect((await look(site)).hasChangedSince(0)).toBe(false);
  writeFileSync(site.path("page.html.gz"), "y");
  const neighbours = await look(site);
  expect(neighbours.hasChangedSince(Date.now() - 60_000)).toBe(true);
  expect(neighbours.hasChangedSince(Date.now() + 60_000)).toBe(false);
});

import { expect, test } from "bun:test";
import { foldersTo, gatherFacts, parsePortRanges } from "../../../src/cli/doctor/gather.ts";
import { createSite } from "../../support/site.ts";
import { settingsWith } from "./facts.ts";

test.each<[string, [number, number][]]>([
  ["", []],
  ["\n", []],
  ["8080", [[8080, 8080]]],
  [
    "8080,9000-9100\n",
    [
      [8080, 8080],
      [9000, 9100],
    ],
  ],
  ["x,1-,2", [[2, 2]]],
])("port ranges of %p", (text, ranges) => expect(parsePortRanges(text)).toEqual(ranges));

test.each([
  ["/", ["/"]],
  ["/srv", ["/", "/srv"]],
  ["/srv/a/b", ["/", "/srv", "/srv/a", "/srv/a/b"]],
])("folders to %p", (path, folders) => expect(foldersTo(path)).toEqual(folders));

test("the facts of this machine", async () => {
  await using site = await createSite({ "index.html": "x", ".hidden": "", link: { link: "nowhere" } });
  const log = site.path("no-folder/access.log");
  const settings = settingsWith({ document_root: site.root, access_log: log, num_workers: 3, error_log: site.root });
  const facts = gatherFacts(settings, {});
  expect(facts.workers).toBe(3);
  expect(facts.processors.usable).toBeGreaterThanOrEqual(1);
  expect(facts.memoryOctets).toBeGreaterThan(0);
  expect(facts.identity.problem).toBe("");
  expect(facts.roots).toHaveLength(1);
  const [root] = facts.roots;
  expect(root!.problem).toBe("");
  expect(root!.way.at(-1)!.path).toBe(site.root);
  expect(root!.way[0]!.path).toBe("/");
  expect(root!.sample.map(({ path }) => path)).toEqual([site.path("index.html")]);
  expect(facts.files).toEqual([
    { setting: "access_log", path: log, problem: `can't be made: make the folder ${site.path("no-folder")} first` },
    { setting: "error_log", path: site.root, problem: "is a folder; name a file" },
  ]);
  expect(facts.statistics.neededOctets).toBeGreaterThan(100_000);
  expect(Math.abs(facts.clock.nowMs - Date.now())).toBeLessThan(60_000);
});

test("limits per client need room beside the statistics", () => {
  const neededWith = (max_connections_per_ip: number): number =>
    gatherFacts(settingsWith({ num_workers: 32, max_connections_per_ip }), {}).statistics.neededOctets;
  expect(Math.round((neededWith(1) - neededWith(0)) / (1 << 20))).toBe(16);
});

test("a root that isn't there, and a user that isn't", () => {
  const facts = gatherFacts(settingsWith({ document_root: "/no/such/folder", user: "no-such-user" }), {});
  expect(facts.roots[0]).toEqual({
    what: "document_root",
    path: "/no/such/folder",
    problem: "does not exist",
    way: [],
    sample: [],
  });
  expect(facts.identity).toMatchObject({ worker: null, problem: expect.stringContaining("no-such-user") });
});

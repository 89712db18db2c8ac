import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { confinementOf, throughFirstStage } from "../../src/master/confine-workers.ts";
import { readableFolder } from "../../src/master/readable-folder.ts";
import { identifyRoots, RootWatch } from "../../src/master/root-watch.ts";
import { libc } from "../../src/sys/libc.ts";

const DEFAULTS = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });
const folder = realpathSync(mkdtempSync(join(tmpdir(), "saker-roots-")));
afterAll(() => rmSync(folder, { recursive: true }));

function make(...names: string[]): string {
  const path = join(folder, ...names);
  mkdirSync(path, { recursive: true });
  return path;
}

const settingsWith = (changes: Partial<Settings>): Settings => ({ ...DEFAULTS, ...changes });

describe("readableFolder", () => {
  const site = make("sites", "site");

  test("is the folder above, so that a new one in the root's place can be read", () => {
    expect(readableFolder(site, [])).toBe(join(folder, "sites"));
  });

  test("is the root itself where the folder above is a home directory", () => {
    expect(readableFolder(site, [join(folder, "sites")])).toBe(site);
  });

  test.each([
    ["/", "/"],
    ["/usr", "/usr"],
    ["/usr/lib", "/usr/lib"],
    ["/var/log", "/var/log"],
  ])("of %s is %s: what lies above is others'", (root, readable) => {
    expect(readableFolder(root, [])).toBe(readable);
  });

  test("of a link is where it leads", () => {
    const link = join(make("links"), "current");
    symlinkSync(site, link);
    expect(readableFolder(link, [])).toBe(join(folder, "sites"));
  });

  test("of one that isn't there is the folder that it will be in, if that one is for sites", () => {
    expect(readableFolder(join(folder, "none"), [])).toBe(folder);
    expect(readableFolder(join(folder, "none"), [folder])).toBeNull();
    expect(readableFolder(join(folder, "none", "site"), [])).toBeNull();
  });
});

describe.skipIf(libc === null)("confinementOf", () => {
  const root = make("a", "root");
  const logs = make("logs");
  const base: Partial<Settings> = { document_root: root, access_log: false, error_log: "-" };
  const UPDATED = ["/stats", "/proc/self/fd/3", "/stats.clients", "/stats.connections"];
  const planOf = (changes: Partial<Settings>) => confinementOf(settingsWith({ ...base, ...changes }), "/stats", 0);

  test("reads the sites, writes where the logs are", () => {
    const other = { ...DEFAULTS.virtual_host[0]!, root: make("b", "other") };
    const plan = planOf({ access_log: join(logs, "access.log"), virtual_host: [other] })!;
    expect(plan).toMatchObject({ confines: true, write: [logs], update: UPDATED, cpu: null });
    expect(plan.read).toContain(join(folder, "a"));
    expect(plan.read).toContain(join(folder, "b"));
  });

  test("reads everything where links may lead anywhere", () => {
    expect(planOf({ follow_symlinks: "always" })!.read).toEqual(["/"]);
  });

  test("a log that is a device opens no folder", () => {
    expect(planOf({ access_log: "/dev/null" })!.write).toEqual(["/dev/null"]);
  });

  test.each([
    ["standard output, whatever is behind it", "/dev/stdout", []],
    ["a link to it", linkTo("/proc/self/fd/1"), []],
    ["another descriptor", "/dev/fd/5", ["/proc/self/fd/5"]],
    [
      "a link to a file that isn't there yet",
      linkTo(join(make("elsewhere"), "new.log")),
      [join(folder, "elsewhere"), logs],
    ],
  ])("a log that is %s", (_what, access_log, write) => {
    expect(planOf({ access_log })!.write).toEqual(write);
  });

  function linkTo(target: string): string {
    const path = join(logs, `${Bun.hash(target)}.log`);
    symlinkSync(target, path);
    return path;
  }

  test.each<[string, Partial<Settings>, object | null]>([
    ["nothing to do", { confine: false }, null],
    ["only a CPU", { confine: false, cpu_affinity: true }, { confines: false, read: [], write: [], update: [] }],
  ])("%s", (_what, changes, expected) => {
    const plan = planOf(changes);
    if (expected === null) expect(plan).toBeNull();
    else expect(plan).toMatchObject(expected);
  });

  test("more workers than CPUs begin again at the first", () => {
    const settings = settingsWith({ ...base, cpu_affinity: true });
    const cpus = Array.from({ length: 1024 }, (_, index) => confinementOf(settings, "/stats", index)!.cpu);
    const count = new Set(cpus).size;
    expect(cpus.slice(count, 2 * count)).toEqual(cpus.slice(0, count));
  });

  test("the stage stands between the program and its arguments", () => {
    const plan = { confines: true, read: ["/srv"], write: [], update: [], cpu: null };
    const stage = throughFirstStage(["/proc/self/fd/7", "main.ts", "--saker-worker"], plan, [3, 4]);
    expect(stage.slice(0, 6)).toEqual([
      "/proc/self/fd/7",
      "main.ts",
      "--saker-confine",
      "3,4",
      "--confine",
      "--read=/srv",
    ]);
    expect(stage.slice(6)).toEqual(["--", process.execPath, "main.ts", "--saker-worker"]);
  });
});

describe("RootWatch", () => {
  const identities = (...pairs: [string, string][]) => new Map(pairs);

  test.each<[string, [string, string][][], string[]]>([
    ["nothing has changed", [[["/a", "1"]], [["/a", "1"]]], []],
    ["one look isn't enough", [[["/a", "2"]]], []],
    ["two that agree are", [[["/a", "2"]], [["/a", "2"]]], ["/a"]],
    ["two that don't agree", [[["/a", "2"]], [["/a", "3"]]], []],
    ["gone", [[], []], []],
    ["gone and back", [[], [["/a", "1"]], [["/a", "1"]]], []],
    ["gone and another", [[], [["/a", "2"]], [["/a", "2"]]], ["/a"]],
    ["a root that no worker has entered", [[["/b", "1"]], [["/b", "1"]]], []],
  ])("%s", (_what, looks, changed) => {
    const watch = new RootWatch(identities(["/a", "1"]));
    const seen = looks.map((pairs) => watch.look(identities(...pairs)));
    expect(seen.at(-1)).toEqual(changed);
  });

  test("is unsettled between the look that sees another folder and the one that decides", () => {
    const watch = new RootWatch(identities(["/a", "1"]));
    const looks = [watch, watch].map((_) => [watch.look(identities(["/a", "2"])), watch.isUnsettled]);
    expect(looks).toEqual([
      [[], true],
      [["/a"], false],
    ]);
  });

  test("what has been entered counts from then on", () => {
    const watch = new RootWatch(identities(["/a", "1"]));
    watch.look(identities(["/a", "2"]));
    watch.enter(identities(["/a", "2"]));
    expect(watch.look(identities(["/a", "2"]))).toEqual([]);
  });

  test("a link that is switched is another folder; a folder that is replaced where workers may read it isn't", () => {
    const [one, two] = [make("releases", "1"), make("releases", "2")];
    const current = join(folder, "current");
    symlinkSync(one, current);
    const settings = settingsWith({ document_root: current, confine: "auto" });
    const before = identifyRoots(settings);
    renameSync(one, join(folder, "releases", "old"));
    make("releases", "1");
    expect(identifyRoots(settings)).toEqual(before);
    rmSync(current);
    symlinkSync(two, current);
    expect(identifyRoots(settings)).not.toEqual(before);
  });
});

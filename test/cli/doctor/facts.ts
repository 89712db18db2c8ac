/** Facts of a machine on which nothing is wrong, for tests that change one thing. */
import type { Facts } from "../../../src/cli/doctor/facts.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";
import type { Settings } from "../../../src/config/settings.ts";

export const DEFAULTS: Settings = loadConfiguration({ argv: ["--no-config"], env: {}, cwd: "/" }).settings;

export function settingsWith(changes: Partial<Settings>): Settings {
  return { ...DEFAULTS, ...changes };
}

export const WWW = { name: "www", uid: 33, gids: [33, 50] };
export const FOLDER = { path: "/srv", uid: 0, gid: 0, mode: 0o40755 };
export const PAGE = { path: "/srv/index.html", uid: 0, gid: 0, mode: 0o100644 };

export const GOOD: Facts = {
  workers: 4,
  workersBy: "CPUs",
  processors: { usable: 4, quota: Infinity },
  descriptorsMax: 1_048_576,
  backlogMax: 4096,
  trackedConnectionsMax: null,
  ports: { ephemeral: [32_768, 60_999], reserved: [], unprivilegedFirst: 1024, canTakeAny: false },
  memoryOctets: 8 * 1024 ** 3,
  identity: { isRoot: false, worker: WWW, problem: "" },
  roots: [{ what: "document_root", path: "/srv", problem: "", way: [FOLDER], sample: [PAGE] }],
  files: [],
  certificates: [],
  statistics: {
    folder: "/dev/shm",
    isConfigured: true,
    isInMemory: true,
    problem: "",
    freeOctets: 64 * 1024 ** 2,
    neededOctets: 700_000,
  },
  platform: {
    isLinux: true,
    release: "linux 6.12 x64",
    hasForeignFunctions: true,
    areTurnedOff: false,
    kernel: { statx: true, sendfile: true, reusePort: true, openat2: true, landlock: 6 },
  },
  confined: { confines: true, read: ["/srv"], write: ["/var/log/saker"], update: [], cpu: null },
  clock: { nowMs: Date.UTC(2026, 0, 2, 3, 4, 5), newestFileMs: Date.UTC(2026, 0, 1), isSynchronized: true },
};

type DeepPartial<T> = {
  readonly [Key in keyof T]?: T[Key] extends readonly unknown[] | null ? T[Key] : DeepPartial<T[Key]>;
};

/** The good facts with some changed, one level into each group. */
export function factsWith(changes: DeepPartial<Facts>): Facts {
  const merged = Object.entries(changes).map(([name, value]) => {
    const former = GOOD[name as keyof Facts];
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value) && former !== null;
    return [name, isGroup ? { ...(former as object), ...(value as object) } : value];
  });
  return { ...GOOD, ...(Object.fromEntries(merged) as Partial<Facts>) };
}

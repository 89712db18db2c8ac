/**
 * Gathers the facts: files of /proc, permissions on disk, features of the kernel.
 *
 * Keeps: changes nothing on disk, binds nothing, needs no running server. What can't be read is null.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, statfsSync, statSync } from "node:fs";
import { release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { confinementOf } from "../../master/confine-workers.ts";
import { defaultStatsPath } from "../../master/stats-file.ts";
import { chooseWorkers, workerCount } from "../../master/worker-count.ts";
import { bucketFileOctets } from "../../quota/bucket-file.ts";
import { connectionFileOctets, connectionsShape } from "../../quota/connection-file.ts";
import { segmentOctets } from "../../stats/layout.ts";
import { slotCountFor } from "../../stats/segment.ts";
import { readCpuQuota, usableCpus } from "../../sys/cpus.ts";
import { isClockSynchronized, probeKernel } from "../../sys/kernel-features.ts";
import { libc } from "../../sys/libc.ts";
import { pathStatus } from "../../sys/path-status.ts";
import { memoryFolders } from "../../sys/shared-memory.ts";
import { memoryLimit } from "../../sys/memory-limit.ts";
import { raiseDescriptorLimit } from "../../sys/process.ts";
import { folderProblem } from "../document-root.ts";
import { pairFactsOf, readSources } from "../read-certificates.ts";
import { accessProblem, writeProblem } from "../write-problem.ts";
import { type Account, configuredAccount, currentAccount, type Permission } from "./account.ts";
import type {
  CertificateFileFacts,
  ClockFacts,
  Facts,
  FileFacts,
  IdentityFacts,
  PortFacts,
  RootFacts,
  StatisticsFacts,
} from "./facts.ts";

/** Files of a root whose permissions are checked. */
const SAMPLE_MAX = 100;

/** capabilities(7): listening on ports below 1024. */
const CAP_NET_BIND_SERVICE = 10n;

const MEMORY_FOLDER = "/dev/shm";

/** All facts that the checks need. `settings` as they would be served. */
export function gatherFacts(settings: Settings, env: Readonly<Record<string, string | undefined>>): Facts {
  const roots = rootsOf(settings);
  const { hard } = raiseDescriptorLimit();
  const usable = usableCpus();
  const { workers, by } = chooseWorkers(settings, usable, memoryLimit());
  return {
    workers,
    workersBy: by,
    processors: { usable, quota: readCpuQuota() },
    descriptorsMax: Number.isNaN(hard) ? null : hard,
    backlogMax: readNumber("/proc/sys/net/core/somaxconn"),
    trackedConnectionsMax: readNumber("/proc/sys/net/netfilter/nf_conntrack_max"),
    ports: portFacts(),
    memoryOctets: Math.min(totalmem(), memoryLimit()),
    identity: identityFacts(settings),
    roots,
    files: writtenFiles(settings),
    certificates: certificateFacts(settings),
    statistics: statisticsFacts(settings),
    platform: {
      isLinux: process.platform === "linux",
      release: `${process.platform} ${release()} ${process.arch}`,
      hasForeignFunctions: libc !== null,
      areTurnedOff: env.SAKER_NO_FFI === "1",
      kernel: probeKernel(),
    },
    confined: confinementOf(settings, settings.stats_file ?? defaultStatsPath(settings.port), 0),
    clock: clockFacts(roots),
  };
}

/** Ranges of a list like "8080,9000-9100". */
export function parsePortRanges(text: string): [first: number, last: number][] {
  return text.split(",").flatMap((part): [number, number][] => {
    const range = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    return range === null ? [] : [[Number(range[1]), Number(range[2] ?? range[1])]];
  });
}

/** The folders from `/` down to an absolute path, the path included. */
export function foldersTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...foldersTo(parent), path];
}

function portFacts(): PortFacts {
  const range = /^(\d+)\s+(\d+)/.exec(readText("/proc/sys/net/ipv4/ip_local_port_range") ?? "");
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(readText("/proc/self/status") ?? "");
  const may = capabilities === null ? process.getuid?.() === 0 : hasCapability(capabilities[1]!, CAP_NET_BIND_SERVICE);
  return {
    ephemeral: range === null ? null : [Number(range[1]), Number(range[2])],
    reserved: parsePortRanges(readText("/proc/sys/net/ipv4/ip_local_reserved_ports") ?? ""),
    unprivilegedFirst: readNumber("/proc/sys/net/ipv4/ip_unprivileged_port_start"),
    canTakeAny: may,
  };
}

function hasCapability(hexadecimal: string, capability: bigint): boolean {
  return ((BigInt(`0x${hexadecimal}`) >> capability) & 1n) === 1n;
}

function certificateFacts(settings: Settings): CertificateFileFacts[] {
  return readSources(settings).map(({ file: path, what, outcome }) => {
    const keyText = pairFactsOf(outcome)?.keyText ?? "";
    if (!outcome.isGood) return { what, path, problem: outcome.line, warnings: [], summary: "", keyText };
    const { warnings, summary } = outcome;
    return { what, path, problem: "", warnings, summary, keyText };
  });
}

function identityFacts({ user, group }: Settings): IdentityFacts {
  const current = currentAccount();
  let worker: Account | null = null;
  let problem = "";
  try {
    worker = configuredAccount(user, group);
  } catch (error) {
    problem = (error as Error).message;
  }
  return { isRoot: current.uid === 0, worker, problem };
}

function rootsOf(settings: Settings): RootFacts[] {
  const roots = [rootFacts("document_root", settings.document_root)];
  for (const { names, root } of settings.virtual_host) {
    if (root !== null) roots.push(rootFacts(`root of ${names.join(", ")}`, root));
  }
  return roots;
}

function rootFacts(what: string, path: string): RootFacts {
  const problem = folderProblem(path);
  if (problem !== "") return { what, path, problem, way: [], sample: [] };
  return { what, path, problem, way: foldersTo(path).flatMap(permissionOf), sample: sampleOf(path) };
}

function sampleOf(folder: string): Permission[] {
  const names = readdirSync(folder).slice(0, SAMPLE_MAX);
  return names.filter((name) => !name.startsWith(".")).flatMap((name) => permissionOf(join(folder, name)));
}

function permissionOf(path: string): Permission[] {
  try {
    const { uid, gid, mode } = lstatSync(path).isSymbolicLink() ? statSync(path) : lstatSync(path);
    return [{ path, uid, gid, mode }];
  } catch {
    return []; // a link to nothing, or gone since
  }
}

function writtenFiles({ access_log, error_log, pid_file, stats_file }: Settings): FileFacts[] {
  const settings = { access_log, error_log, pid_file, stats_file };
  return Object.entries(settings).flatMap(([setting, path]) =>
    path === false || path === null || path === "-" ? [] : [{ setting, path, problem: writeProblem(path) }],
  );
}

function statisticsFacts(settings: Settings): StatisticsFacts {
  const { stats_file } = settings;
  const neededOctets = sharedOctets(settings);
  const folders = stats_file === null ? memoryFolders() : [dirname(stats_file)];
  const folder = folders.find((one) => (freeOctetsOf(one) ?? Infinity) >= neededOctets) ?? folders[0] ?? MEMORY_FOLDER;
  return {
    folder,
    isConfigured: stats_file !== null,
    isInMemory: folder === MEMORY_FOLDER || isTmpfs(folder),
    problem: existsSync(folder) ? accessProblem(folder) : "does not exist",
    freeOctets: freeOctetsOf(folder),
    neededOctets,
  };
}

/** Of the statistics, and of what limits per client keep beside them. */
function sharedOctets(settings: Settings): number {
  const { max_connections, max_connections_per_ip, rate_limit } = settings;
  const { max_clients: clients, requests_per_second: requestsPerSecond } = rate_limit;
  const slots = slotCountFor(workerCount(settings));
  const buckets = requestsPerSecond === 0 ? 0 : bucketFileOctets({ clients, requestsPerSecond });
  const isCounted = max_connections_per_ip > 0;
  const connections = isCounted ? connectionFileOctets(connectionsShape(slots, max_connections)) : 0;
  return segmentOctets(slots) + buckets + connections;
}

/** statfs(2) */
const TMPFS_MAGIC = 0x0102_1994;

function isTmpfs(folder: string): boolean {
  try {
    return statfsSync(folder).type === TMPFS_MAGIC;
  } catch {
    return false;
  }
}

function freeOctetsOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function clockFacts(roots: readonly RootFacts[]): ClockFacts {
  const times = [process.execPath, ...roots.map(({ path }) => path)].map((path) => pathStatus(path)?.mtimeMs ?? 0);
  return { nowMs: Date.now(), newestFileMs: Math.max(...times), isSynchronized: isClockSynchronized() };
}

function readNumber(path: string): number | null {
  const text = readText(path);
  return text === null || !/^\d+\s*$/.test(text) ? null : Number(text);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // not this kernel, or hidden by a sandbox
  }
}

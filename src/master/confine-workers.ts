/**
 * What the workers of a configuration may still do, and the command that starts one with these rights.
 *
 * In:    settings, where the statistics are, which worker it is.
 * Out:   a `Confinement`, or null where there is nothing to do or no way to do it.
 * Keeps: computed anew for each start, so that a document root that has been replaced meanwhile counts. Workers read
 *        the sites; with `follow_symlinks = "always"` everything, because links may lead anywhere. They write where
 *        their logs are: into the folder, so that a log can be reopened after logrotate has moved the former one.
 */
import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { tablePathsOf } from "../quota/table-file.ts";
import { type Confinement, toArguments } from "../sys/confinement.ts";
import { cpuOrder } from "../sys/cpu-order.ts";
import { libc } from "../sys/libc.ts";
import { hasOwnProgram, isCompiled } from "../sys/own-program.ts";
import { isBelow } from "../sys/path-status.ts";
import { endOfLinks, namedDescriptor } from "../sys/named-descriptor.ts";
import { readableFolder } from "./readable-folder.ts";

/** The statistics of a worker, which its name may not lead to any more. */
export const STATS_FD = 3;
const STATS_FILE = `/proc/self/fd/${STATS_FD}`;

/** All folders that are served. */
export function documentRoots(settings: Settings): string[] {
  return [...new Set([settings.document_root, ...settings.virtual_host.flatMap(({ root }) => root ?? [])])];
}

export function confinementOf(settings: Settings, statsPath: string, workerIndex: number): Confinement | null {
  const { confine, cpu_affinity, follow_symlinks, access_log, error_log } = settings;
  if (libc === null || !hasOwnProgram() || (confine === false && !cpu_affinity)) return null;
  const cpus = cpu_affinity ? cpuOrder() : [];
  const cpu = cpus[workerIndex % cpus.length] ?? null;
  if (confine === false) return { confines: false, read: [], write: [], update: [], cpu };
  const roots =
    follow_symlinks === "always" ? ["/"] : documentRoots(settings).flatMap((root) => readableFolder(root) ?? []);
  const logs = [access_log === false ? "-" : access_log, error_log].filter((path) => path !== "-");
  return {
    confines: true,
    read: outermost([...roots, ...sourceFolders()]),
    write: outermost(logs.flatMap(placesOfLog)),
    update: [statsPath, STATS_FILE, ...tablePathsOf(statsPath)],
    cpu,
  };
}

/** Puts the first stage in front of a worker's command. `descriptors` are those that the worker inherits, IPC included. */
export function throughFirstStage(
  command: readonly string[],
  confinement: Confinement,
  descriptors: readonly number[],
): string[] {
  const [, ...words] = command;
  const stage = [...command.slice(0, -1), "--saker-confine", descriptors.join()];
  return [...stage, ...toArguments(confinement), "--", process.execPath, ...words];
}

/**
 * A log's folder, by its name and where a link leads, whether there is a file yet or not; of a device or pipe only itself. An inherited
 * descriptor that is a terminal or a file is opened anew; for the standard ones confine-self.ts has a rule.
 */
function placesOfLog(path: string): string[] {
  const named = namedDescriptor(path);
  if (named !== null) return named.isOwn && named.number > 2 ? [`/proc/self/fd/${named.number}`] : [];
  const real = endOfLinks(path);
  const status = lstatSync(real, { throwIfNoEntry: false });
  return status === undefined || status.isFile() ? [dirname(path), dirname(real)] : [real];
}

/** Run from source: the program's sources, and the runtime's cache of them. */
export function sourceFolders(): string[] {
  if (isCompiled) return [];
  const { BUN_INSTALL = join(homedir(), ".bun"), BUN_RUNTIME_TRANSPILER_CACHE_PATH: made } = process.env;
  return [dirname(dirname(Bun.main)), made ?? join(BUN_INSTALL, "install/cache/@t@")];
}

/** Each path once, without those inside others. */
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)].sort();
  return all.filter((path) => !all.some((other) => path !== other && isBelow(other, path)));
}

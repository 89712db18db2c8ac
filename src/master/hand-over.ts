/**
 * What one master passes to the next one in the same process (upgrade.ts): everything that isn't in the settings.
 *
 * In:    a file without a name, inherited as the descriptor that an environment variable names.
 * Out:   the same facts in the program that was executed.
 * Keeps: the format has a number, which a rehearsal compares before anything happens. Totals are named, so that they can be carried
 *        over to another layout of the statistics.
 * Fails: exceptions; the caller is about to be another program, or has just become one.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { AnonymousTables } from "../quota/shared-tables.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import { SLOT_TABLE } from "../stats/layout-table.ts";
import { openAnonymousFile } from "../sys/anonymous-file.ts";
import { isAnonymous } from "../sys/anonymous-memory.ts";
import { setInherited } from "../sys/descriptor.ts";
import { ownDescriptor } from "../sys/named-descriptor.ts";
import type { Group } from "./listener-group.ts";
import type { ListenTarget } from "./listeners.ts";
import { messageOf } from "./start-error.ts";
import { logDescriptors } from "./worker-logs.ts";

/** Raised when a member's meaning changes. */
export const HAND_OVER_FORMAT = 1;

export const HAND_OVER_VARIABLE = "SAKER_HAND_OVER";

/** Counters by the names of the layout's table; each as many cells as its row says. */
export type NamedTotals = Readonly<Record<string, readonly number[]>>;

export type ListenState = { readonly target: ListenTarget | null; readonly groups: readonly Group[] };

export type HandedWorker = {
  readonly pid: number;
  readonly slot: number;
  readonly index: number;
  readonly generation: number;
  /** How long it may still drain (ms); null for one that serves. */
  readonly drainMs: number | null;
};

export type HandOver = {
  readonly format: number;
  /** Version of the program that hands over. */
  readonly version: string;
  readonly settings: Settings;
  /** The rules in document roots that its workers obey. Builds before don't know it. */
  readonly rules?: RuleFilesByRoot;
  readonly configFile: string | null;
  readonly generation: number;
  /** The executable that hands over, kept open for the way back, and the path where a newer one is expected. */
  readonly executable: { readonly path: string; readonly fd: number };
  readonly site: ListenState;
  readonly admin: ListenState;
  /** Of memory without a name, it is good as long as its descriptor is inherited. */
  readonly statsPath: string;
  /** Tables of quota/ that have no file. Builds before don't hand them over. */
  readonly tables?: AnonymousTables;
  readonly startedMs: number;
  readonly totals: NamedTotals;
  readonly workers: readonly HandedWorker[];
  /** Connections of the control socket that wait for the outcome. */
  readonly askers: readonly number[];
  /** Why the program that took over hands back; "" on the way there. */
  readonly failure: string;
};

/** Writes the facts into a file without a name; its descriptor is inherited, as are those in it. */
export function writeHandOver(handOver: HandOver): number {
  const fd = openNamelessFile(handOver.statsPath);
  const octets = Buffer.from(JSON.stringify(handOver));
  // With a position: the next program reads from the start.
  for (let written = 0; written < octets.length;)
    written += writeSync(fd, octets, written, octets.length - written, written);
  setAllInherited(handOver, true);
  setInherited(fd, true);
  return fd;
}

/** In memory; beside the statistics where a filter of system calls is in the way. */
function openNamelessFile(statsPath: string): number {
  try {
    return openAnonymousFile("saker-hand-over");
  } catch (error) {
    if (isAnonymous(statsPath)) throw error;
  }
  const path = `${statsPath}.${process.pid}.hand-over`;
  const fd = openSync(path, "wx+", 0o600);
  rmSync(path);
  return fd;
}

/** The facts, if this program replaced another; the variable is then removed, and nothing is inherited further. */
export function takeHandOver(env: Record<string, string | undefined>): HandOver | null {
  const text = env[HAND_OVER_VARIABLE];
  delete env[HAND_OVER_VARIABLE];
  if (text === undefined) return null;
  const handOver = readHandOver(Number(text));
  if (handOver.format !== HAND_OVER_FORMAT) throw new Error(`hand-over of format ${handOver.format}`);
  setAllInherited(handOver, false);
  return handOver;
}

function readHandOver(fd: number): HandOver {
  try {
    const handOver = JSON.parse(readFileSync(fd, "utf8")) as HandOver;
    closeSync(fd);
    return handOver;
  } catch (error) {
    throw new Error(`${HAND_OVER_VARIABLE} is for an upgrade alone; unset it (${messageOf(error)})`, { cause: error });
  }
}

/** Whether the descriptors that are handed over survive execve(2). */
export function setAllInherited(handOver: HandOver, isInherited: boolean): void {
  const { site, admin, askers, executable, settings, statsPath, tables = {} } = handOver;
  const memory = [...Object.values(tables), ownDescriptor(statsPath) ?? []].flat();
  const sockets = [...site.groups, ...admin.groups].flatMap(({ fds }) => fds);
  const fds = [...sockets, ...askers, executable.fd, ...logDescriptors(settings), ...memory];
  for (const fd of fds) setInherited(fd, isInherited);
}

/** Totals by name, from cells in the order of `Counter`. */
export function nameTotals(cells: Float64Array): NamedTotals {
  const counters = SLOT_TABLE.filter(({ kind }) => kind === "counter");
  return Object.fromEntries(
    counters.map(({ name, index, count }) => [name, [...cells.subarray(index, index + count)]]),
  );
}

/** Puts totals where this layout has them; one whose number of cells has changed starts from zero. */
export function placeTotals(totals: NamedTotals, base: Float64Array): void {
  for (const { name, index, count, kind } of SLOT_TABLE) {
    const cells = totals[name];
    if (kind === "counter" && cells?.length === count) base.set(cells, index);
  }
}

/**
 * How one master passes what it knows (hand-over-format.ts) to the next one in the same process (upgrade.ts).
 *
 * In:    a file without a name, inherited as the descriptor that an environment variable names.
 * Out:   the same facts in the program that was executed.
 * Keeps: descriptors are inherited by that program alone. Totals are named, so that they can be carried over to another layout of
 *        the statistics.
 * Fails: exceptions; the caller is about to be another program, or has just become one.
 */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { SLOT_TABLE } from "../stats/layout-table.ts";
import { openAnonymousFile } from "../sys/anonymous-file.ts";
import { isAnonymous } from "../sys/anonymous-memory.ts";
import { setInherited } from "../sys/descriptor.ts";
import { ownDescriptor } from "../sys/named-descriptor.ts";
import {
  decodeHandOver,
  encodeHandOver,
  type HandOver,
  type NamedTotals,
  type WrittenHandOver,
} from "./hand-over-format.ts";
import { messageOf } from "../sys/errno.ts";
import { logDescriptors } from "./worker-logs.ts";

export const HAND_OVER_VARIABLE = "SAKER_HAND_OVER";

/** Writes the facts into a file without a name; its descriptor is inherited, as are those in it. */
export function writeHandOver(handOver: HandOver): number {
  const fd = openNamelessFile(handOver.statsPath);
  const octets = Buffer.from(JSON.stringify(encodeHandOver(handOver)));
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
  const handOver = decodeHandOver(readHandOver(Number(text)));
  setAllInherited(handOver, false);
  return handOver;
}

function readHandOver(fd: number): WrittenHandOver {
  try {
    const written = JSON.parse(readFileSync(fd, "utf8")) as WrittenHandOver;
    closeSync(fd);
    return written;
  } catch (error) {
    throw new Error(`${HAND_OVER_VARIABLE} is for an upgrade alone; unset it (${messageOf(error)})`, { cause: error });
  }
}

/** Whether the descriptors that are handed over survive execve(2). */
export function setAllInherited(handOver: HandOver, isInherited: boolean): void {
  const { endpoints, askers, executable, settings, statsPath, tables = {}, credentials } = handOver;
  const memory = [...Object.values(tables), ownDescriptor(statsPath) ?? [], credentials ?? []].flat();
  const sockets = endpoints.flatMap(({ groups }) => groups).flatMap(({ fds }) => fds);
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

/**
 * The file with the buckets shared by all workers, beside the statistics file.
 *
 *   header    magic · version · requests per second     entries   as many as fit, see bucket-table.ts
 *
 * Keeps: the master makes it before workers map it. One that fits the settings is kept, with what clients have used up;
 *        other settings make a new file, and workers that drain keep the old one. It has its full size from the start.
 * Fails: exceptions of node:fs, and where the file's name is taken by something else. A worker without the file has
 *        buckets of its own (`privateWords`).
 */
import { chownSync, existsSync, rmSync, statSync } from "node:fs";
import { readFileStart } from "../sys/file-start.ts";
import { createSharedMemory, openSharedMemory } from "../sys/shared-memory.ts";
import { wordsFor } from "./bucket-table.ts";

const MAGIC = 0x53414b42; // SAKB
const VERSION = 2;
const HEADER_OCTETS = 64;

/** What decides whether an existing file fits: with another rate its ticks mean something else. */
export interface TableShape {
  /** Clients to be remembered, at least. */
  readonly clients: number;
  readonly requestsPerSecond: number;
}

/** Path of the table of the server whose statistics are at `statsPath`. */
export function tablePathOf(statsPath: string): string {
  return `${statsPath}.clients`;
}

/** Makes the file, unless there is one that fits. It gets the owner of the statistics file. */
export function provideTable(statsPath: string, shape: TableShape): void {
  if (openTable(statsPath, shape) !== null) return;
  const path = tablePathOf(statsPath);
  if (isSomethingElse(path)) throw new Error(`${path} is there, and is no table of saker`);
  const memory = createSharedMemory(path, octetsOf(shape), 0o600);
  writeHeader(memory, shape);
  const { uid, gid } = statSync(statsPath);
  if (uid !== statSync(path).uid) chownSync(path, uid, gid);
}

/** The entries of a file that fits; null when there is none. */
export function openTable(statsPath: string, shape: TableShape): Int32Array | null {
  const path = tablePathOf(statsPath);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status?.size !== octetsOf(shape)) return null;
  // The owner of a file may truncate it, which would kill every process that has mapped it.
  if (status.uid !== statSync(statsPath).uid) return null;
  const memory = openSharedMemory(path);
  if (!hasHeader(memory, shape)) return null;
  return new Int32Array(memory.buffer, memory.byteOffset + HEADER_OCTETS, wordsFor(shape.clients));
}

/** Entries of this process alone. */
export function privateWords(shape: TableShape): Int32Array {
  return new Int32Array(wordsFor(shape.clients));
}

/** Removes the file if there is one. */
export function removeTable(statsPath: string): void {
  const path = tablePathOf(statsPath);
  try {
    if (!isSomethingElse(path)) rmSync(path, { force: true });
  } catch {
    // It belongs to another user, in a folder that is writable for all: leave it alone; no process of this server opens it.
  }
}

/** A file that isn't saker's is not replaced. One of saker's begins with MAGIC, or with zeros if its maker was killed. */
function isSomethingElse(path: string): boolean {
  if (!existsSync(path)) return false;
  const magic = readFileStart(path, 4)?.readInt32BE() ?? 0;
  return magic !== MAGIC && magic !== 0;
}

function octetsOf(shape: TableShape): number {
  return HEADER_OCTETS + 4 * wordsFor(shape.clients);
}

function writeHeader(memory: Uint8Array, shape: TableShape): void {
  const view = new DataView(memory.buffer, memory.byteOffset, HEADER_OCTETS);
  view.setInt32(4, VERSION);
  view.setFloat64(8, shape.requestsPerSecond);
  view.setInt32(0, MAGIC);
}

function hasHeader(memory: Uint8Array, shape: TableShape): boolean {
  const view = new DataView(memory.buffer, memory.byteOffset, HEADER_OCTETS);
  return view.getInt32(0) === MAGIC && view.getInt32(4) === VERSION && view.getFloat64(8) === shape.requestsPerSecond;
}

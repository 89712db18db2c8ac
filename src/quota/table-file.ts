/**
 * Files with what workers share about clients, beside the statistics file.
 *
 *   header    magic · version · two numbers that say what the words mean        words
 *
 * Keeps: the master makes a file before workers map it. One that fits the settings is kept with its contents; other settings
 *        make a new file, and draining workers keep the old one. It has its full size from the start.
 * Fails: exceptions of node:fs, and where the file's name is taken by something else.
 */
import { chownSync, existsSync, rmSync, statSync } from "node:fs";
import { type AnonymousMemory, createAnonymousMemory, isAnonymous } from "../sys/anonymous-memory.ts";
import { readFileStart } from "../sys/file-start.ts";
import { createSharedMemory, openSharedMemory } from "../sys/shared-memory.ts";

/** Which table a file holds. */
export interface TableKind {
  /** What follows the path of the statistics file. */
  readonly suffix: string;
  readonly magic: number;
  readonly version: number;
}

export const BUCKETS: TableKind = { suffix: ".clients", magic: 0x53414b42, version: 2 }; // SAKB
export const CONNECTIONS: TableKind = { suffix: ".connections", magic: 0x53414b43, version: 1 }; // SAKC
const KINDS = [BUCKETS, CONNECTIONS];

export interface TableShape {
  readonly numbers: readonly [number, number];
  readonly wordCount: number;
}

export interface Table extends TableShape {
  readonly words: Int32Array;
}

const HEADER_OCTETS = 64;

/** Paths of the tables of the server whose statistics are at `statsPath`. */
export function tablePathsOf(statsPath: string): string[] {
  return KINDS.map(({ suffix }) => statsPath + suffix);
}

/** Size of a file. */
export function tableOctets(wordCount: number): number {
  return HEADER_OCTETS + 4 * wordCount;
}

/** A table to be had. */
export interface TableWish {
  readonly kind: TableKind;
  readonly shape: TableShape;
  /** Whether one that is there will do. */
  readonly fits: (present: TableShape) => boolean;
}

/** Makes the file, unless there is one that fits. It gets the owner of the statistics file. */
export function provideTable(statsPath: string, { kind, shape, fits }: TableWish): void {
  const path = statsPath + kind.suffix;
  const present = readShape(statsPath, kind, path);
  if (present !== null && fits(present)) return;
  if (isSomethingElse(path, kind)) throw new Error(`${path} is there, and is no table of saker`);
  const memory = createSharedMemory(path, tableOctets(shape.wordCount), 0o600);
  writeHeader(memory, kind, shape.numbers);
  const { uid, gid } = statSync(statsPath);
  if (uid !== statSync(path).uid) chownSync(path, uid, gid);
}

/** The same without a file. */
export function createAnonymousTable({ kind, shape }: TableWish): AnonymousMemory {
  const made = createAnonymousMemory(`saker${kind.suffix}`, tableOctets(shape.wordCount));
  writeHeader(made.memory, kind, shape.numbers);
  return made;
}

/** The table at a path, or in the file beside the statistics; null if there is none. */
export function openTable(statsPath: string, kind: TableKind, path = statsPath + kind.suffix): Table | null {
  const shape = readShape(statsPath, kind, path);
  if (shape === null) return null;
  const memory = openSharedMemory(path);
  return { ...shape, words: new Int32Array(memory.buffer, memory.byteOffset + HEADER_OCTETS, shape.wordCount) };
}

/** What the file says of itself; null if it is not one that this server may use. */
export function readShape(statsPath: string, kind: TableKind, path: string): TableShape | null {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined || status.size <= HEADER_OCTETS || status.size % 4 !== 0) return null;
  // The owner of a file may truncate it, which would kill every process that has mapped it.
  const owner = statSync(statsPath, { throwIfNoEntry: false })?.uid ?? process.getuid?.();
  if (status.uid !== owner && !isAnonymous(path)) return null;
  const header = readFileStart(path, HEADER_OCTETS);
  if (header?.readInt32BE(0) !== kind.magic || header.readInt32BE(4) !== kind.version) return null;
  return {
    numbers: [header.readDoubleBE(8), header.readDoubleBE(16)],
    wordCount: (status.size - HEADER_OCTETS) / 4,
  };
}

/** Removes the file if there is one. */
export function removeTable(statsPath: string, kind: TableKind): void {
  const path = statsPath + kind.suffix;
  try {
    if (!isSomethingElse(path, kind)) rmSync(path, { force: true });
  } catch {
    // It belongs to another user, in a folder that is writable for all: leave it alone; no process of this server opens it.
  }
}

/** Removes all of them. */
export function removeTables(statsPath: string): void {
  for (const kind of KINDS) removeTable(statsPath, kind);
}

/** A file that isn't saker's is not replaced. One of saker's begins with its magic, or with zeros if its maker was killed. */
function isSomethingElse(path: string, kind: TableKind): boolean {
  if (!existsSync(path)) return false;
  const magic = readFileStart(path, 4)?.readInt32BE() ?? 0;
  return magic !== kind.magic && magic !== 0;
}

function writeHeader(memory: Uint8Array, kind: TableKind, [first, second]: readonly [number, number]): void {
  const view = new DataView(memory.buffer, memory.byteOffset, HEADER_OCTETS);
  view.setInt32(4, kind.version);
  view.setFloat64(8, first);
  view.setFloat64(16, second);
  view.setInt32(0, kind.magic);
}

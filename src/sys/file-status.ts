/**
 * What a path or descriptor is: kind, size, times, identity (statx(2)).
 *
 * In:    a NUL-terminated path in a buffer of the caller, or a descriptor; a `FileStatus` to fill in.
 * Out:   0 and the filled-in status, or `-errno` and an untouched one.
 * Units: octets; `mtimeMs`/`ctimeMs` whole milliseconds since 1970 (rounded down), `mtimeNs`/`ctimeNs` the nanoseconds
 *        within the second (0..999 999 999).
 * Keeps: allocates nothing; 0.73 us a path, 0.34 us a descriptor (fs.statSync: 1.06 us and an object; tmpfs-cached
 *        path, Xeon VM). Follows symbolic links.
 * Why statx: its structure is the same on every architecture, and it costs 4 % more than stat.
 * Without FFI, or where statx is refused: node:fs, same answers (nanoseconds included), with allocation.
 */
import { type BigIntStats, fstatSync, statSync } from "node:fs";
import { ptr } from "bun:ffi";
import { Errno, errnoOfException } from "./errno.ts";
import { errno, libc } from "./libc.ts";

/** The POSIX file types that are distinguished. */
export enum FileKind {
  None,
  File,
  Directory,
  SymbolicLink,
  Other,
}

/** One shape, made once and filled in again and again. */
export class FileStatus {
  kind: FileKind = FileKind.None;
  /** Octets; of meaning for `FileKind.File` only. */
  size = 0;
  mtimeMs = 0;
  mtimeNs = 0;
  ctimeMs = 0;
  ctimeNs = 0;
  /** Device number as `makedev(3)` packs it, equal to node:fs. */
  dev = 0;
  /** Inode number; above 2^53 (some network file systems) its low bits are lost, so compare it along with the rest. */
  ino = 0;
  /** Permission and file type bits (`S_IF…`), as in `st_mode`. */
  mode = 0;

  /** True when both describe one file in one state: identity, size and both times agree to the nanosecond. */
  isSameVersion(other: FileStatus): boolean {
    return (
      this.ino === other.ino &&
      this.size === other.size &&
      this.mtimeMs === other.mtimeMs &&
      this.mtimeNs === other.mtimeNs &&
      this.ctimeNs === other.ctimeNs &&
      this.ctimeMs === other.ctimeMs &&
      this.dev === other.dev &&
      this.kind === other.kind
    );
  }

  /** Copies every field of `source` into this one. */
  copyFrom(source: FileStatus): void {
    this.kind = source.kind;
    this.size = source.size;
    this.mtimeMs = source.mtimeMs;
    this.mtimeNs = source.mtimeNs;
    this.ctimeMs = source.ctimeMs;
    this.ctimeNs = source.ctimeNs;
    this.dev = source.dev;
    this.ino = source.ino;
    this.mode = source.mode;
  }
}

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const S_IFMT = 0o170000;
const WORD = 0x1_0000_0000;

// struct statx, 256 octets; offsets below are in 32-bit words (man 2 statx; linux/stat.h).
const statxBuffer = new ArrayBuffer(256);
const statxWords = new Uint32Array(statxBuffer);
const statxSigned = new Int32Array(statxBuffer);
const statxPointer = ptr(new Uint8Array(statxBuffer));
enum StatxWord {
  Mode = 7, // u16 stx_mode at octet 28, in the low half on a little-endian machine
  Ino = 8,
  Size = 10,
  CtimeSeconds = 24,
  CtimeNanoseconds = 26,
  MtimeSeconds = 28,
  MtimeNanoseconds = 30,
  DevMajor = 34,
  DevMinor = 35,
}

const emptyPath = new Uint8Array(new ArrayBuffer(8));

/**
 * Whether statx may be called. Sandboxes older than the call refuse it with EPERM, which is no answer about a file; for ENOSYS
 * the C library has a way around it.
 */
const usesStatx: boolean = libc !== null && isAnswered();

function isAnswered(): boolean {
  const root = new Uint8Array([0x2f, 0]);
  return libc!.statx(AT_FDCWD, ptr(root), 0, STATX_BASIC_STATS, statxPointer) === 0;
}

/** Status of the file `cPath` (NUL-terminated) names, links followed. 0 or `-errno`. */
export function statPath(cPath: Uint8Array, into: FileStatus): number {
  if (!usesStatx) return statThroughNode(() => statSync(pathOf(cPath), { bigint: true }), into);
  if (libc!.statx(AT_FDCWD, ptr(cPath), 0, STATX_BASIC_STATS, statxPointer) !== 0) return -errno();
  readStatx(into);
  return 0;
}

/**
 * Status of the open descriptor `fd`. 0 or `-errno`. The pointer is taken anew each time: a buffer that no function
 * refers to is garbage as soon as its module has run, whatever points into it.
 */
export function statFd(fd: number, into: FileStatus): number {
  if (!usesStatx) return statThroughNode(() => fstatSync(fd, { bigint: true }), into);
  if (libc!.statx(fd, ptr(emptyPath), AT_EMPTY_PATH, STATX_BASIC_STATS, statxPointer) !== 0) return -errno();
  readStatx(into);
  return 0;
}

/** The FileKind of a mode's file type bits (man 7 inode). */
export function kindOfMode(mode: number): FileKind {
  switch (mode & S_IFMT) {
    case 0o100000:
      return FileKind.File;
    case 0o040000:
      return FileKind.Directory;
    case 0o120000:
      return FileKind.SymbolicLink;
    default:
      return FileKind.Other;
  }
}

function readStatx(into: FileStatus): void {
  const mode = statxWords[StatxWord.Mode]! & 0xffff;
  into.kind = kindOfMode(mode);
  into.mode = mode;
  into.size = statxWords[StatxWord.Size]! + statxWords[StatxWord.Size + 1]! * WORD;
  into.ino = statxWords[StatxWord.Ino]! + statxWords[StatxWord.Ino + 1]! * WORD;
  into.dev = packDevice(statxWords[StatxWord.DevMajor]!, statxWords[StatxWord.DevMinor]!);
  into.mtimeNs = statxWords[StatxWord.MtimeNanoseconds]!;
  into.mtimeMs = wholeMilliseconds(StatxWord.MtimeSeconds, into.mtimeNs);
  into.ctimeNs = statxWords[StatxWord.CtimeNanoseconds]!;
  into.ctimeMs = wholeMilliseconds(StatxWord.CtimeSeconds, into.ctimeNs);
}

/** Seconds are signed 64 bits (a file may date from before 1970): unsigned low word, signed high word. */
function wholeMilliseconds(secondsWord: number, nanoseconds: number): number {
  const seconds = statxWords[secondsWord]! + statxSigned[secondsWord + 1]! * WORD;
  return seconds * 1000 + Math.floor(nanoseconds / 1_000_000);
}

/** makedev(3) for the kernel's 12-bit major and 20-bit minor numbers: minor bits 0-7, major 8-19, minor 20-31. */
function packDevice(major: number, minor: number): number {
  return ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}

function pathOf(cPath: Uint8Array): Buffer {
  const nul = cPath.indexOf(0);
  return Buffer.from(cPath.buffer, cPath.byteOffset, nul === -1 ? cPath.byteLength : nul);
}

function statThroughNode(read: () => BigIntStats | undefined, into: FileStatus): number {
  let stats: BigIntStats | undefined;
  try {
    stats = read();
  } catch (error) {
    return errnoOfException(error);
  }
  if (stats === undefined) return -Errno.ENOENT;
  into.mode = Number(stats.mode);
  into.kind = kindOfMode(into.mode);
  into.size = Number(stats.size);
  into.ino = Number(stats.ino);
  into.dev = Number(stats.dev);
  into.mtimeNs = nanosecondsWithinSecond(stats.mtimeNs);
  into.mtimeMs = floorMilliseconds(stats.mtimeNs);
  into.ctimeNs = nanosecondsWithinSecond(stats.ctimeNs);
  into.ctimeMs = floorMilliseconds(stats.ctimeNs);
  return 0;
}

function nanosecondsWithinSecond(nanoseconds: bigint): number {
  const rest = Number(nanoseconds % 1_000_000_000n);
  return rest < 0 ? rest + 1_000_000_000 : rest;
}

function floorMilliseconds(nanoseconds: bigint): number {
  const rest = nanoseconds % 1_000_000n;
  return Number((nanoseconds - (rest < 0n ? rest + 1_000_000n : rest)) / 1_000_000n);
}

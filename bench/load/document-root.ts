/**
 * The document root every contender serves: the same files for all of them, made for each run of the bench.
 *
 * In:    an empty folder.
 * Out:   the files below, and `FILES`, `zipfFile(index)`, `ZIPF_OCTETS`, `PAGE_FILES`, which name them and give their sizes.
 * Units: octets.
 * Keeps: every name at the top begins with another letter: by it floor.c chooses its ready answer. Content is pseudo-random
 *        from a fixed seed (no run differs from another, nothing compresses), and each MiB of the giant file begins with
 *        its index, so that a range from the wrong place is noticed. Modification times lie well in the past: validators
 *        made from young files are weak on some servers.
 */
import { linkSync, copyFileSync, mkdirSync, writeFileSync, utimesSync, openSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";

const KIB = 1024;
export const MIB = 1024 * KIB;

export interface ServedFile {
  /** Without the leading slash; the path of its request-target is `/${name}`. */
  name: string;
  octets: number;
}

export const FILES = {
  hot: { name: "hot.bin", octets: KIB },
  unchanged: { name: "unchanged.bin", octets: KIB },
  once: { name: "once.bin", octets: KIB },
  medium: { name: "medium.bin", octets: 64 * KIB },
  large: { name: "large.bin", octets: MIB },
  giant: { name: "giant.bin", octets: 100 * MIB },
  /** The giant file under a second name (a hard link), of which the range workload asks for a piece. */
  part: { name: "part.bin", octets: 100 * MIB },
} as const satisfies Record<string, ServedFile>;

/** Not there: what the 404 workload asks for. */
export const ABSENT_NAME = "absent.bin";

export const ZIPF_COUNT = 1000;

/** xorshift32: a fixed, quick source of octets that don't compress. */
export function pseudoRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/**
 * Sizes of the 1 000 files: log-uniform from 256 octets to 16 KiB, mean about 3.9 KiB: icons, scripts and pages of a small
 * site. Not ordered, so that popularity and size have nothing to do with each other.
 */
export const ZIPF_OCTETS: readonly number[] = (() => {
  const next = pseudoRandom(0x5a4b4552);
  return Array.from({ length: ZIPF_COUNT }, () => Math.round(256 * 64 ** (next() / 2 ** 32)));
})();

export function zipfFile(index: number): ServedFile {
  return { name: `zipf/${String(index).padStart(3, "0")}.bin`, octets: ZIPF_OCTETS[index]! };
}

/** Sizes of the 200 files of a page seen in a browser: log-uniform from 1 to 10 KiB, mean about 4 KiB. */
export const PAGE_OCTETS: readonly number[] = (() => {
  const next = pseudoRandom(0x50414745);
  return Array.from({ length: 200 }, () => Math.round(KIB * 10 ** (next() / 2 ** 32)));
})();

export const PAGE_FILES: readonly ServedFile[] = PAGE_OCTETS.map((octets, index) => ({
  name: `browsed/${String(index).padStart(3, "0")}.bin`,
  octets,
}));

/** The octets of a file of this size; `seed` makes files of one size differ. */
function contentOf(octets: number, seed: number): Uint8Array {
  const next = pseudoRandom(seed);
  const words = new Uint32Array(Math.ceil(octets / 4));
  for (let index = 0; index < words.length; index++) words[index] = next();
  return new Uint8Array(words.buffer, 0, octets);
}

function writeGiant(path: string): void {
  const block = contentOf(MIB, 7).slice();
  const view = new DataView(block.buffer);
  const fd = openSync(path, "w");
  for (let index = 0; index < FILES.giant.octets / MIB; index++) {
    view.setUint32(0, index);
    writeSync(fd, block);
  }
  closeSync(fd);
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // A file system without hard links: 100 MiB more, otherwise the same.
  }
}

/** Writes everything; about 105 MiB. */
export function createDocumentRoot(folder: string): void {
  for (const name of ["zipf", "browsed"]) mkdirSync(join(folder, name), { recursive: true });
  const written: string[] = [];
  const write = (file: ServedFile, seed: number): void => {
    writeFileSync(join(folder, file.name), contentOf(file.octets, seed));
    written.push(file.name);
  };
  [FILES.hot, FILES.unchanged, FILES.once, FILES.medium, FILES.large].forEach((file, index) => write(file, index + 1));
  for (let index = 0; index < ZIPF_COUNT; index++) write(zipfFile(index), 1000 + index);
  PAGE_FILES.forEach((file, index) => write(file, 3000 + index));
  writeGiant(join(folder, FILES.giant.name));
  linkOrCopy(join(folder, FILES.giant.name), join(folder, FILES.part.name));
  written.push(FILES.giant.name, FILES.part.name);
  const past = new Date("2026-01-01T00:00:00Z");
  for (const name of written) utimesSync(join(folder, name), past, past);
}

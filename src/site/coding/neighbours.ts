/**
 * Compressed neighbours of a file (precompressed files): `page.html.br`, `page.html.zst`, `page.html.gz` beside `page.html`.
 *
 * In:    the file's path, the codings that are offered; later the file's version.
 * Out:   which neighbours can stand for it; `isCurrent`: whether that is still true (one stat each, about 1 us).
 * Keeps: the first look runs off the event loop and leaves the directory's names in the kernel's cache; what follows is
 *        cheap. A neighbour is a regular file, not older than the file it stands for, and smaller. Whether it may be read
 *        is seen when it is opened (open-below.ts), and its version is compared then.
 */
import { access } from "node:fs";
import { Coding } from "../../http/content-coding.ts";
import { FileKind, FileStatus, statPath } from "../../sys/file-status.ts";
import { cPathOf, nodePathOf } from "../name-octets.ts";
import type { CodingSet } from "./coding-order.ts";

/** The suffix of a file's name, by `Coding`. */
export const CODING_SUFFIX: readonly string[] = ["", ".gz", ".br", ".zst"];

interface Place {
  readonly coding: Coding;
  readonly cPath: Buffer;
  /** What is there, or null for nothing. */
  status: FileStatus | null;
}

const probe = new FileStatus();

export class Neighbours {
  private constructor(private readonly places: readonly Place[]) {}

  /** Looks beside the file at `path` for at least one coding. */
  static look(path: string, codings: readonly Coding[], done: (found: Neighbours) => void): void {
    const places: Place[] = codings.map((coding) => ({
      coding,
      cPath: cPathOf(`${path}${CODING_SUFFIX[coding]}`),
      status: null,
    }));
    let left = places.length;
    for (const place of places) {
      access(nodePathOf(`${path}${CODING_SUFFIX[place.coding]}`), () => {
        if (statPath(place.cPath, probe) === 0) place.status = copyOf(probe);
        if (--left === 0) done(new Neighbours(places));
      });
    }
  }

  /** Codings whose neighbour can stand for this version of the file. */
  usableFor(file: FileStatus): CodingSet {
    return this.places.reduce((set, { coding, status }) => set | (canStandFor(file, status) ? 1 << coding : 0), 0);
  }

  /** Whether one of them changed after `sinceMs` (since 1970). */
  hasChangedSince(sinceMs: number): boolean {
    return this.places.some(({ status }) => status !== null && status.ctimeMs > sinceMs);
  }

  /** True when every neighbour is as it was found, and no other has come. */
  isCurrent(): boolean {
    for (const { cPath, status } of this.places) {
      const isThere = statPath(cPath, probe) === 0;
      if (isThere !== (status !== null)) return false;
      if (isThere && !probe.isSameVersion(status!)) return false;
    }
    return true;
  }

  /** The version that was found of a usable neighbour. */
  versionOf(coding: Coding): FileStatus {
    return this.places.find((place) => place.coding === coding)!.status!;
  }
}

function canStandFor(file: FileStatus, neighbour: FileStatus | null): boolean {
  if (neighbour === null || neighbour.kind !== FileKind.File || neighbour.size >= file.size) return false;
  if (neighbour.mtimeMs !== file.mtimeMs) return neighbour.mtimeMs > file.mtimeMs;
  return neighbour.mtimeNs >= file.mtimeNs;
}

function copyOf(status: FileStatus): FileStatus {
  const copy = new FileStatus();
  copy.copyFrom(status);
  return copy;
}

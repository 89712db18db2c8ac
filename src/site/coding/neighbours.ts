/**
 * Compressed neighbours of a file (precompressed files): `page.html.br`, `page.html.zst`, `page.html.gz` beside `page.html`.
 *
 * In:    the file's path, the codings that are offered; later the file's version.
 * Out:   which neighbours can stand for it; `isCurrent`: whether that is still true (one stat each, about 1 us).
 * Keeps: the first look runs off the event loop and leaves the directory's names in the kernel's cache; what follows is
 *        cheap. What makes a neighbour usable is in neighbour-fault.ts; part of it is seen when it is opened (variant-maker.ts),
 *        and its version is compared then.
 */
import { access } from "node:fs";
import { Coding } from "../../http/content-coding.ts";
import { FileStatus, statPath } from "../../sys/file-status.ts";
import { cPathOf, nodePathOf } from "../name-octets.ts";
import type { CodingSet } from "./coding-order.ts";
import { faultOf, NeighbourFault } from "./neighbour-fault.ts";

/** The suffix of a file's name, by `Coding`. */
export const CODING_SUFFIX: readonly string[] = ["", ".gz", ".br", ".zst"];

interface Place {
  readonly coding: Coding;
  readonly cPath: Buffer;
  readonly path: string;
  /** What is there, or null for nothing. */
  status: FileStatus | null;
  /** What was found wrong when it was opened. */
  rejectedFor: NeighbourFault;
}

/** A neighbour that is there and can't stand for the file. */
export interface UnusedNeighbour {
  readonly path: string;
  readonly fault: NeighbourFault;
}

const probe = new FileStatus();

export class Neighbours {
  private constructor(private readonly places: readonly Place[]) {}

  /** Looks beside the file at `path` for at least one coding. */
  static look(path: string, codings: readonly Coding[], done: (found: Neighbours) => void): void {
    const places: Place[] = codings.map((coding) => ({
      coding,
      path: `${path}${CODING_SUFFIX[coding]}`,
      cPath: cPathOf(`${path}${CODING_SUFFIX[coding]}`),
      status: null,
      rejectedFor: NeighbourFault.None,
    }));
    let left = places.length;
    for (const place of places) {
      access(nodePathOf(place.path), () => {
        if (statPath(place.cPath, probe) === 0) place.status = copyOf(probe);
        if (--left === 0) done(new Neighbours(places));
      });
    }
  }

  /** Codings whose neighbour can stand for this version of the file. */
  usableFor(file: FileStatus): CodingSet {
    const isUsable = ({ status }: Place) => faultOf(file, status) === NeighbourFault.None;
    return this.places.reduce((set, place) => set | (isUsable(place) ? 1 << place.coding : 0), 0);
  }

  /** Those that are there and can't stand for this version of the file. */
  unusedFor(file: FileStatus): UnusedNeighbour[] {
    const found = this.places.map(({ path, status, rejectedFor }) => ({
      path,
      fault: rejectedFor === NeighbourFault.None ? faultOf(file, status) : rejectedFor,
    }));
    return found.filter(({ fault }) => fault !== NeighbourFault.None && fault !== NeighbourFault.Absent);
  }

  /** It was opened, and is no use. Returns its path. */
  reject(coding: Coding, fault: NeighbourFault): string {
    const place = this.placeOf(coding);
    place.rejectedFor = fault;
    return place.path;
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
    return this.placeOf(coding).status!;
  }

  private placeOf(coding: Coding): Place {
    return this.places.find((place) => place.coding === coding)!;
  }
}

function copyOf(status: FileStatus): FileStatus {
  const copy = new FileStatus();
  copy.copyFrom(status);
  return copy;
}

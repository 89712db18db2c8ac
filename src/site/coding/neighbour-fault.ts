/**
 * Whether a compressed neighbour can stand for a file, and if not, why.
 *
 *   when the file is loaded   it is a regular file, not empty, smaller than the file, and not older
 *   when it is opened         it may be read, and begins as the coding does (coding-magic.ts)
 *
 * Why:   "not older" allows for LAG_MS. Tools that compress and copy in parallel, and stores that keep whole seconds, leave a
 *        neighbour a moment older than its file; one from an earlier build is older by more. Two files whose times are both
 *        a packer's (modification-date.ts) are equally old.
 */
import { FileKind, type FileStatus } from "../../sys/file-status.ts";
import { modificationDateOf } from "../load/modification-date.ts";

export enum NeighbourFault {
  None,
  Absent,
  NotAFile,
  Empty,
  NotSmaller,
  Older,
  Unreadable,
  NotOfCoding,
  count,
}

/** In words that follow the neighbour's name, by `NeighbourFault`. */
export const FAULT_TEXT: readonly string[] = [
  "can be used",
  "does not exist",
  "is not a regular file",
  "is empty",
  "is not smaller than the file",
  "is more than two seconds older than the file",
  "can't be read",
  "does not begin as its coding does",
];

/** How much older than its file a neighbour may be. */
const LAG_MS = 2000;

/** What speaks against a neighbour before it is opened; `neighbour` is null where none is there. */
export function faultOf(file: FileStatus, neighbour: FileStatus | null): NeighbourFault {
  if (neighbour === null) return NeighbourFault.Absent;
  if (neighbour.kind !== FileKind.File) return NeighbourFault.NotAFile;
  if (neighbour.size === 0) return NeighbourFault.Empty;
  if (neighbour.size >= file.size) return NeighbourFault.NotSmaller;
  const isOlder = neighbour.mtimeMs < file.mtimeMs - LAG_MS;
  return isOlder && !(isPacked(neighbour) && isPacked(file)) ? NeighbourFault.Older : NeighbourFault.None;
}

/** Whether its time was written by a packer. */
function isPacked({ mtimeMs }: FileStatus): boolean {
  return Number.isNaN(modificationDateOf(mtimeMs, mtimeMs));
}

/**
 * What was found on the way to an answer, and must still be true for the answer to be valid: a preferred file did not
 * exist, or a folder was a folder.
 *
 * Keeps: checking again is one stat (about 1 us).
 */
import { Errno } from "../../sys/errno.ts";
import { FileKind, FileStatus, statPath } from "../../sys/file-status.ts";
import { cPathOf } from "../name-octets.ts";

export enum Found {
  Nothing,
  Folder,
  /** A device, a file that may not be sent, …: only another look can tell. */
  Other,
}

const probe = new FileStatus();

export class Finding {
  private readonly cPath: Buffer;

  /** `path`: in full. */
  constructor(
    path: string,
    readonly found: Found,
  ) {
    this.cPath = cPathOf(path);
  }

  stillHolds(): boolean {
    switch (this.found) {
      case Found.Nothing: {
        const failure = -statPath(this.cPath, probe);
        return failure === Errno.ENOENT || failure === Errno.ENOTDIR || failure === Errno.ENAMETOOLONG;
      }
      case Found.Folder:
        return statPath(this.cPath, probe) === 0 && probe.kind === FileKind.Directory;
      case Found.Other:
        return false;
    }
  }
}

export function allHold(findings: readonly Finding[]): boolean {
  for (const finding of findings) {
    if (!finding.stillHolds()) return false;
  }
  return true;
}

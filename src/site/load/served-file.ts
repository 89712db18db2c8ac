/**
 * An open file that is served from its descriptor, and the version of it that its entity tag and length describe.
 *
 * Keeps: asking whether the file is still that version costs one statx (0.34 us), at most once per millisecond: a file that is
 *        rewritten or truncated in place is then loaded again, and not sent under its former tag until its path is
 *        revalidated.
 */
import { OpenFile } from "../../cache/open-file.ts";
import { FileStatus, statFd } from "../../sys/file-status.ts";

/** Within this time many requests share one check. */
const LOOK_MS = 1;

const probe = new FileStatus();

export class ServedFile extends OpenFile {
  private lookedMs = Number.NEGATIVE_INFINITY;

  /** Takes over `fd`; the caller is its first user. */
  constructor(
    fd: number,
    private readonly version: FileStatus,
  ) {
    super(fd);
  }

  /** `nowMs`: the monotonic clock. */
  isIntact(nowMs: number): boolean {
    if (nowMs - this.lookedMs < LOOK_MS) return true;
    if (statFd(this.fd, probe) !== 0 || !probe.isSameVersion(this.version)) return false;
    this.lookedMs = nowMs;
    return true;
  }
}

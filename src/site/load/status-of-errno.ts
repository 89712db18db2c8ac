/**
 * The status for a file that can't be opened or read (RFC 9110 §15.5, §15.6).
 *
 * In:    an error number. Out: a status that says why, without internal details.
 */
import { Errno } from "../../sys/errno.ts";

export function statusOfErrno(errno: number): number {
  switch (errno) {
    case Errno.ENOENT:
    case Errno.ENOTDIR:
    case Errno.ENAMETOOLONG:
    case Errno.ELOOP:
    case Errno.EINVAL:
    case Errno.EILSEQ: // a file system that takes UTF-8 only was asked for another name
    case Errno.ENXIO:
    case Errno.ENODEV:
      return 404;
    case Errno.EACCES:
    case Errno.EPERM:
      return 403;
    case Errno.EMFILE:
    case Errno.ENFILE:
    case Errno.ENOMEM:
      return 503;
    default:
      return 500;
  }
}

/**
 * The kernel's quick ways to a client, send(2) with MSG_MORE and sendfile(2), as far as this system allows them: a sandbox may refuse
 * either, and a file system may have no way from its files to a socket.
 *
 * In:    what sys/transmit.ts takes. Out: octets taken, `-EAGAIN` for a socket that is full, and
 *        `REFUSED`: not in this way, write it; the client is as well as before;
 *        any other `-errno`: the client is gone, or (`-EIO`) the file can't be read.
 * Keeps: one per worker. A call that is refused to the process isn't made again; the log says so once. Allocates nothing.
 * Why:   what a refusal looks like is up to the sandbox (ENOSYS, EPERM, any number), so only the errors that are known to be the
 *        client's count as such: if it is gone after all, the write that follows will tell.
 */
import { Errno, errnoName } from "../sys/errno.ts";
import { canTransmit, sendFile, sendMore } from "../sys/transmit.ts";
import type { Octets, Offset } from "../units.ts";

export const REFUSED = -Errno.EINVAL;

/** The calls of sys/transmit.ts; tests have their own. */
export interface TransmitCalls {
  readonly sendMore: typeof sendMore;
  readonly sendFile: typeof sendFile;
}

export class Transmitter {
  /** Whether heads may be sent ahead of what follows at once. */
  sendsAhead: boolean;
  /** Whether files may be sent by the kernel. */
  copiesFiles: boolean;
  /** Some refusals are of one file only, and come again with the next. */
  private hasWarned = false;

  constructor(
    private readonly warn: (message: string) => void,
    private readonly calls: TransmitCalls = { sendMore, sendFile },
    isAvailable: boolean = canTransmit,
  ) {
    this.sendsAhead = isAvailable;
    this.copiesFiles = isAvailable;
  }

  sendAhead(socketFd: number, bytes: Uint8Array, offset: number, octets: number): number {
    if (!this.sendsAhead) return REFUSED;
    const taken = this.calls.sendMore(socketFd, bytes, offset, octets);
    if (taken >= 0 || !isRefusal(taken)) return taken;
    this.sendsAhead = false;
    this.warn(`send(2) with MSG_MORE is refused here (${errnoName(taken)}): heads of files leave by themselves`);
    return REFUSED;
  }

  sendFile(socketFd: number, fileFd: number, offset: Offset, octets: Octets): number {
    if (!this.copiesFiles) return REFUSED;
    const taken = this.calls.sendFile(socketFd, fileFd, offset, octets);
    if (taken >= 0 || !isRefusal(taken)) return taken;
    if (isForProcess(taken)) this.copiesFiles = false;
    // EINVAL is how a file system says that it can't (sendfile(2)).
    if (taken !== -Errno.EINVAL) this.sayOnce(taken);
    return REFUSED;
  }

  private sayOnce(failure: number): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.warn(`sendfile(2) is refused here (${errnoName(failure)}): files are read and written instead`);
  }
}

/** Whether a failure says nothing about the client or the file. */
function isRefusal(failure: number): boolean {
  switch (-failure) {
    case Errno.EAGAIN:
    case Errno.EINTR: // before anything was sent: as good as "not now"
    case Errno.EIO:
    case Errno.EBADF:
    case Errno.EPIPE:
    case Errno.ECONNRESET:
    case Errno.ECONNABORTED:
    case Errno.ENOTCONN:
    case Errno.ETIMEDOUT:
    case Errno.ENETUNREACH:
    case Errno.EHOSTUNREACH:
      return false;
    default:
      return true;
  }
}

/** Whether no file fares better: it is the call that isn't there, or isn't permitted. */
function isForProcess(failure: number): boolean {
  return failure === -Errno.ENOSYS || failure === -Errno.EPERM || failure === -Errno.EACCES;
}

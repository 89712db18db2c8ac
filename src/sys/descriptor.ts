/**
 * What becomes of descriptors when a program is executed (fcntl(2)).
 *
 * Fails: `SystemError` (EBADF, EMFILE; ENOSYS without FFI).
 */
import { Errno, SystemError } from "./errno.ts";
import { errno, libc } from "./libc.ts";

const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

/** Whether the descriptor stays open in the program that this process executes next. */
export function setInherited(fd: number, isInherited: boolean): void {
  control(fd, F_SETFD, isInherited ? 0 : FD_CLOEXEC);
}

/** Another descriptor of the same open file, close-on-exec, with the lowest free number from `minimum` on. */
export function duplicateAbove(fd: number, minimum: number): number {
  return control(fd, F_DUPFD_CLOEXEC, minimum);
}

function control(fd: number, command: number, argument: number): number {
  if (libc === null) throw new SystemError("fcntl", Errno.ENOSYS, "no C library to call");
  const result = libc.fcntl(fd, command, argument);
  if (result < 0) throw new SystemError("fcntl", errno());
  return result;
}

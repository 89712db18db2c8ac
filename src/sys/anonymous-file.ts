/**
 * A file without a name, for octets that are worth a descriptor and not a path (memfd_create(2)).
 *
 * Out:   a descriptor, open for reading and writing, closed in programs that this process executes; the file is gone with its
 *        last descriptor. Its octets are memory of the system.
 * Why:   sendfile(2) takes octets from it as from any file, and a confined worker may create it.
 * Without FFI: a temporary file that is unlinked at once.
 * Fails: throws SystemError, or what node:fs throws: no descriptor, no memory, no temporary folder.
 */
import { randomUUID } from "node:crypto";
import { openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errno, SystemError } from "./errno.ts";
import { SystemCall, systemCall } from "./syscall.ts";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;

/** A descriptor, or `-errno`. `name`: what `/proc/PID/fd` shows. The file may be sealed (F_ADD_SEALS). */
export function createAnonymousFile(name: string): number {
  return systemCall(SystemCall.MemfdCreate, Buffer.from(`${name}\0`, "latin1"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

export function openAnonymousFile(name = "saker"): number {
  const fd = createAnonymousFile(name);
  if (fd >= 0) return fd;
  if (fd !== -Errno.ENOSYS) throw new SystemError("memfd_create", -fd);
  const path = join(tmpdir(), `saker-${randomUUID()}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}

/**
 * The program that workers run: which file it is, kept open, so that it can be run whatever happens at its path.
 *
 * In:    the path that this process was started by. Out: command lines; whether the file at the path is another one by now.
 * Keeps: a descriptor names the file and not the path: it can be run after it was deleted or replaced, and what was rehearsed
 *        is what is run. From source the program is Bun, and its script is read again by each process.
 * Without FFI: by path, and /proc/self/exe for what runs here.
 */
import { accessSync, closeSync, constants, existsSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { duplicateAbove } from "../sys/descriptor.ts";
import { Errno, SystemError } from "../sys/errno.ts";
import { libc } from "../sys/libc.ts";
import { hasOwnProgram, isCompiled, OWN_PROGRAM, ownProgram } from "../sys/own-program.ts";
import { StartError } from "./start-error.ts";

/** A child finds the descriptor under its own number, so that number must not collide with those of its sockets. */
const DESCRIPTORS_ABOVE = [4000, 200, 48];

export class Executable implements Disposable {
  private constructor(
    readonly path: string,
    /** −1 without FFI. */
    readonly fd: number,
    private readonly identity: string,
    private readonly pathWithoutFfi: string = "",
  ) {}

  /** What this process runs. `path` is where a newer executable is expected. */
  static own(path: string = ownPath()): Executable {
    if (libc !== null && hasOwnProgram()) return Executable.open(OWN_PROGRAM, path);
    const file = ownProgram();
    return new Executable(path, -1, identityOf(statSync(file)), file);
  }

  /** The executable at the path now. Throws StartError when it can't be executed. */
  static at(path: string): Executable {
    try {
      accessSync(path, constants.X_OK);
      const status = statSync(path);
      if (!status.isFile()) throw new StartError(`${path} is not a file`);
      return libc === null ? new Executable(path, -1, identityOf(status), path) : Executable.open(path, path);
    } catch (error) {
      if (error instanceof StartError) throw error;
      throw new StartError(`${path} can't be executed: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
    }
  }

  /** One that the previous program in this process kept open. */
  static inherited(path: string, fd: number): Executable {
    return new Executable(path, fd, identityOf(fstatSync(fd)));
  }

  private static open(file: string, path: string): Executable {
    const low = openSync(file, "r");
    try {
      const fd = duplicateHigh(low);
      return new Executable(path, fd, identityOf(fstatSync(fd)));
    } finally {
      closeSync(low);
    }
  }

  /** The path by which the kernel finds the file, in this process and in its children before they execute. */
  get file(): string {
    return this.fd === -1 ? this.pathWithoutFfi : `/proc/self/fd/${this.fd}`;
  }

  isSameFileAs(other: Executable): boolean {
    return this.identity === other.identity;
  }

  /** The command line of a child; `arguments_` are those after the program (and, from source, its script). */
  command(...arguments_: string[]): string[] {
    return isCompiled ? [this.file, ...arguments_] : [this.file, ...process.execArgv, Bun.main, ...arguments_];
  }

  close(): void {
    if (this.fd !== -1) closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** As high as the limit of descriptors lets it. */
function duplicateHigh(fd: number): number {
  for (const minimum of DESCRIPTORS_ABOVE) {
    try {
      return duplicateAbove(fd, minimum);
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== Errno.EINVAL) throw error;
    }
  }
  throw new StartError("the limit of open descriptors is too low (ulimit -n); 256 are enough to begin with");
}

/** The command line of this process, as it was given. */
export function ownArguments(): string[] {
  return existsSync("/proc/self/cmdline")
    ? readFileSync("/proc/self/cmdline", "utf8").split("\0").slice(0, -1)
    : [process.argv0, ...process.argv.slice(isCompiled ? 2 : 1)];
}

/**
 * The path by which saker was started, as it was spelled: it may be a link, which an upgrade points elsewhere. When it
 * isn't what runs here (a script in between), where the executable was found.
 */
function ownPath(): string {
  const name = ownArguments()[0] ?? "";
  const path = name.includes("/") ? resolve(name) : Bun.which(name);
  if (path === null || !existsSync(path) || !hasOwnProgram()) return process.execPath;
  return identityOf(statSync(path)) === identityOf(statSync(OWN_PROGRAM)) ? path : process.execPath;
}

function identityOf({ dev, ino, mtimeMs, size }: ReturnType<typeof statSync> & object): string {
  return `${dev}:${ino}:${mtimeMs}:${size}`;
}

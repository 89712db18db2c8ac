/**
 * One program in place of another in the same process (execve(2)): the process id, its children, and every descriptor that
 * is inherited stay.
 *
 * In:    the program's path, its arguments and environment, and the signals that must not be lost in between.
 * Out:   nothing: on success the caller is no more.
 * Keeps: handlers go with the old program, and a signal that came before the new one has its own would end the process. So
 *        they are blocked, which the new program inherits; it calls `admitSignals` when its handlers stand.
 * Fails: `SystemError`; then all is as it was.
 */
import { constants } from "node:os";
import { ptr } from "bun:ffi";
import { Errno, SystemError } from "./errno.ts";
import { errno, libc } from "./libc.ts";

const SIG_BLOCK = 0;
const SIG_UNBLOCK = 1;
/** sigset_t of glibc; the kernel reads the first eight octets. */
const SIGNAL_SET_OCTETS = 128;

export type ProgramImage = {
  readonly path: string;
  /** With the name of the program as the first one. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Call it from the main thread, the parent of our children: PR_SET_PDEATHSIG reports the end of a thread. */
export function replaceProcess({ path, argv, env }: ProgramImage, signals: readonly NodeJS.Signals[]): never {
  if (libc === null) throw new SystemError("execve", Errno.ENOSYS, "no C library to call");
  const program = cString(path);
  const given = argv.map(cString);
  const variables = Object.entries(env).map(([name, value]) => cString(`${name}=${value ?? ""}`));
  const [givenPointers, variablePointers] = [pointersTo(given), pointersTo(variables)];
  changeMask(SIG_BLOCK, signals);
  libc.execve(ptr(program), ptr(givenPointers), ptr(variablePointers));
  const number = errno();
  admitSignals(signals);
  // The texts are in use up to here, so they were alive during the call.
  throw new SystemError("execve", number, `${path}, ${given.length} arguments, ${variables.length} variables`);
}

/** Lets signals through that were blocked when this program was executed; those that came meanwhile come now. */
export function admitSignals(signals: readonly NodeJS.Signals[]): void {
  changeMask(SIG_UNBLOCK, signals);
}

function changeMask(how: number, signals: readonly NodeJS.Signals[]): void {
  if (libc === null) return;
  const set = new Uint8Array(SIGNAL_SET_OCTETS);
  for (const signal of signals) {
    const bit = constants.signals[signal] - 1;
    set[bit >> 3]! |= 1 << (bit & 7);
  }
  libc.sigprocmask(how, ptr(set), null);
}

function pointersTo(texts: readonly Uint8Array[]): BigUint64Array {
  return new BigUint64Array([...texts.map((text) => BigInt(ptr(text))), 0n]);
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

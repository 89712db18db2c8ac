/**
 * Runs a command under a filter that refuses system calls, as a container's sandbox may (seccomp(2)).
 *
 *     bun test/support/refuse-calls.ts ERRNO NUMBER[,NUMBER…] COMMAND…
 *
 * In:    the error number that they answer, their numbers for this machine's architecture. `NUMBER:ARGUMENT:BIT` refuses only calls that
 *        have the bit in that argument.
 * Keeps: the command has the same process id; the filter holds for its children, too. Needs FFI, and Linux on x86-64 or arm64.
 */
import { ptr } from "bun:ffi";
import { libc } from "../../src/sys/libc.ts";
import { setNoNewPrivileges } from "../../src/sys/privileges.ts";
import { environmentAtStart } from "../../src/sys/process.ts";
import { replaceProcess } from "../../src/sys/replace-process.ts";
import { encodeProgram, type Instruction, Opcode } from "../../src/sys/socket-filter.ts";

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const ALLOW = 0x7fff_0000;
const ERRNO = 0x0005_0000;
const FIRST_ARGUMENT = 16;

/** What wraps a command so; for Linux on x86-64. */
export function refusing(errno: number, calls: string): string[] {
  return [process.execPath, import.meta.path, String(errno), calls];
}

/** Whether such filters work here. */
export function canRefuse(): boolean {
  if (libc === null || process.arch !== "x64") return false;
  return Bun.spawnSync([...refusing(1, "300"), "/bin/true"], { stderr: "ignore" }).exitCode === 0;
}

function instructionsFor(call: string, errno: number): Instruction[] {
  const [number, argument, bit] = call.split(":").map(Number) as [number, number?, number?];
  const refuse: Instruction = [Opcode.Return, 0, ERRNO | errno];
  if (argument === undefined) return [[Opcode.JumpIfEqual, 1, number], refuse];
  return [
    [Opcode.JumpIfEqual, 4, number],
    [Opcode.LoadWord, 0, FIRST_ARGUMENT + 8 * argument],
    [Opcode.JumpIfAnyBit, 1, bit!],
    refuse,
    [Opcode.LoadWord, 0, 0],
  ];
}

if (import.meta.main) {
  const [errno, calls, ...command] = process.argv.slice(2) as [string, string, ...string[]];
  const filter = calls.split(",").flatMap((call) => instructionsFor(call, Number(errno)));
  const { program, octets } = encodeProgram([[Opcode.LoadWord, 0, 0], ...filter, [Opcode.Return, 0, ALLOW]]);
  if (!setNoNewPrivileges()) throw new Error("no_new_privs is refused");
  if (libc!.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ptr(program), 0, 0) !== 0) throw new Error("no filter");
  const path = Bun.which(command[0]!);
  if (path === null || octets.length === 0) throw new Error(`${command[0]} can't be found`);
  replaceProcess({ path, argv: command, env: environmentAtStart() }, []);
}

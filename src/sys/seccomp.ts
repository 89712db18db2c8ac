/**
 * A filter of system calls: those that no worker makes answer EPERM from here on (seccomp(2)).
 *
 * In:    nothing. Out: whether the filter is in force.
 * Keeps: for good, for the calling thread, for threads and programs it starts later; it must have no_new_privs. It is a list
 *        of what is refused, not of what is allowed: the runtime and the C library may take to new calls with any version,
 *        and that must not break a server. It closes the way into rarely used parts of the kernel, and to
 *        sockets that Landlock doesn't cover (UDP, raw, netlink): only unix sockets can be created.
 * Cost:  6.05 and 6.09 us of CPU for a cached request without and with such a filter, in rounds that spread by 0.2 us: the
 *        kernel remembers which calls are always allowed (EPYC VM, Linux 6.18, 2026-11-20).
 * Source: linux/seccomp.h, linux/audit.h; asm/unistd_64.h of x86-64 and asm-generic/unistd.h for arm64.
 */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";
import { encodeProgram, type Instruction, Opcode } from "./socket-filter.ts";

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const ALLOW = 0x7fff_0000;
const REFUSE = 0x0005_0001; // SECCOMP_RET_ERRNO with EPERM

/** struct seccomp_data. */
enum DataOffset {
  Number = 0,
  Architecture = 4,
  FirstArgument = 16,
}

const AF_UNIX = 1;

interface Numbers {
  /** AUDIT_ARCH_… */
  readonly architecture: number;
  readonly socket: number;
  readonly refused: readonly number[];
}

/** Numbers that all architectures share, from 424 on. */
const SHARED = [
  425,
  426,
  427, // io_uring_setup, io_uring_enter, io_uring_register
  428,
  429,
  430,
  431,
  432,
  442, // open_tree, move_mount, fsopen, fsconfig, fsmount, mount_setattr
];

/**
 * ptrace, process_vm_readv, process_vm_writev, kcmp; mount, umount2, pivot_root, chroot, open_by_handle_at; init_module,
 * finit_module, delete_module, kexec_load, kexec_file_load, reboot, swapon, swapoff; bpf, perf_event_open, userfaultfd; add_key,
 * request_key, keyctl; unshare, setns.
 */
const NUMBERS: Readonly<Record<string, Numbers>> = {
  x64: {
    architecture: 0xc000_003e,
    socket: 41,
    refused: [
      101, 310, 311, 312, 165, 166, 155, 161, 304, 175, 313, 176, 246, 320, 169, 167, 168, 321, 298, 323, 248, 249, 250,
      272, 308,
    ],
  },
  arm64: {
    architecture: 0xc000_00b7,
    socket: 198,
    refused: [
      117, 270, 271, 272, 40, 39, 41, 51, 265, 105, 273, 106, 104, 294, 142, 224, 225, 280, 241, 282, 217, 218, 219, 97,
      268,
    ],
  },
};

/** x86-64's second set of numbers (x32) has this bit. */
const X32_BIT = 0x4000_0000;

/** False where there is no such filter: an architecture without a table, a kernel without it, no FFI. `connects`: with any socket. */
export function refuseRareCalls(connects = false): boolean {
  const numbers = NUMBERS[process.arch];
  if (libc === null || numbers === undefined) return false;
  const { program, octets } = encodeProgram(filterOf(numbers, connects));
  const isTaken = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ptr(program), 0, 0) === 0;
  return isTaken && octets.length > 0; // `octets` is in use up to here, so it is alive during the call
}

function filterOf({ architecture, socket, refused }: Numbers, connects: boolean): Instruction[] {
  const refuse: Instruction = [Opcode.Return, 0, REFUSE];
  const allow: Instruction = [Opcode.Return, 0, ALLOW];
  const afterArchitecture: Instruction[] = [
    [Opcode.LoadWord, 0, DataOffset.Number],
    [Opcode.JumpIfAnyBit, 1, X32_BIT],
    refuse,
    ...refused.concat(SHARED).flatMap((number): Instruction[] => [[Opcode.JumpIfEqual, 1, number], refuse]),
    ...(connects ? [] : onlyUnixSockets(socket)),
    allow,
  ];
  return [
    [Opcode.LoadWord, 0, DataOffset.Architecture],
    // Numbers of another architecture mean something else: none of them is allowed.
    [Opcode.JumpIfEqual, afterArchitecture.length, architecture],
    ...afterArchitecture,
    refuse,
  ];
}

/** Another call than socket(2) skips them all, another family than unix is refused. */
function onlyUnixSockets(socket: number): Instruction[] {
  return [
    [Opcode.JumpIfEqual, 4, socket],
    [Opcode.LoadWord, 0, DataOffset.FirstArgument],
    [Opcode.JumpIfEqual, 1, AF_UNIX],
    [Opcode.Return, 0, ALLOW],
    [Opcode.Return, 0, REFUSE],
  ];
}

/**
 * Classic BPF programs, as sockets (socket(7)) and seccomp(2) take them (linux/filter.h).
 *
 * In:    instructions as rows. Out: octets; true when a socket took the program.
 * Keeps: the kernel copies the program; nothing has to outlive the call.
 */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

const SOL_SOCKET = 1;
const INSTRUCTION_OCTETS = 8;

/** linux/bpf_common.h */
export enum Opcode {
  LoadWord = 0x20,
  LoadOctet = 0x30,
  Modulo = 0x94,
  JumpIfEqual = 0x15,
  JumpIfAnyBit = 0x45,
  Return = 0x06,
}

/** Jumps tell how many instructions to skip when the condition doesn't hold. */
export type Instruction = readonly [code: Opcode, skipIfNot: number, operand: number];

/** A program as the kernel takes it. `program` refers to `octets`, which must live as long. */
export type EncodedProgram = { readonly program: DataView; readonly octets: Uint8Array };

export function encodeProgram(instructions: readonly Instruction[]): EncodedProgram {
  // struct sock_filter { u16 code; u8 jumpTrue; u8 jumpFalse; u32 k; }
  const filter = new DataView(new ArrayBuffer(instructions.length * INSTRUCTION_OCTETS));
  instructions.forEach(([code, skipIfNot, operand], index) => {
    const offset = index * INSTRUCTION_OCTETS;
    filter.setUint16(offset, code, true);
    filter.setUint8(offset + 3, skipIfNot);
    filter.setUint32(offset + 4, operand, true);
  });
  const octets = new Uint8Array(filter.buffer);
  // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, instructions.length, true);
  program.setBigUint64(8, BigInt(ptr(octets)), true);
  return { program, octets };
}

/** Attaches a program by one of the SO_ATTACH_… options. */
export function attachProgram(fd: number, option: number, instructions: readonly Instruction[]): boolean {
  if (libc === null) return false;
  const { program, octets } = encodeProgram(instructions);
  const taken = libc.setsockopt(fd, SOL_SOCKET, option, ptr(program), 16) === 0;
  return taken && octets.length > 0; // `octets` is in use up to here, so it is alive during the call
}

/**
 * Choosing which sockets of a SO_REUSEPORT group get new connections (socket(7), SO_ATTACH_REUSEPORT_CBPF).
 *
 * In:    any socket of the group, and the places in the group that may get connections. A socket's place is the order in
 *        which it began to listen, from 0, as long as none of the group was closed.
 * Out:   true when the kernel took the choice; it holds until the next one, for all sockets of the group.
 * Keeps: connections already waiting in a backlog stay there: some worker must go on accepting from every socket.
 * Why:   without it the kernel deals connections to sockets that no worker serves at the moment (a worker that waits for its
 *        restart, workers taken away by a reload), where they wait.
 * How:   a classic BPF program of the kernel runs for each new connection and returns a place: a random one of those given.
 *        Spreading is even either way; the kernel's own is by a hash of addresses and ports.
 */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";
import { attachProgram, type Instruction, Opcode } from "./socket-filter.ts";

const SOL_SOCKET = 1;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const SO_DETACH_REUSEPORT_BPF = 68;

const SKF_AD_RANDOM = 0xfffff000 + 56;

/** BPF_MAXINSNS is 4096, and a place takes two instructions. */
const STEERED_SOCKETS_MAX = 2000;

/** New connections go to one of `places`, at random. `places` is neither empty nor longer than STEERED_SOCKETS_MAX. */
export function steerConnections(fd: number, places: readonly number[]): boolean {
  if (libc === null || places.length === 0 || places.length > STEERED_SOCKETS_MAX) return false;
  return attachProgram(fd, SO_ATTACH_REUSEPORT_CBPF, assembleProgram(places));
}

/** Back to the kernel's own choice among all sockets of the group. */
export function stopSteering(fd: number): boolean {
  const none = new Int32Array(1);
  return libc !== null && libc.setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, ptr(none), 4) === 0;
}

/** A random place: the random number modulo their count, looked up by comparing. */
function assembleProgram(places: readonly number[]): Instruction[] {
  const last = places.length - 1;
  const instructions: Instruction[] = [
    [Opcode.LoadWord, 0, SKF_AD_RANDOM],
    [Opcode.Modulo, 0, places.length],
  ];
  places.forEach((place, index) => {
    if (index < last) instructions.push([Opcode.JumpIfEqual, 1, index]);
    instructions.push([Opcode.Return, 0, place]);
  });
  return instructions;
}

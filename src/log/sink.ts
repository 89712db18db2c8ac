/**
 * Where a log's octets go: the one descriptor, how it is opened, and how much one write may hold.
 *
 * In:    `-` or a path, which may be the name of a descriptor that this process has (`/dev/stdout`, or a link to it).
 * Out:   `Sink`; LogOpenError when there is none.
 * Units: octets.
 * Keeps: nothing here waits for a reader if the system has a way to avoid it; descriptors shared with others are not changed.
 * Source: write(2) and pipe(7): writes of at most PIPE_BUF (4096) octets to a pipe are atomic; on a regular file
 *        O_APPEND makes "seek to the end and write" one step, so a whole buffer may go out in one call.
 */
import { closeSync, constants, fstatSync, openSync, type Stats, statSync, writeSync } from "node:fs";
import { Errno, SystemError } from "../sys/errno.ts";
import { ownDescriptor } from "../sys/named-descriptor.ts";
import { canTransmit, sendMore } from "../sys/transmit.ts";

/** Longest line, LF included: PIPE_BUF on Linux, so that any line goes through a pipe in one piece. */
export const LINE_OCTETS_MAX = 4096;

/** A log could not be opened; `message` is one line for people. */
export class LogOpenError extends Error {
  constructor(
    readonly path: string,
    readonly reason: string,
    cause: unknown,
  ) {
    super(`cannot open the log ${path}: ${reason}`, { cause });
    this.name = "LogOpenError";
  }
}

export interface Sink {
  fd: number;
  /** Whether `close` may close it: not so for the process's own standard output. */
  owned: boolean;
  /** The inherited descriptor that it writes to, perhaps by another one; null for a file that was opened by its name. */
  standsFor: number | null;
  /** Octets that one write may hold: a pipe's PIPE_BUF; as many as there are for a regular file. */
  pieceOctets: number;
  /** Whether it is a socket (systemd's journal), which send(2) can write to without waiting. */
  socket: boolean;
}

/**
 * O_NONBLOCK: a FIFO without a reader is an error at once (ENXIO), and one whose reader is stuck fails with EAGAIN instead of
 * blocking the worker. Regular files ignore it.
 */
export const SINK_FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;

export function openSink(target: string, standardFd: 1 | 2): Sink {
  const own = ownDescriptorOf(target, standardFd);
  if (own !== null) return descriptorSink(target, own);
  try {
    return describeSink(openSync(target, SINK_FLAGS | constants.O_CREAT, 0o640), null);
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new LogOpenError(target, code === "ENXIO" ? whyNotOpened(target) : code, error);
  }
}

/** The descriptor of this process that a target stands for; null for a file. */
export function ownDescriptorOf(target: string, standardFd: 1 | 2): number | null {
  return target === "-" ? standardFd : ownDescriptor(target);
}

/** ENXIO has two causes that have nothing in common (open(2)). */
function whyNotOpened(target: string): string {
  const isSocket = statSync(target, { throwIfNoEntry: false })?.isSocket() === true;
  return isSocket ? "it is a socket, which can't be opened by a name" : "no program reads from this pipe";
}

/**
 * A pipe or terminal is reopened through /proc, which gives an open file description of its own that may be non-blocking:
 * setting O_NONBLOCK on the inherited one would change it under the shell and every other process that holds it. A
 * regular file keeps the inherited description, whose offset all of them share; so does a socket, where send(2) has a
 * flag for not waiting.
 */
function descriptorSink(target: string, fd: number): Sink {
  const inherited = describeInherited(target, fd);
  if (inherited.socket || inherited.pieceOctets > LINE_OCTETS_MAX) return inherited;
  try {
    return { ...inherited, fd: openSync(`/proc/self/fd/${fd}`, SINK_FLAGS), owned: true };
  } catch {
    return inherited; // no /proc, or another user's pipe: write to the inherited one, which may block
  }
}

function describeInherited(target: string, fd: number): Sink {
  let status: Stats;
  try {
    status = fstatSync(fd);
  } catch (error) {
    if (fd > 2) throw new LogOpenError(target, `descriptor ${fd} is not open`, error);
    // A standard one that is closed: the first write fails and reports it.
    return { fd, owned: false, standsFor: fd, pieceOctets: LINE_OCTETS_MAX, socket: false };
  }
  const takesLines = status.isFile() || status.isFIFO() || status.isSocket() || status.isCharacterDevice();
  if (fd <= 2 || takesLines) return describeSink(fd, fd);
  throw new LogOpenError(target, `descriptor ${fd} is no file, pipe, socket or terminal`, null);
}

function describeSink(fd: number, standsFor: number | null): Sink {
  const status = fstatSync(fd);
  const pieceOctets = status.isFile() ? Number.MAX_SAFE_INTEGER : LINE_OCTETS_MAX;
  return { fd, owned: standsFor === null, standsFor, pieceOctets, socket: canTransmit && status.isSocket() };
}

export function closeSink(sink: Sink): void {
  if (sink.owned) closeSync(sink.fd);
}

/** One write of `bytes[from, from + octets)`; returns the octets taken or throws an error that has a `code`. */
export function writeToSink(sink: Sink, bytes: Uint8Array, from: number, octets: number): number {
  if (!sink.socket) return writeSync(sink.fd, bytes, from, octets);
  const taken = sendMore(sink.fd, bytes, from, octets);
  if (taken >= 0) return taken;
  if (!isRefused(taken)) throw new SystemError("send", -taken);
  sink.socket = false;
  return writeSync(sink.fd, bytes, from, octets);
}

/** Whether the call is refused, and not by what is behind the socket. */
function isRefused(failure: number): boolean {
  return failure === -Errno.ENOSYS || failure === -Errno.EPERM || failure === -Errno.EOPNOTSUPP;
}

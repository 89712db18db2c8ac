/**
 * Logs that are descriptors of the master (`/dev/fd/5`, or a link to one), for workers, where they have other numbers.
 *
 * In:    settings as configured; the first descriptor that is free in a worker.
 * Out:   settings in which such a log has the name it has in the worker, and what the worker inherits from there on.
 * Why:   standard output and standard error are the same in every process. A worker's other numbers belong to its sockets, and
 *        a confined worker may not open what belongs to another process (`/proc/1/fd/1`, the output of a container).
 * Fails: LogOpenError for a descriptor that isn't open.
 */
import { closeSync, openSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { LogOpenError, SINK_FLAGS } from "../log/sink.ts";
import { isOpenDescriptor, namedDescriptor, ownDescriptor } from "../sys/named-descriptor.ts";

type LogSettings = Pick<Settings, "access_log" | "error_log">;

const STANDARD_NAMES: Readonly<Record<number, string>> = { 1: "/dev/stdout", 2: "/dev/stderr" };

export type WorkerLogs = {
  readonly settings: Settings;
  /** Of this process; the worker sees them from `firstFd` on. */
  readonly fds: readonly number[];
  /** Call it once the worker has been spawned. */
  close(): void;
};

export function logsForWorker(settings: Settings, firstFd: number): WorkerLogs {
  const fds: number[] = [];
  const opened: number[] = [];
  const close = (): void => opened.forEach((fd) => closeSync(fd));
  const inWorker = (target: string): string => {
    const named = namedDescriptor(target);
    if (named === null) return target;
    if (named.isOwn && STANDARD_NAMES[named.number] !== undefined) return STANDARD_NAMES[named.number]!;
    const fd = named.isOwn ? own(target, named.number) : openForeign(target);
    if (!named.isOwn) opened.push(fd);
    fds.push(fd);
    return `/dev/fd/${firstFd + fds.length - 1}`;
  };
  try {
    const { access_log, error_log } = settings;
    const logs: LogSettings = {
      access_log: access_log === false ? false : inWorker(access_log),
      error_log: inWorker(error_log),
    };
    return { settings: { ...settings, ...logs }, fds, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Throws LogOpenError for a log that no worker could be given. */
export function checkLogs(settings: Settings): void {
  logsForWorker(settings, 0).close();
}

/** Descriptors of this process, besides the standard ones, that logs are written to: they have to survive an upgrade. */
export function logDescriptors({ access_log, error_log }: LogSettings): number[] {
  const numbers = [access_log, error_log].map((log) => (log === false ? null : ownDescriptor(log)));
  return [...new Set(numbers)].filter((fd) => fd !== null && fd > 2 && isOpenDescriptor(fd)) as number[];
}

/** The same settings for a process that doesn't have the descriptors: such logs go to its standard ones. */
export function withStandardLogs(settings: Settings): Settings {
  const { access_log, error_log } = settings;
  return {
    ...settings,
    access_log: access_log !== false && ownDescriptor(access_log) !== null ? "-" : access_log,
    error_log: ownDescriptor(error_log) !== null ? "-" : error_log,
  };
}

function own(target: string, fd: number): number {
  if (isOpenDescriptor(fd)) return fd;
  throw new LogOpenError(target, `descriptor ${fd} is not open`, null);
}

function openForeign(target: string): number {
  try {
    return openSync(target, SINK_FLAGS);
  } catch (error) {
    throw new LogOpenError(target, (error as NodeJS.ErrnoException).code ?? "unknown error", error);
  }
}

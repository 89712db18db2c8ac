/**
 * Compressing for clients that wait: one input after the other, in the order they come, and never a long queue.
 *
 * In:    octets, coding and level. Out: the coded octets, later; or at once the answer that it would take too long.
 * Units: octets.
 * Why one at a time: the runtime's threads also open and read files, and there are as many of them as CPUs. Compressing
 *        is bounded to one of them.
 * Why a bound: a client that waits for smaller octets gains as long as its wait is shorter than what it saves. At
 *        40 MB/s (bench/micro/content-coding.bench.ts) 2 MiB are 50 ms; a request beyond that is better served with the uncoded
 *        content.
 */
import type { Coding } from "../../http/content-coding.ts";
import { compress } from "./compress.ts";

/** Octets that may wait, the input that is being compressed included. Larger files are compressed in the background (large-files.ts). */
export const WAITING_OCTETS_MAX = 2 * 1024 * 1024;

/** The coded octets, or null when the library failed; and the time it took. */
export type QueueDone = (coded: Buffer | null, milliseconds: number) => void;

interface Job {
  readonly coding: Coding;
  readonly level: number;
  readonly octets: Buffer;
  readonly done: QueueDone;
}

export class CompressionQueue {
  private readonly jobs: Job[] = [];
  private readonly idleAwaited: (() => void)[] = [];
  private waiting = 0;
  private reserved = 0;

  hasRoomFor(octets: number): boolean {
    return this.waiting + this.reserved + octets <= WAITING_OCTETS_MAX;
  }

  /** Whether this many more octets may be added; they are counted from now on, until `add` or `giveUp`. */
  reserve(octets: number): boolean {
    if (!this.hasRoomFor(octets)) return false;
    this.reserved += octets;
    return true;
  }

  /** What was reserved is not needed. */
  giveUp(octets: number): void {
    this.reserved -= octets;
  }

  /** Compresses octets for which room was reserved. */
  add(coding: Coding, level: number, octets: Buffer, done: QueueDone): void {
    this.reserved -= octets.length;
    this.waiting += octets.length;
    this.jobs.push({ coding, level, octets, done });
    if (this.jobs.length === 1) this.start();
  }

  /** Resolves when nothing is waited for any more; null if nothing is. */
  whenIdle(): Promise<void> | null {
    if (this.jobs.length === 0) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.idleAwaited.push(resolve);
    return promise;
  }

  private start(): void {
    const job = this.jobs[0];
    if (job === undefined) return;
    const startedMs = performance.now();
    compress(job.coding, job.level, job.octets, (coded) => {
      const milliseconds = performance.now() - startedMs;
      this.jobs.shift();
      this.waiting -= job.octets.length;
      this.start();
      job.done(coded, milliseconds);
      if (this.jobs.length === 0) for (const resolve of this.idleAwaited.splice(0)) resolve();
    });
  }
}

/**
 * Recompressing variants at their best level once they prove popular: worth seconds of CPU, because they are sent so often.
 *
 * In:    variants that were asked for `upgradeHits` times; a tick a second.
 * Out:   the better variant in place of the former, with an entity tag of its own (coded-entity-tag.ts says what becomes of
 *        clients that hold the former).
 * Bounds: one at a time, in a process of the lowest priority (low-priority-compressor.ts); none is begun while this worker
 *        was busy in the last second; after each a pause, so that on average `cpuPercent` of one CPU is never exceeded;
 *        a queue of QUEUE_MAX; files of at most WAITING_OCTETS_MAX, as with everything compressed here.
 */
import type { Compressor } from "./low-priority-compressor.ts";
import { readContent, type VariantMaker } from "./variant-maker.ts";
import type { Variant } from "./variant.ts";
import type { HotListener, Variants } from "./variants.ts";

/** Variants waiting to be recompressed; one that finds it full is offered again after as many requests. */
const QUEUE_MAX = 64;

/** More of one CPU than this in the last second is "busy". */
const BUSY_SHARE = 0.5;

/** The best levels, by `Coding`; 0 = not worth it: gzip's best is 1 % smaller than its usual one. */
const BEST_LEVELS: readonly number[] = [0, 0, 11, 19];

/** A better variant is at least this much smaller, or it isn't worth new octets in every client's cache. */
const IMPROVEMENT_MIN = 0.02;

export interface UpgraderOptions {
  readonly enabled: boolean;
  readonly upgradeHits: number;
  readonly cpuPercent: number;
}

interface Candidate {
  readonly variants: Variants;
  readonly variant: Variant;
}

export class Upgrader implements HotListener {
  readonly hotAfter: number;
  private readonly queue: Candidate[] = [];
  private isRunning = false;
  private isStopped = false;
  private notBeforeMs = 0;
  private lastTickMs = Number.NaN;
  private lastCpuMs = 0;

  constructor(
    private readonly options: UpgraderOptions,
    private readonly compressor: Compressor,
    private readonly maker: VariantMaker,
  ) {
    this.hotAfter = options.enabled ? options.upgradeHits : Number.POSITIVE_INFINITY;
  }

  becameHot(variants: Variants, variant: Variant): void {
    if (BEST_LEVELS[variant.coding] === 0) return;
    if (this.queue.length < QUEUE_MAX) this.queue.push({ variants, variant });
    else variant.hits = 0;
  }

  /** Once a second. `nowMs`: the monotonic clock; `cpuMs`: CPU time this process has taken in all. */
  tick(nowMs: number, cpuMs: number): void {
    const share = (cpuMs - this.lastCpuMs) / (nowMs - this.lastTickMs);
    this.lastTickMs = nowMs;
    this.lastCpuMs = cpuMs;
    const isIdle = share <= BUSY_SHARE; // not so at the first tick, when nothing is known
    if (isIdle && !this.isRunning && !this.isStopped && nowMs >= this.notBeforeMs) void this.upgradeNext();
  }

  /** The worker is about to end. */
  stop(): void {
    this.isStopped = true;
    this.compressor.stop();
  }

  private async upgradeNext(): Promise<void> {
    let next = this.queue.shift();
    while (next !== undefined && !next.variants.isReady(next.variant)) next = this.queue.shift();
    if (next === undefined) return;
    this.isRunning = true;
    try {
      await this.upgrade(next);
    } catch {
      // No process, no memory: the variant stays as it is. No request waits for this.
      this.pauseAfter(1000);
    }
    this.isRunning = false;
  }

  private async upgrade({ variants, variant }: Candidate): Promise<void> {
    const content = await new Promise<Buffer | null>((resolve) => readContent(variants, resolve));
    if (content === null) return;
    const { coding } = variant;
    const { coded, cpuMs } = await this.compressor.compress(coding, BEST_LEVELS[coding]!, content);
    this.pauseAfter(cpuMs);
    const isBetter = coded !== null && coded.length <= variant.replies.size * (1 - IMPROVEMENT_MIN);
    this.maker.countUpgrade(cpuMs, isBetter);
    if (isBetter && variants.isReady(variant)) this.maker.keepCoded(variants, coding, coded, variant);
  }

  private pauseAfter(cpuMs: number): void {
    this.notBeforeMs = performance.now() + cpuMs * (100 / this.options.cpuPercent - 1);
  }
}

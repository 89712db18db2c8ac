/**
 * Recompressing variants at their best level once they prove popular: worth seconds of CPU, because they are sent so often.
 *
 * In:    variants that were asked for `hotAfter` times.
 * Out:   the better variant in place of the former, with an entity tag of its own (coded-entity-tag.ts says what becomes of
 *        clients that hold the former).
 * Bounds: those of background.ts; files of at most WAITING_OCTETS_MAX, as with everything that is compressed in memory.
 */
import type { Background } from "./background.ts";
import type { Compressor } from "./low-priority-compressor.ts";
import { readContent, type VariantMaker } from "./variant-maker.ts";
import type { Variant } from "./variant.ts";
import type { HotListener, Variants } from "./variants.ts";

/** The best levels, by `Coding`; 0 = not worth it: gzip's best is 1 % smaller than its usual one. */
const BEST_LEVELS: readonly number[] = [0, 0, 11, 19];

/** A better variant is at least this much smaller, or it isn't worth new octets in every client's cache. */
const IMPROVEMENT_MIN = 0.02;

export class Upgrader implements HotListener {
  /** `hotAfter`: Infinity turns it off. */
  constructor(
    readonly hotAfter: number,
    private readonly background: Background,
    private readonly compressor: Compressor,
    private readonly maker: VariantMaker,
  ) {}

  /** One that finds the queue full is offered again after as many requests. */
  becameHot(variants: Variants, variant: Variant): void {
    if (BEST_LEVELS[variant.coding] === 0) return;
    const isWanted = (): boolean => variants.isReady(variant);
    const run = (): Promise<number> => this.upgrade(variants, variant);
    if (!this.background.add({ canWait: true, isWanted, run })) variant.hits = 0;
  }

  private async upgrade(variants: Variants, variant: Variant): Promise<number> {
    const content = await new Promise<Buffer | null>((resolve) => readContent(variants, resolve));
    if (content === null) return 0;
    const { coding } = variant;
    const { coded, cpuMs } = await this.compressor.compress(coding, BEST_LEVELS[coding]!, content);
    const isBetter = coded !== null && coded.length <= variant.replies.size * (1 - IMPROVEMENT_MIN);
    this.maker.countUpgrade(cpuMs, isBetter);
    if (isBetter && variants.isReady(variant)) this.maker.keepCoded(variants, coding, coded, variant);
    return cpuMs;
  }
}

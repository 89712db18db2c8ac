/**
 * Compressing files that are too large to wait for: once, in the background, while clients get them uncoded.
 *
 *     request ──identity──► client        background.ts ──file──► compressor ──► anonymous file ──► variant
 *
 * In:    files that a client would take in a coding.
 * Out:   a variant whose content lies in a file without a name (sys/anonymous-file.ts), sent as any file is, or in memory if it
 *        is small. It is charged to the variants' share of the cache with all its octets, and its descriptor is counted like
 *        every other.
 * Bounds: those of background.ts; a file is read and compressed piece by piece, by another process, so this one's memory doesn't
 *        grow. A variant that would take more than SHARE_MAX of the variants' room, or save too little, is given up as soon
 *        as that shows, and the file stays uncoded.
 */
import { areFilesAtLimit } from "../../cache/open-file.ts";
import type { Coding } from "../../http/content-coding.ts";
import { openAnonymousFile } from "../../sys/anonymous-file.ts";
import { FileStatus, statFd } from "../../sys/file-status.ts";
import { isKeptInMemory } from "../load/content-place.ts";
import { readWhole } from "../load/read-whole.ts";
import { ServedFile } from "../load/served-file.ts";
import type { Background } from "./background.ts";
import type { Compressor } from "./low-priority-compressor.ts";
import { codedOctetsMax, type VariantMaker } from "./variant-maker.ts";
import type { LaterListener, Variants } from "./variants.ts";

/** So that one large file doesn't put out the variants of all others. */
const SHARE_MAX = 0.5;

export class LargeFiles implements LaterListener {
  /** `levels`: by `Coding`. */
  constructor(
    private readonly variantOctetsMax: number,
    private readonly levels: readonly number[],
    private readonly background: Background,
    private readonly compressor: Compressor,
    private readonly maker: VariantMaker,
  ) {}

  makeLater(variants: Variants, coding: Coding): boolean {
    const { file } = variants.identity;
    if (file === null) return false;
    const isWanted = (): boolean => !variants.isReleased;
    return this.background.add({ canWait: false, isWanted, run: () => this.make(variants, file, coding) });
  }

  private async make(variants: Variants, file: ServedFile, coding: Coding): Promise<number> {
    if (areFilesAtLimit()) {
      variants.forget(coding); // a later request asks again
      return 0;
    }
    const version = new FileStatus();
    const target = new ServedFile(openAnonymousFile(), version);
    file.retain();
    let isKept = false;
    try {
      const octetsMax = Math.min(codedOctetsMax(variants.identity.size), this.variantOctetsMax * SHARE_MAX);
      const job = { coding, level: this.levels[coding]!, source: file.fd, target: target.fd, octetsMax };
      const { digest, cpuMs } = await this.compressor.compressFile(job);
      this.maker.countMade(cpuMs, digest !== null);
      // The file may have changed while it was read; then these octets are of no version of it.
      const isOfFile = digest !== null && !variants.isReleased && file.isIntact(performance.now());
      if (isOfFile && statFd(target.fd, version) === 0)
        isKept = await this.keep(variants, coding, target, version.size, digest);
      return cpuMs;
    } finally {
      if (!isKept) variants.ruleOutCompression();
      target.release();
      file.release();
    }
  }

  /** Small ones go into memory, like everything that is small (content-place.ts). */
  private async keep(
    variants: Variants,
    coding: Coding,
    coded: ServedFile,
    size: number,
    digest: bigint,
  ): Promise<boolean> {
    if (!isKeptInMemory(size)) return this.maker.keepCodedFile(variants, coding, coded, size, digest);
    const content = await new Promise<Buffer | number>((resolve) => readWhole(coded.fd, size, resolve));
    if (typeof content === "number" || content.length !== size || variants.isReleased) return false;
    return this.maker.keepCoded(variants, coding, content, null, false);
  }
}

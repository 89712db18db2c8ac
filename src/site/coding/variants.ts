/**
 * All representations of one file that differ in their content coding, and which of them answers a request.
 *
 *     Unmade ──made──► Ready ──evicted──► Unmade        Unmade ──not worth it, or impossible──► Never
 *     Unmade ──the neighbour is no use──► Unmade (to be compressed here), or Never
 *     Unmade ──asked for──► Queued ──made in the background──► Ready                             (large-files.ts)
 *
 * In:    what the request accepts (http/content-coding.ts).
 * Out:   `select`: the replies of the representation; or null, and then `wantedFor` says which coding to make first
 *        (variant-maker.ts), after which it is asked again.
 * Keeps: with every representation ready, a selection is an array read and a few compares; nothing is allocated.
 */
import type { OpenFile } from "../../cache/open-file.ts";
import { Coding, type Preference } from "../../http/content-coding.ts";
import type { DocumentRoot, SymlinkPolicy } from "../load/open-below.ts";
import type { FileReplies } from "../represent/file-replies.ts";
import { CodingOutcome } from "./coding-outcome.ts";
import { type CodingOrders, type CodingSet, PLACE_BITS, PLACE_MASK } from "./coding-order.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Variant, VariantOwner } from "./variant.ts";

enum State {
  Unmade,
  Queued,
  Ready,
  Never,
}

/** Where a file lies, for the code that makes its variants. */
export interface CodedSource {
  readonly root: DocumentRoot;
  /** Below the root, as open-below.ts takes it. */
  readonly filePath: string;
  readonly followSymlinks: SymlinkPolicy;
  readonly neighbours: Neighbours | null;
  /** Codings for which a neighbour can stand for the file. */
  readonly usable: CodingSet;
}

/** Called when a variant has been requested often. */
export interface HotListener {
  readonly hotAfter: number;
  becameHot(variants: Variants, variant: Variant): void;
}

/** Makes what no request can wait for. */
export interface LaterListener {
  /** Begins it, or puts it in a queue; false when that isn't possible now. */
  makeLater(variants: Variants, coding: Coding): boolean;
}

export class Variants implements VariantOwner {
  /** They are no longer in use: what is made now is not kept. */
  isReleased = false;
  /** The coding that the file itself is stored in, where it is one of the variants. */
  storedIn: Coding = Coding.Identity;
  private readonly states = new Uint8Array(Coding.count);
  private readonly ready: (Variant | null)[] = new Array<Variant | null>(Coding.count).fill(null);

  /** Codings that a neighbour is to be opened for, as far as is known. */
  private usable: CodingSet;

  /**
   * @param source null for generated content
   * @param identity the replies of the file itself
   * @param file where the file's content comes from, unless `identity` holds it
   * @param canCompress whether variants can be compressed here, where there is no neighbour
   * @param later makes them in the background; null: they are made while a request waits
   */
  constructor(
    readonly source: CodedSource | null,
    readonly identity: FileReplies,
    readonly file: OpenFile | null,
    private readonly orders: CodingOrders,
    private readonly hot: HotListener,
    private canCompress: boolean,
    private readonly later: LaterListener | null = null,
  ) {
    this.usable = source?.usable ?? 0;
    for (let coding = 0; coding < Coding.count; coding++) {
      if (!canCompress && !this.hasNeighbour(coding)) this.states[coding] = State.Never;
    }
  }

  select(preference: Preference): FileReplies | null {
    let isLater = false;
    for (let order = this.orders.of(preference, this.usable); ; order >>= PLACE_BITS) {
      const coding: Coding = (order & PLACE_MASK) - 1;
      if (coding === Coding.Identity) return this.identity;
      if (this.states[coding] === State.Ready) return this.use(this.ready[coding]!);
      if (this.states[coding] === State.Never) continue;
      if (!this.isMadeAtOnce(coding)) {
        if (!isLater) this.makeLater(coding);
        isLater = true; // what the client likes less isn't made besides
        continue;
      }
      return null;
    }
  }

  /** What has to be made before `select` knows an answer; identity for nothing. */
  wantedFor(preference: Preference): Coding {
    for (let order = this.orders.of(preference, this.usable); ; order >>= PLACE_BITS) {
      const coding: Coding = (order & PLACE_MASK) - 1;
      if (coding === Coding.Identity || this.states[coding] === State.Ready) return Coding.Identity;
      if (this.states[coding] === State.Unmade && this.isMadeAtOnce(coding)) return coding;
    }
  }

  /** The best coding that could be had and isn't there yet; identity for none. */
  pendingFor(preference: Preference): Coding {
    for (let order = this.orders.of(preference, this.usable); ; order >>= PLACE_BITS) {
      const coding: Coding = (order & PLACE_MASK) - 1;
      const state: State = this.states[coding]!;
      if (coding === Coding.Identity || state === State.Unmade || state === State.Queued) return coding;
    }
  }

  /** Why `select` chooses the representation in this coding. */
  outcomeOf(coding: Coding, preference: Preference): CodingOutcome {
    if (this.storedIn !== Coding.Identity) {
      return coding === Coding.Identity ? CodingOutcome.Decompressed : CodingOutcome.Stored;
    }
    if (coding !== Coding.Identity)
      return this.hasNeighbour(coding) ? CodingOutcome.Neighbour : CodingOutcome.Compressed;
    const isPending = this.pendingFor(preference) !== Coding.Identity;
    return isPending ? CodingOutcome.IdentityUntilMade : CodingOutcome.Identity;
  }

  hasNeighbour(coding: Coding): boolean {
    return ((this.usable >> coding) & 1) === 1;
  }

  /** Takes a variant in; it may replace a former one. */
  accept(variant: Variant): void {
    const former = this.ready[variant.coding];
    if (former != null) drop(former);
    this.ready[variant.coding] = variant;
    this.states[variant.coding] = State.Ready;
  }

  /** The neighbour was opened, and is no use: what is made here takes its place. */
  loseNeighbour(coding: Coding): void {
    this.usable &= ~(1 << coding);
    this.states[coding] = this.canCompress ? State.Unmade : State.Never;
  }

  /** There will be no variant of this coding. */
  ruleOut(coding: Coding): void {
    this.states[coding] = State.Never;
  }

  /** The file isn't worth compressing: only neighbours remain. */
  ruleOutCompression(): void {
    this.canCompress = false;
    for (let coding = 0; coding < Coding.count; coding++) {
      if (!this.hasNeighbour(coding)) this.ruleOut(coding);
    }
  }

  /** The variant, if it is still the one that answers. */
  isReady(variant: Variant): boolean {
    return this.ready[variant.coding] === variant;
  }

  forget(coding: Coding): void {
    this.ready[coding] = null;
    this.states[coding] = State.Unmade;
  }

  /** Releases all variants; their file has left the cache, or was never in it. */
  release(): void {
    this.isReleased = true;
    for (const variant of this.ready) {
      if (variant !== null) drop(variant);
    }
  }

  /** Whether every file that a variant is sent from is still what its tag says. `nowMs`: the monotonic clock. */
  areIntact(nowMs: number): boolean {
    return this.ready.every((variant) => variant?.replies.file?.isIntact(nowMs) !== false);
  }

  /** Whether a request can wait for it. */
  private isMadeAtOnce(coding: Coding): boolean {
    return this.later === null || this.hasNeighbour(coding);
  }

  private makeLater(coding: Coding): void {
    if (this.states[coding] === State.Unmade && this.later!.makeLater(this, coding)) this.states[coding] = State.Queued;
  }

  private use(variant: Variant): FileReplies {
    variant.list?.touch(variant);
    if (++variant.hits === this.hot.hotAfter && variant.canImprove) this.hot.becameHot(this, variant);
    return variant.replies;
  }
}

function drop(variant: Variant): void {
  variant.list?.remove(variant);
  variant.release();
}

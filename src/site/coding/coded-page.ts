/**
 * An error page in other content codings: it is answered at once and can't wait for compression.
 *
 *     Unmade ──first asked for──► Making ──► Ready        Making ──not worth it, or impossible──► Never
 *
 * Out:   `select`: the coding to send now; identity until the coding that the client prefers has been made.
 * Keeps: compressed once for every version of the page, off the event loop, and kept as long as that.
 */
import { Coding } from "../../http/content-coding.ts";
import { PLACE_BITS, PLACE_MASK } from "./coding-order.ts";

enum State {
  Unmade,
  Making,
  Ready,
  Never,
}

/** Begins to compress; false when that isn't possible now. Calls back later, with null where it gains nothing. */
export type PageMaker = (coding: Coding, content: Buffer, done: (coded: Buffer | null) => void) => boolean;

export class CodedPage {
  private readonly states = new Uint8Array(Coding.count);
  /** By `Coding`. */
  private readonly octets: Buffer[];

  constructor(
    readonly content: Buffer,
    private readonly make: PageMaker,
  ) {
    this.octets = new Array<Buffer>(Coding.count).fill(content);
  }

  /** `codings`: best first (coding-order.ts). */
  select(codings: number): Coding {
    for (let order = codings; ; order >>= PLACE_BITS) {
      const coding: Coding = (order & PLACE_MASK) - 1;
      if (coding === Coding.Identity || this.states[coding] === State.Ready) return coding;
      if (this.states[coding] === State.Unmade) this.begin(coding);
      if (this.states[coding] !== State.Never) return Coding.Identity;
    }
  }

  contentIn(coding: Coding): Buffer {
    return this.octets[coding]!;
  }

  private begin(coding: Coding): void {
    const isBegun = this.make(coding, this.content, (coded) => {
      this.states[coding] = coded === null ? State.Never : State.Ready;
      if (coded !== null) this.octets[coding] = coded;
    });
    if (isBegun) this.states[coding] = State.Making;
  }
}

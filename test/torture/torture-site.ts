/** The files that experiments ask for: a small one, one that goes by sendfile, and a large one for downloads. */
import { randomOctets } from "../support/octets.ts";
import { createSite, type Site } from "../support/site.ts";
import type { LoadTarget } from "./load/load-report.ts";

export const LARGE_OCTETS = 8 * 1024 * 1024;

export interface TortureSite extends AsyncDisposable {
  readonly site: Site;
  readonly root: string;
  /** The small file. */
  readonly small: LoadTarget;
  /** Small, medium (20 KiB, from memory) and sent by the kernel (100 KiB). */
  readonly mixed: readonly LoadTarget[];
  readonly large: LoadTarget;
}

export async function createTortureSite(): Promise<TortureSite> {
  const site = await createSite({
    "small.bin": randomOctets(1024, 1),
    "medium.bin": randomOctets(20 * 1024, 2),
    "sent.bin": randomOctets(100 * 1024, 3),
    "large.bin": randomOctets(LARGE_OCTETS, 4),
  });
  const target = (name: string): LoadTarget => ({ target: `/${name}`, file: site.path(name) });
  return {
    site,
    root: site.root,
    small: target("small.bin"),
    mixed: [target("small.bin"), target("medium.bin"), target("small.bin"), target("sent.bin")],
    large: target("large.bin"),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

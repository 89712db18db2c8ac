/**
 * A coded representation of a file, ready to send, and its place in the cache.
 *
 * Keeps: belongs to one `Variants`; leaves the cache on its own to make room, or with its file.
 */
import type { OpenFile } from "../../cache/open-file.ts";
import { CacheMember } from "../../cache/response-cache.ts";
import type { Coding } from "../../http/content-coding.ts";
import type { FileReplies } from "../represent/file-replies.ts";

export interface VariantOwner {
  /** The variant is gone from the cache. */
  forget(coding: Coding): void;
}

export class Variant extends CacheMember {
  readonly key = null;
  /** Requests it has answered. */
  hits = 0;

  /** `file`: where its content comes from, unless the replies hold it; the variant is one of its users. */
  constructor(
    private readonly owner: VariantOwner,
    readonly coding: Coding,
    readonly replies: FileReplies,
    readonly file: OpenFile | null,
    /** Made here, by a fast level: it can be made better. */
    readonly canImprove: boolean,
  ) {
    super();
  }

  release(): void {
    this.owner.forget(this.coding);
    this.file?.release();
  }
}

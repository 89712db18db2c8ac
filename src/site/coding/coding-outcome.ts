/**
 * Why a file or page is sent in the content coding that it is sent in (variants.ts), and whether it is compressed at all (coder.ts).
 */
export enum CodingOutcome {
  /** As it is: the client prefers that, or no coding is to be had. */
  Identity,
  /** As it is: ranges are cut from that (range-selection.ts). */
  IdentityForRanges,
  /** As it is, until the coding that the client prefers has been made. */
  IdentityUntilMade,
  /** The precompressed file beside it. */
  Neighbour,
  Compressed,
  /** A file that is stored coded (packed-file.ts), as it is. */
  Stored,
  /** The same, for a client that doesn't accept its coding. */
  Decompressed,
}

/** How content is compressed; up to TooLarge it isn't. */
export enum Making {
  /** Compression is off, or not for this type. */
  OtherType,
  /** There is no cache to keep it in. */
  NoCache,
  /** It changes while it is read. */
  Unstable,
  /** Empty, or below `minimum_size_bytes`. */
  TooSmall,
  /** Above `maximum_size_mb`. */
  TooLarge,
  /** While the request waits. */
  AtOnce,
  /** In the background. */
  Later,
}

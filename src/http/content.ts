/**
 * What follows a response's head, whatever the version of HTTP.
 *
 *   nothing            HEAD, 304, 204
 *   octets             a piece of memory
 *   a piece of a file
 *   parts              pieces of one file or memory with octets before each (multipart/byteranges, RFC 9110 §14.6)
 *   a source           octets that come in their own time, their number known or not
 *
 * Units: octets. Keeps: values are shared by all responses that have the same content, except for sources, which give it once.
 */
import type { FieldLine } from "./response-head.ts";
import type { Octets, Offset } from "../units.ts";

export enum ContentKind {
  None,
  Octets,
  File,
  Parts,
  Source,
}

/** An open file, shared by replies and transfers that count themselves in and out. */
export interface SharedFile {
  readonly fd: number;
  retain(): void;
  release(): void;
}

export class NoContent {
  readonly kind = ContentKind.None;
  readonly octetCount = 0;
}

/** There is nothing to tell one from another. */
export const NO_CONTENT: NoContent = new NoContent();

export class OctetsContent {
  readonly kind = ContentKind.Octets;
  readonly octetCount: number;

  /** `octets[start, end)`. */
  constructor(
    readonly octets: Buffer,
    readonly start = 0,
    readonly end: number = octets.length,
  ) {
    this.octetCount = end - start;
  }
}

export class FileContent {
  readonly kind = ContentKind.File;

  constructor(
    readonly file: SharedFile,
    readonly offset: Offset,
    readonly octetCount: Octets,
  ) {}
}

/** A piece of a content, and what is sent before it. */
export interface ContentPart {
  readonly lead: Buffer;
  /** Where in the content it begins, and how long it is. */
  readonly offset: Offset;
  readonly octets: Octets;
}

/** Parts in the order they are sent: an array, or made when their turn comes. */
export type ContentParts = Pick<readonly ContentPart[], "length" | "at">;

export class PartsContent {
  readonly kind = ContentKind.Parts;

  /** Pieces of `memory` or, where that is null, of `file`. `octetCount` counts everything: leads, pieces, closing. */
  constructor(
    readonly parts: ContentParts,
    readonly closing: Buffer,
    readonly memory: Buffer | null,
    readonly file: SharedFile | null,
    readonly octetCount: number,
  ) {}
}

/** What `ContentSource.read` answers in place of a number of octets. */
export enum SourceEnd {
  /** Everything has been given. */
  Done = -1,
  /** It can't go on; the receiver must not take what it has for the whole. */
  Failed = -2,
}

/** Gives content in its own time, once, to one reader. */
export interface ContentSource {
  /** How many octets it gives in all; -1: not known beforehand. */
  readonly octetCount: number;
  /**
   * Puts octets into `target[start, end)` and returns how many; 0: none now, and `onReady` is called once there are more,
   * or the end is known; or a `SourceEnd`.
   */
  read(target: Buffer, start: number, end: number): number;
  /** Set by the reader. The source calls it after `read` has answered 0, and at no other time. */
  onReady: (() => void) | null;
  /** After `Done`: fields that follow the content (RFC 9110 §6.5), where the receiver's version can carry them. */
  readonly trailers: readonly FieldLine[];
  /** No more is wanted, whether or not everything was read. Called exactly once. */
  stop(): void;
}

export class SourceContent {
  readonly kind = ContentKind.Source;

  constructor(readonly source: ContentSource) {}

  /** -1 where it isn't known. */
  get octetCount(): number {
    return this.source.octetCount;
  }
}

export type Content = NoContent | OctetsContent | FileContent | PartsContent | SourceContent;

/** Content that goes nowhere: its source is let go of. */
export function dropContent(content: Content): void {
  if (content.kind === ContentKind.Source) content.source.stop();
}

/**
 * What to send in answer to a request: one discriminated union, made by `site` and `admin`, written by the connection.
 *
 *   OctetsReply   a response that lies in memory, ready to send (a cached file, a 304, an error page, …)
 *   FileReply     a response head, and a piece of an open file that follows it
 *   PartsReply    a response head, and several pieces of one content with something before each (multipart-ranges.ts)
 *
 * A reply says nothing about the connection: `Connection: close` or `keep-alive` (RFC 9112 §9) is added by the
 * connection, before the empty line that ends every head given here.
 *
 * Units: octets; `dateOffset` is where the 29 octets of the Date field's value begin in the head (RFC 9110 §6.6.1), or
 *        -1 where there is none; `dateSecond` says which second they show (seconds since 1970). `expiresOffset`: the same of
 *        Expires, which lies `expiresSeconds` later (RFC 9111 §5.3).
 * Keeps: a reply is shared by all requests for it and is not changed except for its Date; one that is `transient` lives in a
 *        buffer that the next request reuses, so it is sent, or copied, before that.
 */

export enum ReplyKind {
  Octets,
  File,
  Parts,
}

/** What the statistics call hit and miss, and responses tell; None for what never comes from the cache. */
export enum CacheOutcome {
  None,
  Hit,
  Miss,
}

/** An open file, shared by replies and transfers that count themselves in and out. */
export interface SharedFile {
  readonly fd: number;
  retain(): void;
  release(): void;
}

export class OctetsReply {
  readonly kind = ReplyKind.Octets;
  status: number;
  /** `[0, headOctets)` is the head, `[headOctets, octetCount)` is content. */
  octets: Buffer;
  octetCount: number;
  headOctets: number;
  dateOffset: number;
  dateSecond = 0;
  expiresOffset = -1;
  expiresSeconds = 0;
  /** Content that follows `octets` from another buffer: `[contentStart, contentEnd)`, or null. */
  content: Buffer | null;
  contentStart: number;
  contentEnd: number;
  outcome: CacheOutcome;
  transient = false;

  constructor(status: number, octets: Buffer, headOctets: number, dateOffset: number, outcome = CacheOutcome.None) {
    this.status = status;
    this.octets = octets;
    this.octetCount = octets.length;
    this.headOctets = headOctets;
    this.dateOffset = dateOffset;
    this.content = null;
    this.contentStart = 0;
    this.contentEnd = 0;
    this.outcome = outcome;
  }

  /** Octets of content that this reply sends. */
  get contentOctets(): number {
    return this.octetCount - this.headOctets + (this.contentEnd - this.contentStart);
  }
}

export class FileReply {
  readonly kind = ReplyKind.File;
  status: number;
  /** The head is `[0, headOctets)`. */
  octets: Buffer;
  headOctets: number;
  dateOffset: number;
  dateSecond = 0;
  expiresOffset = -1;
  expiresSeconds = 0;
  file: SharedFile;
  /** Where in the file the content begins. */
  fileOffset: number;
  contentOctets: number;
  outcome: CacheOutcome;
  transient = false;

  constructor(
    status: number,
    octets: Buffer,
    dateOffset: number,
    file: SharedFile,
    fileOffset: number,
    contentOctets: number,
    outcome: CacheOutcome,
  ) {
    this.status = status;
    this.octets = octets;
    this.headOctets = octets.length;
    this.dateOffset = dateOffset;
    this.file = file;
    this.fileOffset = fileOffset;
    this.contentOctets = contentOctets;
    this.outcome = outcome;
  }
}

/** A piece of a content, and what is sent before it. */
export interface ReplyPart {
  readonly lead: Buffer;
  /** Where in the content it begins, and how long it is. */
  readonly offset: number;
  readonly octets: number;
}

/** Pieces in the order they are sent: an array, or made when their turn comes. */
export type ReplyParts = Pick<readonly ReplyPart[], "length" | "at">;

/** Made for one request: it is never shared, and never sent together with others. */
export class PartsReply {
  readonly kind = ReplyKind.Parts;
  /** The head is `[0, headOctets)`. */
  readonly headOctets: number;
  dateSecond = 0;
  expiresOffset = -1;
  expiresSeconds = 0;
  readonly transient = true;

  /** The content is `memory` or, where that is null, `file`. `contentOctets` counts everything behind the head. */
  constructor(
    readonly status: number,
    readonly octets: Buffer,
    readonly dateOffset: number,
    readonly parts: ReplyParts,
    readonly closing: Buffer,
    readonly memory: Buffer | null,
    readonly file: SharedFile | null,
    readonly contentOctets: number,
    readonly outcome: CacheOutcome,
  ) {
    this.headOctets = octets.length;
  }
}

/** Makes a reply's Expires follow its Date. Returns the reply. */
export function withExpires<R extends Reply>(
  reply: R,
  { expiresOffset, expiresSeconds }: { readonly expiresOffset: number; readonly expiresSeconds: number },
): R {
  reply.expiresOffset = expiresOffset;
  reply.expiresSeconds = expiresSeconds;
  return reply;
}

export type Reply = OctetsReply | FileReply | PartsReply;

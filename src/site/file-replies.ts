/**
 * The ready responses of one representation: 200 with content, its head alone for HEAD, 304, and the start of a 206.
 *
 * In:    the representation's validators and type, its content in memory or its descriptor, and whether it comes from the
 *        cache.
 * Out:   replies that need nothing but a fresh Date to be sent.
 * Keeps: built once per file version; only a partial response writes digits per request, into a buffer it reuses.
 * Source: RFC 9110 §8 (representation data), §15.3.7 (206), §15.4.5 (304 carries what a 200 would: Date, ETag and the
 *         caching fields), §14.4 (Content-Range), §14.6 (multipart/byteranges), §12.5.5 (Vary).
 */
import { randomBytes } from "node:crypto";
import { Coding, CODING_NAME } from "../http/content-coding.ts";
import { putDecimal } from "../http/decimal.ts";
import { buildResponseHead, type FieldLine, type ResponseHead } from "../http/response-head.ts";
import { formatHttpDate } from "../http/http-date.ts";
import { partHeads } from "../http/multipart-ranges.ts";
import {
  CacheOutcome,
  FileReply,
  OctetsReply,
  PartsReply,
  type Reply,
  type SharedFile,
  withExpires,
} from "../http/reply.ts";
import { applyEdits, editsForNotModified, type FieldEdits } from "./rules/field-edit.ts";
import type { ServedFile } from "./served-file.ts";

export interface FileHeadFields {
  /** Value of the Server field; empty = no such field. */
  readonly serverField: string;
  readonly contentType: string;
  /** The selected content coding; absent for identity. */
  readonly coding?: Coding;
  /** Content-Encoding of the file as stored, where its name or a rule says so; "" for none. */
  readonly contentCoding?: string;
  /** Whether another Accept-Encoding could have selected another representation. */
  readonly varies?: boolean;
  /** Octets of the whole representation. */
  readonly size: number;
  /** With its quotes. */
  readonly entityTag: string;
  /** NaN: the representation has no modification date. */
  readonly lastModifiedMs: number;
  /** Field lines of every response, 304 included. */
  readonly extraFields?: readonly FieldLine[];
  /** What rules change in the fields. */
  readonly edits?: FieldEdits;
}

export class FileReplies {
  readonly full: Reply;
  readonly headOnly: OctetsReply;
  readonly notModified: OctetsReply;
  /** The validators, as preconditions compare them. */
  readonly entityTag: Buffer;
  readonly lastModified: Buffer;
  /** NaN where there is none; `lastModified` is empty then. */
  readonly lastModifiedSeconds: number;
  readonly size: number;
  readonly coding: Coding;
  readonly fields: FileHeadFields;
  /** The content, unless it comes from a file: a view of what `full` holds. */
  readonly content: Buffer | null;
  /** Where the content comes from, unless it lies in memory. */
  readonly file: ServedFile | null;
  private readonly outcome: CacheOutcome;
  private partialStart: ResponseHead | null = null;

  /** `sharesContent`: refer to `content` in place, rather than copy it behind the head. */
  constructor(
    fields: FileHeadFields,
    content: Buffer | null,
    file: ServedFile | null,
    outcome: CacheOutcome,
    sharesContent = false,
  ) {
    this.fields = fields;
    this.file = file;
    this.outcome = outcome;
    this.size = fields.size;
    this.coding = fields.coding ?? Coding.Identity;
    this.lastModifiedSeconds = Math.floor(fields.lastModifiedMs / 1000);
    this.entityTag = Buffer.from(fields.entityTag, "latin1");
    const isDated = !Number.isNaN(this.lastModifiedSeconds);
    this.lastModified = Buffer.from(isDated ? formatHttpDate(this.lastModifiedSeconds * 1000) : "", "latin1");

    const head = buildResponseHead(200, this.fieldLines(200));
    this.headOnly = octetsReply(200, head, outcome);
    this.notModified = octetsReply(304, buildResponseHead(304, this.fieldLines(304)), outcome);
    if (content !== null && sharesContent) {
      this.content = content;
      this.full = replyWithContent(head, content, outcome);
    } else if (content !== null) {
      const octets = Buffer.concat([head.octets, content]);
      this.full = withExpires(new OctetsReply(200, octets, head.octets.length, head.dateOffset, outcome), head);
      this.content = octets.subarray(head.octets.length);
    } else {
      this.content = null;
      this.full = withExpires(new FileReply(200, head.octets, head.dateOffset, file!, 0, fields.size, outcome), head);
    }
  }

  /** The same responses for a client whose request was not answered from the cache. */
  asMiss(): FileReplies {
    if (this.outcome === CacheOutcome.Miss) return this;
    return new FileReplies(this.fields, this.content, this.file, CacheOutcome.Miss, true);
  }

  /** Whether the octets are those of a content coding. */
  get isCoded(): boolean {
    return this.coding !== Coding.Identity || (this.fields.contentCoding ?? "") !== "";
  }

  /** 304 for a client that holds another representation, of this entity tag, that could have been selected as well. */
  notModifiedAs(entityTag: string): OctetsReply {
    return octetsReply(304, buildResponseHead(304, this.fieldLines(304, "", entityTag)), this.outcome);
  }

  /** The octets from `first` to `last` (both included) as a 206: transient, overwritten by the next call of any file. */
  partial(first: number, last: number): Reply {
    const start = (this.partialStart ??= this.startOfPartial());
    const octets = partialOctets;
    let end = putDecimal(first, octets, start.octets.copy(octets, 0));
    octets[end++] = MINUS;
    end = putDecimal(last, octets, end);
    octets[end++] = SLASH;
    end = putDecimal(this.size, octets, end);
    end += CONTENT_LENGTH.copy(octets, end);
    end = putDecimal(last - first + 1, octets, end);
    end += END_OF_HEAD.copy(octets, end);
    if (this.content !== null) return this.partialOfContent(start, end, first, last);
    const reply = withExpires((partialFileReply ??= transientFileReply(this.file!)), start);
    reply.dateOffset = start.dateOffset;
    reply.dateSecond = 0;
    reply.headOctets = end;
    reply.file = this.file!;
    reply.fileOffset = first;
    reply.contentOctets = last - first + 1;
    reply.outcome = this.outcome;
    return reply;
  }

  /** Several disjoint ranges, as pairs of first and last octet, as one 206 with a body of parts. */
  parts(ranges: Float64Array, count: number): Reply {
    const { contentType } = this.fields;
    const boundary = randomBytes(BOUNDARY_OCTETS).toString("hex");
    const { heads, closing, octets } = partHeads(ranges, count, this.size, contentType, boundary);
    const head = buildResponseHead(206, [
      ...this.fieldLines(206, `multipart/byteranges; boundary=${boundary}`),
      ["Content-Length", String(octets)],
    ]);
    const parts = heads.map((lead, index) => {
      const offset = ranges[index * 2]!;
      return { lead, offset, octets: ranges[index * 2 + 1]! - offset + 1 };
    });
    const { content, file, outcome } = this;
    const reply = new PartsReply(206, head.octets, head.dateOffset, parts, closing, content, file, octets, outcome);
    return withExpires(reply, head);
  }

  private partialOfContent(start: ResponseHead, end: number, first: number, last: number): Reply {
    const reply = withExpires(partialOctetsReply, start);
    reply.dateOffset = start.dateOffset;
    reply.dateSecond = 0;
    reply.headOctets = end;
    reply.octetCount = end;
    reply.content = this.content;
    reply.contentStart = first;
    reply.contentEnd = last + 1;
    reply.outcome = this.outcome;
    return reply;
  }

  /** The head of a 206 up to the value of Content-Range. */
  private startOfPartial(): ResponseHead {
    const head = buildResponseHead(206, [...this.fieldLines(206), ["Content-Range", "bytes "]]);
    makeRoomForPartial(head.octets.length + PARTIAL_DIGITS_OCTETS_MAX);
    return { ...head, octets: head.octets.subarray(0, head.octets.length - 4) };
  }

  private fieldLines(
    status: 200 | 206 | 304,
    contentType = this.fields.contentType,
    entityTag = this.fields.entityTag,
  ): FieldLine[] {
    const { fields } = this;
    const lines: FieldLine[] = [];
    if (fields.serverField !== "") lines.push(["Server", fields.serverField]);
    lines.push(["Date", null]);
    if (status !== 304) lines.push(["Content-Type", contentType], NOSNIFF);
    if (status !== 304 && this.isCoded)
      lines.push(["Content-Encoding", fields.contentCoding || CODING_NAME[this.coding]!]);
    if (status === 200) lines.push(["Content-Length", String(fields.size)]);
    if (this.lastModified.length > 0) lines.push(["Last-Modified", this.lastModified.toString("latin1")]);
    lines.push(["ETag", entityTag]);
    if (fields.varies === true) lines.push(["Vary", "Accept-Encoding"]);
    if (status !== 304) lines.push(["Accept-Ranges", "bytes"]);
    lines.push(...(fields.extraFields ?? []), ["X-Cache", this.outcome === CacheOutcome.Hit ? "HIT" : "MISS"]);
    if (fields.edits === undefined || fields.edits.length === 0) return lines;
    return applyEdits(lines, status === 304 ? editsForNotModified(fields.edits) : fields.edits);
  }
}

/** A file that isn't a script by its type must not be run as one (Fetch standard, "X-Content-Type-Options"). */
export const NOSNIFF: FieldLine = ["X-Content-Type-Options", "nosniff"];

const MINUS = 0x2d;
const SLASH = 0x2f;
const CONTENT_LENGTH = Buffer.from("\r\nContent-Length: ", "latin1");
const END_OF_HEAD = Buffer.from("\r\n\r\n", "latin1");

/** 96 random bits: content can't contain them, not even on purpose. */
const BOUNDARY_OCTETS = 12;

function replyWithContent(head: ResponseHead, content: Buffer, outcome: CacheOutcome): OctetsReply {
  const reply = octetsReply(200, head, outcome);
  reply.content = content;
  reply.contentEnd = content.length;
  return reply;
}

function octetsReply(status: number, head: ResponseHead, outcome: CacheOutcome): OctetsReply {
  return withExpires(new OctetsReply(status, head.octets, head.octets.length, head.dateOffset, outcome), head);
}

/** The rest of a 206's head: three numbers below 2^53 in Content-Range, one in Content-Length. */
const PARTIAL_DIGITS_OCTETS_MAX = 128;

// One 206 is under way at a time: the connection sends it, or detaches it, before the next request is parsed.
let partialOctets = Buffer.allocUnsafeSlow(2048);
const partialOctetsReply = new OctetsReply(206, partialOctets, 0, -1);
partialOctetsReply.transient = true;
let partialFileReply: FileReply | null = null;

function makeRoomForPartial(octets: number): void {
  if (octets <= partialOctets.length) return;
  partialOctets = Buffer.allocUnsafeSlow(octets * 2);
  partialOctetsReply.octets = partialOctets;
  if (partialFileReply !== null) partialFileReply.octets = partialOctets;
}

function transientFileReply(file: SharedFile): FileReply {
  const reply = new FileReply(206, partialOctets, -1, file, 0, 0, CacheOutcome.None);
  reply.transient = true;
  return reply;
}

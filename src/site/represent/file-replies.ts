/**
 * The ready responses of one representation: 200 with content, its head alone for HEAD, 304, and what 206 responses share.
 *
 * In:    the representation's validators and type, its content in memory or its descriptor, and whether it comes from the
 *        cache.
 * Out:   replies that need nothing but a fresh Date to be sent.
 * Keeps: built once per file version; only a partial response has a head of its own (http/partial-head.ts).
 * Source: RFC 9110 §8 (representation data), §15.3.7 (206), §15.4.5 (304 carries what a 200 would: Date, ETag and the
 *         caching fields), §14.4 (Content-Range), §14.6 (multipart/byteranges), §12.5.5 (Vary).
 */
import { randomBytes } from "node:crypto";
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { FileContent, NO_CONTENT, OctetsContent, PartsContent } from "../../http/content.ts";
import { formatHttpDate } from "../../http/http-date.ts";
import { RangeParts } from "../../http/multipart-ranges.ts";
import { PartialHeads } from "../../http/partial-head.ts";
import { CacheOutcome, octetsReply, Reply } from "../../http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../http/response-head.ts";
import { type CacheField, cacheLines, type Forward } from "./cache-field.ts";
import { applyEdits, editsForNotModified, type FieldEdits } from "../rules/field-edit.ts";
import type { ServedFile } from "../load/served-file.ts";
import { Octets, Offset } from "../../units.ts";

export interface FileHeadFields {
  /** Value of the Server field; empty = no such field. */
  readonly serverField: string;
  /** What tells of the cache; absent for the default. */
  readonly cacheField?: CacheField;
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
  /** NaN where there is no date to send (modification-date.ts). */
  readonly lastModifiedMs: number;
  /** Field lines of every response, 304 included. */
  readonly extraFields?: readonly FieldLine[];
  /** What rules change in the fields. */
  readonly edits?: FieldEdits;
}

export class FileReplies {
  readonly full: Reply;
  readonly headOnly: Reply;
  readonly notModified: Reply;
  /** The validators, as preconditions compare them. */
  readonly entityTag: Buffer;
  /** Empty and NaN where the representation has no modification date. */
  readonly lastModified: Buffer;
  readonly lastModifiedSeconds: number;
  readonly size: number;
  readonly coding: Coding;
  readonly fields: FileHeadFields;
  /** The content, unless it comes from a file: a view of what `full` holds. */
  readonly content: Buffer | null;
  /** Where the content comes from, unless it lies in memory. */
  readonly file: ServedFile | null;
  private readonly outcome: CacheOutcome;
  private readonly forward: Forward;
  /** Made when a range is first asked for. */
  private partialHeads: PartialHeads | null = null;

  /**
   * `sharesContent`: refer to `content` in place, rather than copy it behind the head. `forward`: why it is a miss, if it is
   * one: without a reason, it is one every time.
   */
  constructor(
    fields: FileHeadFields,
    content: Buffer | null,
    file: ServedFile | null,
    outcome: CacheOutcome,
    sharesContent = false,
    forward: Forward = "bypass",
  ) {
    this.fields = fields;
    this.file = file;
    this.outcome = outcome;
    this.forward = forward;
    this.size = fields.size;
    this.coding = fields.coding ?? Coding.Identity;
    this.lastModifiedSeconds = Math.floor(fields.lastModifiedMs / 1000);
    this.entityTag = Buffer.from(fields.entityTag, "latin1");
    const isDated = !Number.isNaN(this.lastModifiedSeconds);
    const lastModified = isDated ? formatHttpDate(this.lastModifiedSeconds * 1000) : "";
    this.lastModified = Buffer.from(lastModified, "latin1");

    const lines = this.fieldLines(200);
    if (content === null) {
      this.full = new Reply(
        buildResponseHead(200, lines),
        new FileContent(file!, Offset(0), Octets(fields.size)),
        outcome,
      );
      this.content = null;
    } else if (sharesContent) {
      this.full = new Reply(buildResponseHead(200, lines), new OctetsContent(content), outcome);
      this.content = content;
    } else {
      this.full = octetsReply(200, lines, content, outcome);
      const { octets, end } = this.full.head.h1;
      this.content = octets.subarray(end);
    }
    this.headOnly = this.full.withoutContent();
    this.notModified = this.notModifiedAs(fields.entityTag);
  }

  /** The same responses for a client whose request was not answered from the cache, and why. */
  asMiss(forward: Forward): FileReplies {
    if (this.outcome === CacheOutcome.Miss) return this;
    return new FileReplies(this.fields, this.content, this.file, CacheOutcome.Miss, true, forward);
  }

  /** Whether the octets are those of a content coding. */
  get isCoded(): boolean {
    return this.coding !== Coding.Identity || (this.fields.contentCoding ?? "") !== "";
  }

  /** 304 for a client that holds another representation, of this entity tag, that could have been selected as well. */
  notModifiedAs(entityTag: string): Reply {
    return new Reply(buildResponseHead(304, this.fieldLines(304, "", entityTag)), NO_CONTENT, this.outcome);
  }

  /** The octets from `first` to `last` (both included) as a 206. */
  partial(first: number, last: number): Reply {
    const heads = (this.partialHeads ??= new PartialHeads(this.fieldLines(206), this.size));
    const { content, file } = this;
    const part =
      content === null
        ? new FileContent(file!, Offset(first), Octets(last - first + 1))
        : new OctetsContent(content, first, last + 1);
    return new Reply(heads.of(first, last), part, this.outcome);
  }

  /** Several disjoint ranges, as pairs of first and last octet, as one 206 with a body of parts. */
  parts(ranges: Float64Array, count: number): Reply {
    const { contentType } = this.fields;
    const boundary = randomBytes(BOUNDARY_OCTETS).toString("hex");
    const parts = new RangeParts(ranges, count, this.size, contentType, boundary);
    const head = buildResponseHead(206, [
      ...this.fieldLines(206, `multipart/byteranges; boundary=${boundary}`),
      ["Content-Length", String(parts.octets)],
    ]);
    const content = new PartsContent(parts, parts.closing, this.content, this.file, parts.octets);
    return new Reply(head, content, this.outcome);
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
    const forward = this.outcome === CacheOutcome.Hit ? null : this.forward;
    lines.push(...(fields.extraFields ?? []), ...cacheLines(fields.cacheField ?? "x-cache", forward));
    if (fields.edits === undefined || fields.edits.length === 0) return lines;
    return applyEdits(lines, status === 304 ? editsForNotModified(fields.edits) : fields.edits);
  }
}

/** A file that isn't a script by its type must not be run as one (Fetch standard, "X-Content-Type-Options"). */
export const NOSNIFF: FieldLine = ["X-Content-Type-Options", "nosniff"];

/** 96 random bits: content can't contain them, not even on purpose. */
const BOUNDARY_OCTETS = 12;

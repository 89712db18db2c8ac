/**
 * The ready responses of one file: 200 with content, its head alone for HEAD, 304, and the start of a 206.
 *
 * In:    the file's validators and type, its content in memory or its descriptor, and whether it comes from the cache.
 * Out:   replies that need nothing but a fresh Date to be sent.
 * Keeps: built once per file version; only a partial response writes digits per request, into a buffer it reuses.
 * Source: RFC 9110 §8 (representation data), §15.3.7 (206), §15.4.5 (304 carries what a 200 would: Date, ETag and the
 *         caching fields), §14.4 (Content-Range).
 */
import { buildResponseHead, type FieldLine, type ResponseHead } from "../http/response-head.ts";
import { formatHttpDate } from "../http/http-date.ts";
import { CacheOutcome, FileReply, OctetsReply, type Reply, type SharedFile } from "../http/reply.ts";

export interface FileHeadFields {
  /** Value of the Server field; empty = no such field. */
  readonly serverField: string;
  readonly contentType: string;
  /** Octets of the whole representation. */
  readonly size: number;
  /** With its quotes. */
  readonly entityTag: string;
  readonly lastModifiedMs: number;
}

export class FileReplies {
  readonly full: Reply;
  readonly headOnly: OctetsReply;
  readonly notModified: OctetsReply;
  /** The validators, as preconditions compare them. */
  readonly entityTag: Buffer;
  readonly lastModified: Buffer;
  readonly lastModifiedSeconds: number;
  readonly size: number;
  private readonly fields: FileHeadFields;
  /** A view of the content that `full` holds. */
  private readonly content: Buffer | null;
  private readonly file: SharedFile | null;
  private readonly outcome: CacheOutcome;
  private partialStart: ResponseHead | null = null;

  constructor(fields: FileHeadFields, content: Buffer | null, file: SharedFile | null, outcome: CacheOutcome) {
    this.fields = fields;
    this.file = file;
    this.outcome = outcome;
    this.size = fields.size;
    this.lastModifiedSeconds = Math.floor(fields.lastModifiedMs / 1000);
    this.entityTag = Buffer.from(fields.entityTag, "latin1");
    const lastModified = formatHttpDate(this.lastModifiedSeconds * 1000);
    this.lastModified = Buffer.from(lastModified, "latin1");

    const head = buildResponseHead(200, this.fieldLines(200));
    this.headOnly = octetsReply(200, head, outcome);
    this.notModified = octetsReply(304, buildResponseHead(304, this.fieldLines(304)), outcome);
    if (content !== null) {
      const octets = Buffer.concat([head.octets, content]);
      this.full = new OctetsReply(200, octets, head.octets.length, head.dateOffset, outcome);
      this.content = octets.subarray(head.octets.length);
    } else {
      this.content = null;
      this.full = new FileReply(200, head.octets, head.dateOffset, file!, 0, fields.size, outcome);
    }
  }

  /** The same responses for a client whose request was not answered from the cache. */
  asMiss(): FileReplies {
    if (this.outcome === CacheOutcome.Miss) return this;
    return new FileReplies(this.fields, this.content, this.file, CacheOutcome.Miss);
  }

  /** The octets from `first` to `last` (both included) as a 206: transient, overwritten by the next call of any file. */
  partial(first: number, last: number): Reply {
    const octets = partialOctets;
    const start = (this.partialStart ??= this.startOfPartial());
    let end = start.octets.copy(octets, 0);
    end += octets.write(`${first}-${last}/${this.size}\r\nContent-Length: ${last - first + 1}\r\n\r\n`, end, "latin1");
    if (this.content !== null) return this.partialOfContent(start, end, first, last);
    const reply = (partialFileReply ??= transientFileReply(this.file!));
    reply.dateOffset = start.dateOffset;
    reply.dateSecond = 0;
    reply.headOctets = end;
    reply.file = this.file!;
    reply.fileOffset = first;
    reply.contentOctets = last - first + 1;
    reply.outcome = this.outcome;
    return reply;
  }

  private partialOfContent(start: ResponseHead, end: number, first: number, last: number): Reply {
    const reply = partialOctetsReply;
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
    return { octets: head.octets.subarray(0, head.octets.length - 4), dateOffset: head.dateOffset };
  }

  private fieldLines(status: 200 | 206 | 304): FieldLine[] {
    const { fields } = this;
    const lines: FieldLine[] = [];
    if (fields.serverField !== "") lines.push(["Server", fields.serverField]);
    lines.push(["Date", null]);
    if (status !== 304) lines.push(["Content-Type", fields.contentType]);
    if (status === 200) lines.push(["Content-Length", String(fields.size)]);
    lines.push(["Last-Modified", this.lastModified.toString("latin1")], ["ETag", fields.entityTag]);
    if (status !== 304) lines.push(["Accept-Ranges", "bytes"]);
    lines.push(["X-Cache", this.outcome === CacheOutcome.Hit ? "HIT" : "MISS"]);
    return lines;
  }
}

function octetsReply(status: number, head: ResponseHead, outcome: CacheOutcome): OctetsReply {
  return new OctetsReply(status, head.octets, head.octets.length, head.dateOffset, outcome);
}

// One 206 is under way at a time: the connection sends it, or detaches it, before the next request is looked at.
const partialOctets = Buffer.allocUnsafeSlow(4096);
const partialOctetsReply = new OctetsReply(206, partialOctets, 0, -1);
partialOctetsReply.transient = true;
let partialFileReply: FileReply | null = null;

function transientFileReply(file: SharedFile): FileReply {
  const reply = new FileReply(206, partialOctets, -1, file, 0, 0, CacheOutcome.None);
  reply.transient = true;
  return reply;
}

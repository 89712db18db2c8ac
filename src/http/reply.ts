/**
 * A response, whatever the version of HTTP: a head, what follows it, and where it came from.
 *
 * It says nothing about a connection or a stream, and nothing in it changes but the dates of its head's encodings. So one object
 * answers a thousand clients at a time. `lines` are fields of this reply alone, in front of the end of a head that others share
 * (the CORS fields for one origin).
 */
import { type Content, NO_CONTENT, OctetsContent } from "./content.ts";
import { formatHttpDate } from "./http-date.ts";
import {
  buildResponseHead,
  type EncodedHead,
  encodeFieldLines,
  type FieldLine,
  type ResponseHead,
} from "./response-head.ts";

/** What the statistics call hit and miss, and responses tell; None for what never comes from the cache. */
export enum CacheOutcome {
  None,
  Hit,
  Miss,
}

/** A field line as it is sent, its date filled in. */
export type SentField = readonly [name: string, value: string];

/** Field lines that follow those of a shared head. */
export class MoreLines {
  /** As HTTP/1.1 says them. */
  readonly h1: Buffer;
  /** As HTTP/2 says them: made at first use (http2/hpack-encoder.ts). */
  h2: Buffer | null = null;

  constructor(readonly fields: readonly FieldLine[]) {
    this.h1 = encodeFieldLines(fields);
  }
}

/** A reply of the cache with content up to this is kept a second time, as HTTP/2 sends all of it. */
export const WHOLE_CONTENT_OCTETS_MAX = 4096;

export class Reply {
  /** Head and content as HTTP/2 sends them, where they are small: made at first use (http2/whole-reply.ts). */
  whole: EncodedHead | null = null;

  constructor(
    readonly head: ResponseHead,
    readonly content: Content = NO_CONTENT,
    readonly outcome: CacheOutcome = CacheOutcome.None,
    readonly lines: MoreLines | null = null,
  ) {}

  get status(): number {
    return this.head.status;
  }

  /** All field lines in order, as they are sent at `nowMs` (since 1970). */
  fieldsAt(nowMs: number): SentField[] {
    const lines = [...this.head.fields, ...(this.lines?.fields ?? [])];
    return lines.map(([name, value, secondsLater = 0]) => [name, value ?? formatHttpDate(nowMs + secondsLater * 1000)]);
  }

  /** The same with more field lines. */
  with(lines: MoreLines): Reply {
    const all = this.lines === null ? lines : new MoreLines([...this.lines.fields, ...lines.fields]);
    return new Reply(this.head, this.content, this.outcome, all);
  }

  /** The same to a HEAD request (RFC 9110 §9.3.2). */
  withoutContent(): Reply {
    return new Reply(this.head, NO_CONTENT, this.outcome, this.lines);
  }
}

/** A reply whose content lies behind its head. */
export function octetsReply(
  status: number,
  fields: readonly FieldLine[],
  content: Buffer,
  outcome: CacheOutcome = CacheOutcome.None,
): Reply {
  const head = buildResponseHead(status, fields, content);
  return new Reply(head, new OctetsContent(head.h1.octets, head.h1.end), outcome);
}

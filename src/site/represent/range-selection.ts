/**
 * Which ranges of a representation are sent, and of which one they are cut where a file can be had in several content codings.
 *
 * In:    a request with Range; a representation.
 * Out:   how many ranges, and where; or why none is sent.
 * Why:   a slice of a coded stream can't be decoded by itself, and clients that resume a download ask for offsets in the file
 *        while their library goes on sending Accept-Encoding. Which representation is selected is the server's choice (RFC 9110
 *        §12.1), so ranges are cut from the file as it is, unless the client names another representation by its entity tag: in
 *        If-Range, because it holds the beginning of that one, or in If-Match, because it wants that one or nothing.
 * Keeps: no slice of a coded stream is sent to a client that didn't name it. A date can't name one: all codings of a file have
 *        the same, so in If-Range it isn't a strong validator between them (§13.1.5, §8.8.2.2). Allocates nothing.
 */
import { evaluateIfRange, parseByteRanges, RangeOutcome } from "../../http/byte-range.ts";
import { Coding } from "../../http/content-coding.ts";
import { listMatchesStrongly, matchesStrongly, isAnyTag } from "../../http/entity-tag.ts";
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import { coalesceRanges } from "../../http/multipart-ranges.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { FileReplies } from "./file-replies.ts";

/**
 * Most ranges that one request may ask for; one with more gets the whole representation (RFC 9110 §14.2). As many as programs send
 * that fetch what they lack of a file (zsync, zchunk); coalesceRanges sees to it that they don't cost more than the whole.
 */
const RANGES_MAX = 256;

/** What ranges are of. */
type Sliceable = Pick<FileReplies, "coding" | "entityTag" | "isCoded" | "lastModifiedSeconds" | "size">;

export class RangeSelection {
  /** First and last octet of each range, both included; as many pairs as `evaluate` said. */
  readonly pairs = new Float64Array(RANGES_MAX * 2);

  /** How many ranges of this representation are to be sent, or why none is: a RangeOutcome. */
  evaluate(replies: Sliceable, head: RequestHead): number {
    if (!head.has(Field.Range)) return RangeOutcome.Absent;
    if (head.method !== Method.Get) return RangeOutcome.OtherMethod;
    if (head.isRepeated(Field.Range)) return RangeOutcome.Repeated;
    if (replies.coding !== Coding.Identity && !namesRepresentation(head, replies.entityTag)) {
      return head.has(Field.IfRange) ? RangeOutcome.IfRangeStale : RangeOutcome.CodingNotNamed;
    }
    if (!evaluateIfRange(head, replies.entityTag, replies.lastModifiedSeconds)) return RangeOutcome.IfRangeStale;
    const { pairs } = this;
    const start = head.valueStart(Field.Range);
    const count = parseByteRanges(head.bytes, start, head.valueEnd(Field.Range), replies.size, pairs);
    if (count <= 1) return count;
    return replies.isCoded ? RangeOutcome.PartsOfCoding : coalesceRanges(pairs, count, replies.size);
  }

  /** Whether ranges are asked for that are cut from the file as it is, satisfiable or not, though it can be had coded. */
  areOfIdentity(identity: Sliceable, acceptsIdentity: boolean, head: RequestHead): boolean {
    if (!acceptsIdentity || !head.has(Field.Range) || namesAnother(head, identity.entityTag)) return false;
    return this.evaluate(identity, head) >= RangeOutcome.Unsatisfiable;
  }
}

/** Whether the request says by its entity tag that it is about this representation. */
export function namesRepresentation(head: RequestHead, entityTag: Uint8Array): boolean {
  if (head.has(Field.IfRange)) {
    if (head.isRepeated(Field.IfRange)) return false;
    return matchesStrongly(head.bytes, head.valueStart(Field.IfRange), head.valueEnd(Field.IfRange), entityTag);
  }
  let line = head.firstLine(Field.IfMatch);
  for (; line >= 0; line = head.nextLine(Field.IfMatch, line)) {
    if (listMatchesStrongly(head.bytes, head.lineValueStart(line), head.lineValueEnd(line), entityTag)) return true;
  }
  return false;
}

/** Whether the request is about another representation than the one with this tag. `If-Match: *` is about none. */
function namesAnother(head: RequestHead, entityTag: Uint8Array): boolean {
  const names = head.has(Field.IfRange) || (head.has(Field.IfMatch) && !matchesAny(head));
  return names && !namesRepresentation(head, entityTag);
}

function matchesAny(head: RequestHead): boolean {
  return isAnyTag(head.bytes, head.valueStart(Field.IfMatch), head.valueEnd(Field.IfMatch));
}

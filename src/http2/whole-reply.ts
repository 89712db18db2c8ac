/**
 * A small reply that many clients get, as it is sent to each: HEADERS and DATA, which differ by nothing but the number of the stream, and
 * once a second by the date.
 *
 *     frame head / field block / frame head / content
 *
 * In:    replies from the cache. Out: their frames, made at first use and kept with them (Reply.whole); put where the caller says.
 * Units: octets.
 * Keeps: one copy does for what would be two, and two frame heads. Only content up to WHOLE_CONTENT_OCTETS_MAX is kept this second time:
 *        what is larger costs so much more to send that it doesn't matter. The cache charges entries with it (cache/response-cache.ts).
 */
import { ContentKind } from "../http/content.ts";
import { CacheOutcome, type Reply, WHOLE_CONTENT_OCTETS_MAX } from "../http/reply.ts";
import { EncodedHead } from "../http/response-head.ts";
import { Flag, FRAME_HEAD_OCTETS, FRAME_OCTETS_MAX, FrameType, putFrameHead, putStream } from "./frame.ts";
import { fieldBlockOf } from "./hpack-encoder.ts";

/** The frames of a reply, `fieldsEnd` being where DATA begins; null where it has to be put together each time. */
export function wholeReply(reply: Reply): EncodedHead | null {
  if (reply.outcome !== CacheOutcome.Hit || reply.content.octetCount > WHOLE_CONTENT_OCTETS_MAX) return null;
  return reply.whole ?? makeWhole(reply);
}

/** Puts the frames of stream `id` at `at`; returns the offset after them. */
export function putWholeReply({ end, fieldsEnd, octets }: EncodedHead, target: Buffer, at: number, id: number): number {
  octets.copy(target, at, 0, end);
  putStream(target, at, id);
  putStream(target, at + fieldsEnd, id);
  return at + end;
}

/** Ranges and fields of one origin make a reply that nobody else gets. */
function makeWhole(reply: Reply): EncodedHead | null {
  const { content, head, lines } = reply;
  if (content.kind !== ContentKind.Octets || content.octetCount === 0 || lines !== null || !head.isShared) return null;
  const block = fieldBlockOf(head);
  if (block.end > FRAME_OCTETS_MAX) return null;
  const fieldsEnd = FRAME_HEAD_OCTETS + block.end;
  const contentStart = fieldsEnd + FRAME_HEAD_OCTETS;
  const octets = Buffer.allocUnsafeSlow(contentStart + content.octetCount);
  putFrameHead(octets, 0, block.end, FrameType.Headers, Flag.EndHeaders, 0);
  block.octets.copy(octets, FRAME_HEAD_OCTETS, 0, block.end);
  putFrameHead(octets, fieldsEnd, content.octetCount, FrameType.Data, Flag.EndStream, 0);
  content.octets.copy(octets, contentStart, content.start, content.end);
  return (reply.whole = new EncodedHead(
    octets,
    octets.length,
    fieldsEnd,
    behindFrameHead(block.dateOffset),
    behindFrameHead(block.expiresOffset),
    block.expiresSeconds,
  ));
}

function behindFrameHead(offset: number): number {
  return offset < 0 ? offset : offset + FRAME_HEAD_OCTETS;
}

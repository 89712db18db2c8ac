/**
 * A reply with field lines added at the end of its head.
 *
 * In:    a reply, and whole field lines (each with its CRLF) as octets.
 * Out:   a reply of its own for one request: the head is copied, the content is shared.
 */
import { FileReply, OctetsReply, PartsReply, type Reply, ReplyKind, withExpires } from "./reply.ts";

const CRLF = Buffer.from("\r\n", "latin1");

export function withFieldLines(reply: Reply, lines: Buffer): Reply {
  return withExpires(rebuilt(reply, lines), reply);
}

function rebuilt(reply: Reply, lines: Buffer): Reply {
  const head = Buffer.concat([reply.octets.subarray(0, reply.headOctets - CRLF.length), lines, CRLF]);
  const { status, dateOffset, outcome } = reply;
  switch (reply.kind) {
    case ReplyKind.Octets: {
      const result = new OctetsReply(status, head, head.length, dateOffset, outcome);
      const isBehindHead = reply.content === null && reply.octetCount > reply.headOctets;
      result.content = isBehindHead ? reply.octets : reply.content;
      result.contentStart = isBehindHead ? reply.headOctets : reply.contentStart;
      result.contentEnd = isBehindHead ? reply.octetCount : reply.contentEnd;
      return result;
    }
    case ReplyKind.File:
      return new FileReply(status, head, dateOffset, reply.file, reply.fileOffset, reply.contentOctets, outcome);
    case ReplyKind.Parts: {
      const { parts, closing, memory, file, contentOctets } = reply;
      return new PartsReply(status, head, dateOffset, parts, closing, memory, file, contentOctets, outcome);
    }
  }
}

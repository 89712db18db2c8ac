/** What a request makes of the reply to it. */
import { ContentKind, NO_CONTENT } from "../http/content.ts";
import { Method } from "../http/method.ts";
import { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";

/** HEAD is answered without content (RFC 9110 §9.3.2), also where an application has made some. */
export function withoutContentFor(head: RequestHead, reply: Reply): Reply {
  if (head.method !== Method.Head || reply.content.kind === ContentKind.None) return reply;
  if (reply.content.kind === ContentKind.Source) reply.content.source.stop();
  return new Reply(reply.head, NO_CONTENT, reply.outcome, reply.lines);
}

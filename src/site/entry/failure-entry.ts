/** A failure: 404, or another status that says why. */
import { CacheEntry } from "../../cache/response-cache.ts";
import { Method } from "../../http/method.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { allHold, type Finding } from "../load/finding.ts";
import type { ErrorReplies } from "../represent/error-replies.ts";
import { EntryKind } from "./entry-kind.ts";

export class FailureEntry extends CacheEntry {
  readonly kind = EntryKind.Failure;

  /** `page`: below the root, instead of the status's own. `findings` null: only loading again can tell. */
  constructor(
    key: string,
    readonly status: number,
    private readonly page: string | null,
    private readonly findings: readonly Finding[] | null,
    readonly errors: ErrorReplies,
  ) {
    super(key);
  }

  replyTo(head: RequestHead): Reply {
    const headOnly = head.method === Method.Head;
    if (this.page === null) return this.errors.of(this.status, headOnly, head);
    return this.errors.withPage(this.status, this.page, headOnly, head);
  }

  isCurrent(): boolean {
    return this.findings !== null && allHold(this.findings);
  }

  retain(): void {}

  release(): void {}
}

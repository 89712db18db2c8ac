/** A redirect to another path or host: by a rule, or because a folder was requested without its final slash. */
import { CacheEntry } from "../../cache/response-cache.ts";
import { Method } from "../../http/method.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { allHold, type Finding } from "../load/finding.ts";
import type { ErrorForm } from "../represent/error-form.ts";
import type { ErrorReplies } from "../represent/error-replies.ts";
import { type Location, locationText } from "../rules/move-target.ts";
import { EntryKind } from "./entry-kind.ts";

export class RedirectEntry extends CacheEntry {
  readonly kind = EntryKind.Redirect;
  /** Replies to requests without a query, by form: with content, and without. */
  private readonly full: (Reply | undefined)[] = [];
  private readonly headOnly: (Reply | undefined)[] = [];

  constructor(
    key: string,
    private readonly status: number,
    readonly location: Location,
    private readonly findings: readonly Finding[],
    readonly errors: ErrorReplies,
  ) {
    super(key);
  }

  /** `query`: that of the request, with "?", or "". */
  replyTo(head: RequestHead, query: string): Reply {
    const form = this.errors.formFor(head);
    const headOnly = head.method === Method.Head;
    if (query !== "" && this.location.keepsQuery) return this.build(query, headOnly, form);
    return ((headOnly ? this.headOnly : this.full)[form] ??= this.build("", headOnly, form));
  }

  isCurrent(): boolean {
    return allHold(this.findings);
  }

  retain(): void {}

  release(): void {}

  private build(query: string, headOnly: boolean, form: ErrorForm): Reply {
    return this.errors.redirect(this.status, locationText(this.location, query), headOnly, form);
  }
}

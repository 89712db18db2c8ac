/**
 * What a response says to the origin that asks (`[cors]`), where that depends on the origin.
 *
 * In:    a reply, and the request it is for. Out: the reply, with field lines for an origin that is allowed.
 * Keeps: made only for a host whose answers depend on Origin, and only for requests that have one: each gets a reply of its own.
 *        That they depend on it stands in every reply (Vary, by the path's field edits).
 */
import { Field } from "../http/field.ts";
import type { Reply } from "../http/reply.ts";
import { withFieldLines } from "../http/reply-fields.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { RequestPath } from "./request-path.ts";
import { appliesTo, corsEditsFor, type CorsRule } from "./rules/cors-rule.ts";
import { segmentsOf } from "./rules/path-pattern.ts";
import { matchesEverything } from "./rules/pattern-cover.ts";

/** Origins whose field lines are kept. */
const ORIGINS_MAX = 64;

export class OriginLines {
  /** It applies to every path: the request's path need not be determined. */
  readonly isEverywhere: boolean;
  private readonly kept = new Map<string, Buffer | null>();

  /** `rule`: one whose answers depend on the origin. */
  constructor(private readonly rule: CorsRule) {
    this.isEverywhere = matchesEverything(rule.pattern);
  }

  /** `path`: null where it doesn't matter, or there is none. */
  addTo(reply: Reply, head: RequestHead, path: RequestPath | null): Reply {
    const lines = this.linesFor(head.value(Field.Origin) ?? "");
    if (lines === null) return reply;
    const applies = this.isEverywhere || (path !== null && appliesTo(this.rule, segmentsOf(path.filePath)));
    return applies ? withFieldLines(reply, lines) : reply;
  }

  private linesFor(origin: string): Buffer | null {
    let lines = this.kept.get(origin);
    if (lines === undefined) {
      const edits = corsEditsFor(this.rule, origin) ?? [];
      const text = edits.map(({ name, value }) => `${name}: ${value}\r\n`).join("");
      lines = text === "" ? null : Buffer.from(text, "latin1");
      if (this.kept.size === ORIGINS_MAX) this.kept.clear();
      this.kept.set(origin, lines);
    }
    return lines;
  }
}

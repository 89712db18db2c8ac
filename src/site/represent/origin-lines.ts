/**
 * What a response says to the origin that asks (`[cors]`), where that depends on the origin.
 *
 * In:    a reply, and the request it is for. Out: the reply, with field lines for an origin that is allowed.
 * Keeps: made only for a host whose answers depend on Origin, and only for requests that have one: each gets a reply of its own,
 *        which shares head and content. That they depend on it stands in every head (Vary, by the path's field edits).
 */
import { Field } from "../../http/field.ts";
import { MoreLines, type Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { isInScope } from "../cors-scope.ts";
import { corsEditsFor, type CorsRule } from "../rules/cors-rule.ts";

/** Origins whose field lines are kept. */
const ORIGINS_MAX = 64;

export class OriginLines {
  private readonly kept = new Map<string, MoreLines | null>();

  /** `rule`: one whose answers depend on the origin. */
  constructor(private readonly rule: CorsRule) {}

  addTo(reply: Reply, head: RequestHead): Reply {
    const lines = this.linesFor(head.value(Field.Origin) ?? "");
    return lines !== null && isInScope(this.rule, head) ? reply.with(lines) : reply;
  }

  private linesFor(origin: string): MoreLines | null {
    let lines = this.kept.get(origin);
    if (lines === undefined) {
      const edits = corsEditsFor(this.rule, origin) ?? [];
      lines = edits.length === 0 ? null : new MoreLines(edits.map(({ name, value }) => [name, value]));
      if (this.kept.size === ORIGINS_MAX) this.kept.clear();
      this.kept.set(origin, lines);
    }
    return lines;
  }
}

/**
 * Which requests `[cors]` is about: by the path they ask for, whatever becomes of them.
 *
 * In:    the rule, a request head; of one that was refused while it was read, as much as there is of it.
 * Keeps: a script must be able to read why it was refused, so a path that is refused counts as well: a hidden name, or an
 *        encoded slash, is compared as what it would name; of one that can't be decoded, the rest. A request refused before
 *        its path was read is covered by a rule for every path and by no other.
 */
import { type RequestHead, TargetForm } from "../http/request-head.ts";
import { resolveRequestPath } from "./request-path.ts";
import { sentPathOf } from "./request-text.ts";
import { appliesTo, type CorsRule } from "./rules/cors-rule.ts";
import { segmentsOf } from "./rules/path-pattern.ts";
import { matchesEverything } from "./rules/pattern-cover.ts";

export function isInScope(rule: CorsRule, head: RequestHead): boolean {
  if (head.targetForm === TargetForm.Asterisk) return false;
  if (matchesEverything(rule.pattern)) return true;
  if (head.pathStart === 0) return false;
  const sent = sentPathOf(head);
  const decoded = resolveRequestPath(sent, true, "decode");
  const path = decoded === 400 ? resolveRequestPath(sent.replace(/[%\x80-\xff]/g, "%25"), true) : decoded;
  return typeof path !== "number" && appliesTo(rule, segmentsOf(path.filePath));
}

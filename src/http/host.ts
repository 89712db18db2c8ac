/**
 * Host: the authority a request is for, unless its target names one (RFC 9110 §7.2, RFC 9112 §3.2, §3.3).
 *
 * In:    a parsed field section, HTTP version and request-target, in `head`.
 * Out:   authority offsets in `head`; returns 0 or a ParseCode.
 * Keeps: HTTP/1.1 without Host, more than one Host in any version, and a malformed value are refused (§3.2, MUST), even
 *        where the target's authority makes the value irrelevant.
 * An empty value is within the grammar, but leaves an http URI without the host it requires; §3.3 lets a server refuse
 * that or fall back on a default. saker refuses it in origin-form, and only there: in absolute-form and authority-form
 * the target wins, and asterisk-form is about no resource.
 */

import { parseAuthority } from "./authority.ts";
import { Field } from "./field.ts";
import { ParseCode } from "./parse-code.ts";
import { HttpVersion, type RequestHead, TargetForm } from "./request-head.ts";

export function determineAuthority(head: RequestHead): ParseCode {
  if (!head.has(Field.Host)) return head.version === HttpVersion.Http10 ? ParseCode.None : ParseCode.MissingHost;
  if (head.isRepeated(Field.Host)) return ParseCode.RepeatedHost;
  const start = head.valueStart(Field.Host);
  const end = head.valueEnd(Field.Host);
  const hostEnd = parseAuthority(head.bytes, start, end);
  if (hostEnd < 0) return ParseCode.BadHost;
  if (head.authorityStart >= 0) return ParseCode.None;
  if (hostEnd === start && head.targetForm === TargetForm.Origin) return ParseCode.BadHost;
  head.authorityStart = start;
  head.authorityEnd = end;
  head.hostEnd = hostEnd;
  return ParseCode.None;
}

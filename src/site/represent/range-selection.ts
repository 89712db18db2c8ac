/**
 * Of which representation a range is cut, where a file can be had in several content codings.
 *
 * In:    a request with Range; the entity tag of a representation, quotes included.
 * Why:   a slice of a coded stream can't be decoded by itself, and clients that resume a download ask for offsets in the file
 *        while their library goes on sending Accept-Encoding. Which representation is selected is the server's choice (RFC 9110
 *        §12.1), so ranges are cut from the file as it is, unless the client names another representation by its entity tag: in
 *        If-Range, because it holds the beginning of that one, or in If-Match, because it wants that one or nothing.
 * Keeps: no slice of a coded stream is sent to a client that didn't name it. A date can't name one: all codings of a file have
 *        the same, so in If-Range it isn't a strong validator between them (§13.1.5, §8.8.2.2).
 */
import { listMatchesStrongly, matchesStrongly, isAnyTag } from "../../http/entity-tag.ts";
import { Field } from "../../http/field.ts";
import type { RequestHead } from "../../http/request-head.ts";

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
export function namesAnother(head: RequestHead, entityTag: Uint8Array): boolean {
  const names = head.has(Field.IfRange) || (head.has(Field.IfMatch) && !matchesAny(head));
  return names && !namesRepresentation(head, entityTag);
}

function matchesAny(head: RequestHead): boolean {
  return isAnyTag(head.bytes, head.valueStart(Field.IfMatch), head.valueEnd(Field.IfMatch));
}

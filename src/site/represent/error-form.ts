/**
 * The form of a response that saker writes itself, as its client asks for it (RFC 9110 §12.5.1).
 *
 *   Text   one line: for whoever asks for nothing in particular (no Accept, or "*\/*"), as command lines do
 *   Json   problem details (RFC 9457), for programs that name JSON
 *   Html   a page, for browsers, which name HTML
 *
 * In:    a request's Accept, as far as its head could be read; and the form for whoever has no preference: Text, or Html
 *        where the site has a page of its own.
 * Out:   the form of the greatest weight; of equal weights the one that is named more plainly; of forms that are named alike,
 *        Html before Json before Text; of forms that aren't named at all, the usual one, or
 *        the plainest.
 * Keeps: allocates nothing for an Accept that was seen lately. A client that accepts none of them gets the usual one: an
 *        error that can't be read still has a status (RFC 9110 §15.5.7 leaves the choice to the server).
 */
import { Field } from "../../http/field.ts";
import { FieldValueMemo } from "../../http/field-value-memo.ts";
import { wishesFor, type Wish } from "../../http/media-range.ts";
import type { RequestHead } from "../../http/request-head.ts";

export enum ErrorForm {
  Text,
  Json,
  Html,
  count,
}

export type UsualForm = ErrorForm.Text | ErrorForm.Html;

/** Longer than any browser's; a longer one is not read, so that errors are cheap whoever asks. */
const ACCEPT_OCTETS_MAX = 1024;
const MEMO_OCTETS = 192;

/** A wish of at least this specificity names the type itself (media-range.ts). */
const NAMED = 3;

/** The first of forms that are named alike is taken. */
const ORDER: readonly ErrorForm[] = [ErrorForm.Html, ErrorForm.Json, ErrorForm.Text];

export function chooseErrorForm(accept: string | null, usual: UsualForm): ErrorForm {
  if (accept === null || accept === "") return usual;
  const wishes = wishesOf(accept);
  const quality = Math.max(...wishes.map((wish) => wish.quality));
  if (quality === 0) return usual;
  const liked = ORDER.filter((form) => wishes[form]!.quality === quality);
  const specificity = Math.max(...liked.map((form) => wishes[form]!.specificity));
  const equals = liked.filter((form) => wishes[form]!.specificity === specificity);
  const order = specificity >= NAMED ? ORDER : [usual, ErrorForm.Text, ErrorForm.Html, ErrorForm.Json];
  return order.find((form) => equals.includes(form))!;
}

/** By `ErrorForm`. */
function wishesOf(accept: string): Wish[] {
  const types = ["text/plain", "application/json", "text/html", "application/problem+json"];
  const [text, json, html, problem] = wishesFor(accept, types) as [Wish, Wish, Wish, Wish];
  return [text, problem.specificity >= NAMED ? problem : json, html];
}

/** Reads the Accept of requests, and remembers the last few values. */
export class ErrorFormReader {
  private readonly memo = new FieldValueMemo(MEMO_OCTETS);

  /** `head` null: nothing of the request could be read. */
  formFor(head: RequestHead | null, usual: UsualForm): ErrorForm {
    if (head === null || !head.has(Field.Accept)) return usual;
    const { bytes } = head;
    const start = head.valueStart(Field.Accept);
    const end = head.valueEnd(Field.Accept);
    if (end - start > ACCEPT_OCTETS_MAX) return usual;
    if (head.isRepeated(Field.Accept)) return formOf(readBoth(head), usual);
    const known = this.memo.resultFor(bytes, start, end);
    return formOf(known >= 0 ? known : this.memo.remember(bytes, start, end, readBoth(head)), usual);
  }
}

/** The forms for both usual ones in one number. */
function readBoth(head: RequestHead): number {
  const accept = head.value(Field.Accept)!.slice(0, ACCEPT_OCTETS_MAX);
  return chooseErrorForm(accept, ErrorForm.Text) + chooseErrorForm(accept, ErrorForm.Html) * ErrorForm.count;
}

function formOf(both: number, usual: UsualForm): ErrorForm {
  return usual === ErrorForm.Text ? both % ErrorForm.count : Math.floor(both / ErrorForm.count);
}

/**
 * Content codings, and which of them a client takes: Accept-Encoding (RFC 9110 §8.4.1, §12.4.2, §12.5.3).
 *
 *     Accept-Encoding = #( codings [ weight ] )
 *     codings         = content-coding / "identity" / "*"        ; x-gzip means gzip (§8.4.1.3)
 *     weight          = OWS ";" OWS "q=" qvalue
 *     qvalue          = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
 *
 * In:    octets of a field value, of as many lines as there are.
 * Out:   a `Preference`: for each `Coding` a rank of RANK_BITS bits, 0 for "not acceptable", and the higher the better liked.
 *        Codings of equal weight have equal ranks; the server breaks the tie (site/coding/coding-order.ts).
 * Keeps: allocates nothing, throws nothing. `AcceptEncodingReader` remembers the last few values, so that what browsers
 *        send all day costs one comparison.
 *
 * Policy: a malformed value is as good as none, and identity is what every client understands. So is a value that
 * accepts nothing at all (`identity;q=0, *;q=0`): RFC 9110 §12.1 lets a server disregard it, and a client that got its
 * field wrong has more use of the content than of a 406 (§15.5.7). `identity` that isn't mentioned is acceptable, but
 * liked less than everything that is. A coding that is named twice counts with its lower weight.
 */
import { Field } from "./field.ts";
import { FieldValueMemo } from "./field-value-memo.ts";
import { elementAfter, nextElement, skipOws } from "./list.ts";
import { CASE_BIT, DIGIT, equalsIgnoringCase, Octet, octetsOf, TCHAR } from "./octets.ts";
import type { RequestHead } from "./request-head.ts";

export enum Coding {
  Identity,
  Gzip,
  Br,
  Zstd,
  count,
}

/** The content-coding's token, by `Coding`, as Content-Encoding names it. */
export const CODING_NAME: readonly string[] = ["identity", "gzip", "br", "zstd"];

/** A rank is 0 to 4. */
const RANK_BITS = 3;
const RANK_MASK = (1 << RANK_BITS) - 1;

/** One more than the largest preference. */
export const PREFERENCE_COUNT: number = 1 << (RANK_BITS * Coding.count);

/** Ranks of all codings; see the module. */
export type Preference = number;

/** No coding but identity. */
export const IDENTITY_ONLY: Preference = 1 << (RANK_BITS * Coding.Identity);

export function rankOf(preference: Preference, coding: Coding): number {
  return (preference >> (RANK_BITS * coding)) & RANK_MASK;
}

const NAMES = CODING_NAME.map(octetsOf);
const X_GZIP = octetsOf("x-gzip");

const LOWER_Q = 0x71;

/** Weights are thousandths, except for these two. */
const NOT_LISTED = -1;
/** Acceptable without being named: less than any weight one can write. */
const LEAST = 0.5;
const WEIGHT_MAX = 1000;

/** What the lines of one field have said so far; one value is read at a time. */
const weights = new Float64Array(Coding.count);
let wildcardWeight = NOT_LISTED;

/** The weight that `parseWeight` found. */
let weight = 0;

/** The preference that one field value [start, end) states. An empty value accepts identity alone (§12.5.3). */
export function parseAcceptEncoding(bytes: Uint8Array, start: number, end: number): Preference {
  forgetWeights();
  return readList(bytes, start, end) ? ranksOfWeights() : IDENTITY_ONLY;
}

/** Longer values are not remembered. */
const MEMO_OCTETS = 64;

/** Reads the Accept-Encoding of requests, and remembers the last few values. */
export class AcceptEncodingReader {
  private readonly memo = new FieldValueMemo(MEMO_OCTETS);

  /**
   * What the request accepts. Identity alone if the field is absent: any coding would be allowed (§12.5.3), but clients that
   * want one say so.
   */
  preferenceOf(head: RequestHead): Preference {
    if (!head.has(Field.AcceptEncoding)) return IDENTITY_ONLY;
    if (head.isRepeated(Field.AcceptEncoding)) return parseLines(head);
    const { bytes } = head;
    const line = head.known[Field.AcceptEncoding]!;
    const start = head.lineValueStart(line);
    const end = head.lineValueEnd(line);
    const known = this.memo.resultFor(bytes, start, end);
    return known >= 0 ? known : this.memo.remember(bytes, start, end, parseAcceptEncoding(bytes, start, end));
  }
}

/** Several field lines are one list (§5.3). */
function parseLines(head: RequestHead): Preference {
  forgetWeights();
  let line = head.firstLine(Field.AcceptEncoding);
  for (; line >= 0; line = head.nextLine(Field.AcceptEncoding, line)) {
    if (!readList(head.bytes, head.lineValueStart(line), head.lineValueEnd(line))) return IDENTITY_ONLY;
  }
  return ranksOfWeights();
}

function forgetWeights(): void {
  weights.fill(NOT_LISTED);
  wildcardWeight = NOT_LISTED;
}

/** Notes the weights that the list [start, end) gives; false when it is malformed. */
function readList(bytes: Uint8Array, start: number, end: number): boolean {
  let position = nextElement(bytes, start, end);
  while (position < end) {
    const nameEnd = skipToken(bytes, position, end);
    if (nameEnd === position) return false;
    const memberEnd = parseWeight(bytes, nameEnd, end);
    if (memberEnd < 0) return false;
    noteWeight(bytes, position, nameEnd);
    position = elementAfter(bytes, memberEnd, end);
    if (position < 0) return false;
  }
  return true;
}

/** Reads the weight after a coding's name into `weight`, 1 where there is none; returns the offset after it, or -1. */
function parseWeight(bytes: Uint8Array, start: number, end: number): number {
  weight = WEIGHT_MAX;
  let position = skipOws(bytes, start, end);
  if (position === end || bytes[position] !== Octet.Semicolon) return start;
  position = skipOws(bytes, position + 1, end);
  if (end - position < 3 || (bytes[position]! | CASE_BIT) !== LOWER_Q || bytes[position + 1] !== Octet.Equals)
    return -1;
  return parseQvalue(bytes, position + 2, end);
}

function parseQvalue(bytes: Uint8Array, start: number, end: number): number {
  const whole = bytes[start]! - Octet.Zero;
  if (whole !== 0 && whole !== 1) return -1;
  weight = whole * WEIGHT_MAX;
  let position = start + 1;
  if (position === end || bytes[position] !== Octet.Dot) return position;
  position++;
  for (let unit = 100; unit >= 1 && position < end && DIGIT[bytes[position]!] === 1; unit /= 10) {
    weight += unit * (bytes[position]! - Octet.Zero);
    position++;
  }
  return weight > WEIGHT_MAX ? -1 : position; // a fourth digit is not a comma, so the caller refuses it
}

function noteWeight(bytes: Uint8Array, start: number, end: number): void {
  if (end - start === 1 && bytes[start] === Octet.Asterisk) {
    wildcardWeight = lower(wildcardWeight, weight);
    return;
  }
  const coding = codingNamed(bytes, start, end);
  if (coding !== Coding.count) weights[coding] = lower(weights[coding]!, weight);
}

function lower(known: number, found: number): number {
  return known === NOT_LISTED ? found : Math.min(known, found);
}

/** The coding of this name, or `Coding.count` for one that we don't know. */
function codingNamed(bytes: Uint8Array, start: number, end: number): Coding {
  for (let coding = 0; coding < Coding.count; coding++) {
    if (equalsIgnoringCase(bytes, start, end, NAMES[coding]!)) return coding;
  }
  return equalsIgnoringCase(bytes, start, end, X_GZIP) ? Coding.Gzip : Coding.count;
}

/** From weights to ranks: each coding's rank is the number of different weights that are not above its own. */
function ranksOfWeights(): Preference {
  for (let coding = 0; coding < Coding.count; coding++) {
    if (weights[coding] !== NOT_LISTED) continue;
    if (wildcardWeight !== NOT_LISTED) weights[coding] = wildcardWeight;
    else weights[coding] = coding === Coding.Identity ? LEAST : 0;
  }
  let preference = 0;
  for (let coding = 0; coding < Coding.count; coding++) {
    preference |= rankOfWeight(weights[coding]!) << (RANK_BITS * coding);
  }
  return preference === 0 ? IDENTITY_ONLY : preference;
}

function rankOfWeight(own: number): number {
  if (own === 0) return 0;
  let rank = 1;
  for (let coding = 0; coding < Coding.count; coding++) {
    const other = weights[coding]!;
    if (other > 0 && other < own && isFirstOfItsWeight(coding)) rank++;
  }
  return rank;
}

function isFirstOfItsWeight(coding: Coding): boolean {
  for (let former = 0; former < coding; former++) {
    if (weights[former] === weights[coding]) return false;
  }
  return true;
}

function skipToken(bytes: Uint8Array, position: number, end: number): number {
  while (position < end && TCHAR[bytes[position]!] === 1) position++;
  return position;
}

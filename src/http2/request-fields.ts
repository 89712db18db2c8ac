/**
 * From the fields of a block to a request, or to its trailers (RFC 9113 §8.2, §8.3).
 *
 * In:    the fields decoded last, in a store.
 * Out:   `head`, in place: offsets into the store's octets, valid as long as those are (field-store.ts). A ParseCode: None, or the
 *        first fault. `isMalformed` tells whether RFC 9113 §8.1.1 makes it a stream error (PROTOCOL_ERROR); any other is answered as in
 *        HTTP/1.1, with PARSE_FAILURE[code].status. After a fault `head` has what was read before it; its host, if it can be known.
 * Keeps: allocates nothing, but for trailers. What both versions have in common is judged by the functions of src/http, so that a target,
 *        a host or a length means the same in both. Each crumb of Cookie stays a line of its own (§8.2.3); together they count as one.
 *        The head must have room for `store.fieldCountMax` lines.
 */
import { isSameAuthority } from "../http/authority.ts";
import { determineExpectation } from "../http/expectation.ts";
import { Field } from "../http/field.ts";
import { noteField } from "../http/field-section.ts";
import { takeContentLength } from "../http/framing.ts";
import { determineAuthority } from "../http/host.ts";
import type { Limits } from "../http/limits.ts";
import { Method } from "../http/method.ts";
import { equalsIgnoringCase, octetsOf, textOf } from "../http/octets.ts";
import { ParseCode } from "../http/parse-code.ts";
import { FIELD_SLOTS, Framing, HeadPhase, HttpVersion, type RequestHead, Scheme } from "../http/request-head.ts";
import { checkUnknownMethod } from "../http/request-line.ts";
import { takeAuthorityForm, takePath } from "../http/request-target.ts";
import type { FieldLine } from "../http/response-head.ts";
import {
  ABOUT_CONNECTION,
  ANY_FAULT,
  BAD_NAME,
  BAD_PSEUDO,
  FIELD_MASK,
  meaningOfKind,
  Pseudo,
  PSEUDO,
} from "./field-kind.ts";
import { FIELD_NUMBERS, type FieldStore } from "./field-store.ts";

const TRAILERS = octetsOf("trailers");
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** Whether a request with this fault is malformed (RFC 9113 §8.1.1): its stream is reset, and no answer is due. */
export function isMalformed(code: ParseCode): boolean {
  switch (code) {
    case ParseCode.BadFieldName:
    case ParseCode.BadFieldValue:
    case ParseCode.BadPseudoField:
    case ParseCode.MissingPseudoField:
    case ParseCode.ConnectionField:
    case ParseCode.ContentLengthMismatch:
      return true;
    default:
      return false;
  }
}

/** The request whose fields were decoded last. `endsStream`: no content follows. */
export function takeRequestFields(
  store: FieldStore,
  head: RequestHead,
  limits: Limits,
  endsStream: boolean,
): ParseCode {
  if (head.fieldOfLine.length < store.fieldCountMax) throw new RangeError("no room for that many field lines");
  head.reset(0);
  head.bytes = store.bytes;
  head.version = HttpVersion.Http2;
  const code =
    takeFields(store, head) ||
    takeControlData(store, head, limits) ||
    checkLines(store, head, limits) ||
    determineContent(head, limits, endsStream);
  head.phase = code === ParseCode.None ? HeadPhase.Complete : HeadPhase.Failed;
  return code;
}

/** Where pseudo-fields are, and the field lines (§8.3: pseudo-fields first, none twice). */
function takeFields(store: FieldStore, head: RequestHead): ParseCode {
  if ((store.kinds & ANY_FAULT) !== 0) return faultOf(store.kinds);
  const { fields: stored, pseudoFields } = store;
  const { fields } = head;
  const end = store.fieldsEnd;
  let at = 0;
  for (let pseudo = 0; pseudo < Pseudo.count; pseudo++) pseudoFields[pseudo] = -1;
  for (; at < end && (stored[at + 4]! & PSEUDO) !== 0; at += FIELD_NUMBERS) {
    const pseudo = stored[at + 4]! & FIELD_MASK;
    if (pseudoFields[pseudo] !== -1) return ParseCode.BadPseudoField;
    pseudoFields[pseudo] = at;
  }
  let slot = 0;
  let line = 0;
  for (; at < end; at += FIELD_NUMBERS, line++) {
    const kind = stored[at + 4]!;
    if ((kind & PSEUDO) !== 0) return ParseCode.BadPseudoField;
    fields[slot] = stored[at]!;
    fields[slot + 1] = stored[at + 1]!;
    fields[slot + 2] = stored[at + 2]!;
    fields[slot + 3] = stored[at + 3]!;
    noteField(head, line, kind & FIELD_MASK);
    slot += FIELD_SLOTS;
  }
  head.fieldCount = line;
  return ParseCode.None;
}

/** What is wrong with a block whose fields have these kinds. */
function faultOf(kinds: number): ParseCode {
  if ((kinds & BAD_PSEUDO) !== 0) return ParseCode.BadPseudoField;
  if ((kinds & ABOUT_CONNECTION) !== 0) return ParseCode.ConnectionField;
  return (kinds & BAD_NAME) !== 0 ? ParseCode.BadFieldName : ParseCode.BadFieldValue;
}

/** Method, scheme, authority and path (§8.3.1). The authority first: who refuses the rest asks for the host. */
function takeControlData(store: FieldStore, head: RequestHead, limits: Limits): ParseCode {
  const { fields, pseudoFields } = store;
  const methodAt = pseudoFields[Pseudo.Method]!;
  const schemeAt = pseudoFields[Pseudo.Scheme]!;
  const authorityAt = pseudoFields[Pseudo.Authority]!;
  const pathAt = pseudoFields[Pseudo.Path]!;
  const hasValidAuthority = authorityAt < 0 || takeAuthority(head, fields, authorityAt);
  if (methodAt < 0) return missingFrom(store);
  const code = takeMethod(head, fields, methodAt);
  if (code !== ParseCode.None) return code;
  if (head.method === Method.Connect) {
    if (schemeAt >= 0 || pathAt >= 0) return ParseCode.BadPseudoField;
    if (authorityAt < 0) return missingFrom(store);
    return takeAuthorityForm(head, fields[authorityAt + 2]!, fields[authorityAt + 3]!);
  }
  if (isPathTooLong(store, limits)) return ParseCode.TargetTooLong;
  if (schemeAt < 0 || pathAt < 0) return missingFrom(store);
  const pathStart = fields[pathAt + 2]!;
  const pathEnd = fields[pathAt + 3]!;
  if (pathStart === pathEnd) return ParseCode.MissingPseudoField;
  head.scheme = meaningOfKind(fields[schemeAt + 4]!);
  if (head.scheme === Scheme.None) return ParseCode.BadTarget; // RFC 9110 §4.2: another server speaks for it
  return takePath(head, pathStart, pathEnd, limits) || (hasValidAuthority ? ParseCode.None : ParseCode.BadHost);
}

/** What isn't there may be beyond the limit. */
function missingFrom(store: FieldStore): ParseCode {
  return store.isTooLarge ? ParseCode.HeadTooLarge : ParseCode.MissingPseudoField;
}

/** A path so long that nothing of it was stored gets the answer that any too long path gets. */
function isPathTooLong({ oversizedKind, oversizedOctets }: FieldStore, { targetOctetsMax }: Limits): boolean {
  return oversizedKind === (PSEUDO | Pseudo.Path) && oversizedOctets > targetOctetsMax;
}

/** An authority must not be empty, nor have userinfo (§8.3.1): of such a one no host is known (field-kind.ts). */
function takeAuthority(head: RequestHead, fields: Int32Array, at: number): boolean {
  const hostOctets = meaningOfKind(fields[at + 4]!);
  if (hostOctets === 0) return false;
  const start = fields[at + 2]!;
  head.authorityStart = start;
  head.authorityEnd = fields[at + 3]!;
  head.hostEnd = start + hostOctets;
  return true;
}

function takeMethod(head: RequestHead, fields: Int32Array, at: number): ParseCode {
  head.methodStart = fields[at + 2]!;
  head.methodEnd = fields[at + 3]!;
  head.method = meaningOfKind(fields[at + 4]!);
  if (head.method !== Method.Unknown) return ParseCode.None;
  return checkUnknownMethod(head.bytes, head.methodStart, head.methodEnd);
}

/** Fields that there are rules for, as bits of `RequestHead.present`. */
const RULED_FIELDS = (1 << Field.Te) | (1 << Field.Host);

/** The rules for field lines, and for Host beside :authority. Most requests have neither too much nor such a field. */
function checkLines(store: FieldStore, head: RequestHead, limits: Limits): ParseCode {
  const isPlain = (head.present & RULED_FIELDS) === 0 && head.authorityStart >= 0;
  if (isPlain && !store.isTooLarge && head.fieldCount <= limits.fieldCountMax) return ParseCode.None;
  return checkEachRule(store, head, limits);
}

function checkEachRule(store: FieldStore, head: RequestHead, limits: Limits): ParseCode {
  if (head.has(Field.Te) && !isTeAllowed(head)) return ParseCode.ConnectionField;
  if (store.isTooLarge) return ParseCode.HeadTooLarge;
  if (head.fieldCount > limits.fieldCountMax && head.fieldCount - extraCrumbs(head) > limits.fieldCountMax) {
    return ParseCode.TooManyFields;
  }
  const isNamed = head.authorityStart >= 0;
  if (isNamed && !head.has(Field.Host)) return ParseCode.None;
  const code = determineAuthority(head);
  return code === ParseCode.None && isNamed && !isHostAuthority(head) ? ParseCode.HostConflict : code;
}

/** TE has no other value than "trailers" (§8.2.2). */
function isTeAllowed(head: RequestHead): boolean {
  for (let line = head.firstLine(Field.Te); line >= 0; line = head.nextLine(Field.Te, line)) {
    if (!equalsIgnoringCase(head.bytes, head.lineValueStart(line), head.lineValueEnd(line), TRAILERS)) return false;
  }
  return true;
}

/** Crumbs of Cookie behind the first. */
function extraCrumbs(head: RequestHead): number {
  let crumbs = -1;
  for (let line = head.firstLine(Field.Cookie); line >= 0; line = head.nextLine(Field.Cookie, line)) crumbs++;
  return Math.max(0, crumbs);
}

function isHostAuthority(head: RequestHead): boolean {
  const { authorityEnd, authorityStart, bytes, scheme } = head;
  const start = head.valueStart(Field.Host);
  const end = head.valueEnd(Field.Host);
  const defaultPort = scheme === Scheme.Https ? HTTPS_PORT : HTTP_PORT;
  return isSameAuthority(bytes, authorityStart, authorityEnd, start, end, defaultPort);
}

/** Fields that say something of a request's content, as bits of `RequestHead.present`. */
const ABOUT_CONTENT = (1 << Field.ContentLength) | (1 << Field.Expect);

/** Content-Length (§8.1.1), which is announced and not needed: content ends with its stream; and Expect. */
function determineContent(head: RequestHead, limits: Limits, endsStream: boolean): ParseCode {
  if (endsStream && (head.present & ABOUT_CONTENT) === 0) return ParseCode.None;
  return takeContentFields(head, limits, endsStream);
}

function takeContentFields(head: RequestHead, limits: Limits, endsStream: boolean): ParseCode {
  let code = ParseCode.None;
  if (head.has(Field.ContentLength)) code = takeContentLength(head, limits);
  else if (!endsStream) head.framing = Framing.Stream;
  if (code === ParseCode.None && head.has(Field.Expect)) code = determineExpectation(head);
  return code === ParseCode.None && endsStream && head.contentOctets > 0 ? ParseCode.ContentLengthMismatch : code;
}

/**
 * The trailers whose fields were decoded last (RFC 9110 §6.5): field lines, as they were sent; or what is wrong with them. Makes strings.
 */
export function takeTrailers(store: FieldStore, limits: Limits): readonly FieldLine[] | ParseCode {
  if ((store.kinds & PSEUDO) !== 0) return ParseCode.BadPseudoField; // RFC 9113 §8.1
  if ((store.kinds & ANY_FAULT) !== 0) return faultOf(store.kinds);
  if (store.isTooLarge || store.fieldCount > limits.fieldCountMax) return ParseCode.TrailerTooLarge;
  const { bytes, fields } = store;
  return Array.from({ length: store.fieldCount }, (_, index): FieldLine => {
    const at = index * FIELD_NUMBERS;
    return [textOf(bytes, fields[at]!, fields[at + 1]!), textOf(bytes, fields[at + 2]!, fields[at + 3]!)];
  });
}

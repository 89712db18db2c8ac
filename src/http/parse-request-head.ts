/**
 * The head of a request, from octets that arrive in any pieces (RFC 9112 §2, §3, §5).
 *
 *     head = *( CRLF ) request-line CRLF *( field-line CRLF ) CRLF
 *
 * In:    octets [head.start, end) of `bytes`. While it answers 0, call again with a larger `end` and the same octets
 *        at the same offsets (in another buffer if need be).
 * Out:   > 0: the offset after the head, and `head` is filled; 0: incomplete; < 0: -ParseCode, to be answered and
 *        closed.
 * Keeps: reads only [head.start, end); allocates nothing; throws only on misuse, never on what the peer sent. The
 *        verdict depends on the octets alone, never on how they were split: a line is judged when it is whole (or
 *        certain to be too long, or no request-line from its first octet on), and a limit is reached at an octet, not at
 *        the end of a read.
 * Cost:  linear: a line is parsed once, when its LF has come; until then only new octets are searched for one.
 *
 * Departs from RFC 9112 §2.2, which lets a recipient take LF alone for the end of a line: saker answers 400. What an
 * intermediary and a server split differently allows request smuggling, and only a person at a terminal sends it.
 * A few empty lines before the request-line are ignored (§2.2).
 */

import { determinePersistence } from "./connection-option.ts";
import { determineExpectation } from "./expectation.ts";
import { Field } from "./field.ts";
import { parseFieldLines } from "./field-section.ts";
import { determineFraming } from "./framing.ts";
import { determineAuthority } from "./host.ts";
import { EMPTY_LINES_MAX, requestLineOctetsMax, type Limits } from "./limits.ts";
import { Octet, TCHAR } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { HeadPhase, type RequestHead } from "./request-head.ts";
import { parseRequestLine } from "./request-line.ts";

export type { Limits } from "./limits.ts";

/** The fields that announce content; without them a request has none. */
const CONTENT_FIELDS = (1 << Field.ContentLength) | (1 << Field.TransferEncoding) | (1 << Field.Expect);

/**
 * Octets looked at together. A larger input is taken in pieces, as if it had come so: where a head ends early, what
 * follows it is not searched through for every head before it. Most heads fit into one piece.
 */
const PIECE_OCTETS = 1024;

export function parseRequestHead(bytes: Uint8Array, end: number, head: RequestHead, limits: Limits): number {
  if (head.phase > HeadPhase.FieldSection) throw new Error("this head is parsed: reset it first");
  if (head.fieldOfLine.length < limits.fieldCountMax) throw new RangeError("no room for that many field lines");
  head.bytes = bytes;
  let pieceEnd;
  let verdict;
  do {
    pieceEnd = Math.min(end, head.searched + PIECE_OCTETS);
    verdict = parsePiece(bytes, pieceEnd, head, limits);
  } while (verdict === 0 && pieceEnd < end);
  return verdict;
}

/** parseRequestHead, for at most PIECE_OCTETS that have not been searched yet. */
function parsePiece(bytes: Uint8Array, end: number, head: RequestHead, limits: Limits): number {
  const headLimit = head.start + limits.headOctetsMax;
  const searchEnd = end < headLimit ? end : headLimit;
  const lastLf = findLastLf(bytes, head.searched, searchEnd);
  head.searched = searchEnd;

  if (head.phase === HeadPhase.RequestLine) {
    const code = takeRequestLine(bytes, searchEnd, lastLf, head, limits);
    if (code !== ParseCode.None) return fail(head, code);
  }
  if (head.phase === HeadPhase.FieldSection && lastLf >= head.position) {
    const sectionEnd = parseFieldLines(bytes, head.position, lastLf, head, limits.fieldCountMax);
    if (sectionEnd > 0) return complete(head, sectionEnd, limits);
    if (sectionEnd < 0) return fail(head, -sectionEnd);
  }
  return end < headLimit ? 0 : fail(head, ParseCode.HeadTooLarge);
}

/** Offset of the last LF in [start, end), or -1. With a whole head and nothing after it, the first look finds it. */
function findLastLf(bytes: Uint8Array, start: number, end: number): number {
  let position = end - 1;
  while (position >= start && bytes[position] !== Octet.Lf) position--;
  return position >= start ? position : -1;
}

/**
 * Ignores empty lines, then parses the request-line if it is whole, or so long that what is there decides.
 * Leaves phase RequestLine when more octets are needed.
 */
function takeRequestLine(
  bytes: Uint8Array,
  searchEnd: number,
  lastLf: number,
  head: RequestHead,
  limits: Limits,
): ParseCode {
  let position = head.position;
  while (position < lastLf && bytes[position] === Octet.Cr && bytes[position + 1] === Octet.Lf) {
    if (head.emptyLines === EMPTY_LINES_MAX) return ParseCode.BadRequestLine;
    head.emptyLines++;
    position += 2;
  }
  head.position = position;
  if (lastLf < position && searchEnd - position < requestLineOctetsMax(limits)) {
    if (position === searchEnd || mayBegin(bytes[position]!)) return ParseCode.None;
  }
  const lineEnd = parseRequestLine(bytes, position, head, limits);
  if (lineEnd < 0) return -lineEnd;
  head.position = lineEnd;
  head.phase = HeadPhase.FieldSection;
  return ParseCode.None;
}

/** Whether a request, or an empty line before one, may begin with `octet`. A client that speaks TLS learns at once that it may not. */
function mayBegin(octet: number): boolean {
  return TCHAR[octet] === 1 || octet === Octet.Cr;
}

/** The whole field section is there: what does it say about the message? Of several faults the first is reported. */
function complete(head: RequestHead, sectionEnd: number, limits: Limits): number {
  let code = determineAuthority(head);
  if (code === ParseCode.None && (head.present & CONTENT_FIELDS) !== 0) {
    code = determineFraming(head, limits) || determineExpectation(head);
  }
  if (code !== ParseCode.None) return fail(head, code);
  determinePersistence(head);
  head.end = sectionEnd;
  head.phase = HeadPhase.Complete;
  return sectionEnd;
}

function fail(head: RequestHead, code: ParseCode): number {
  head.phase = HeadPhase.Failed;
  head.persistent = false;
  return -code;
}

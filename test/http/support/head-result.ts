/**
 * What the parser makes of a head, as one comparable value, however its octets arrive.
 *
 * `parseWhole` gives everything at once; `parsePieces` call by call. Both put the octets into a larger buffer whose
 * other octets are poison: whatever looks beyond `end` sees something tempting.
 */
import { Field } from "../../../src/http/field.ts";
import type { Limits } from "../../../src/http/limits.ts";
import { Method } from "../../../src/http/method.ts";
import { ParseCode } from "../../../src/http/parse-code.ts";
import { parseRequestHead } from "../../../src/http/parse-request-head.ts";
import { Framing, HttpVersion, RequestHead, TargetForm } from "../../../src/http/request-head.ts";
import { octets } from "./octets.ts";

export const LIMITS: Limits = { headOctetsMax: 1024, targetOctetsMax: 256, fieldCountMax: 16, contentOctetsMax: 1000 };

/** Poison that would end a line, end a head, or go on with a value, if it were read. */
export const POISONS = ["\r\n\r\n\r\n", "\n", "a", "\0"] as const;

/** Offset of the head in its buffer: not 0, so that offsets and lengths can't be mistaken for each other. */
const START = 3;

/** Parses `text`, given call by call up to the offsets in `ends` and then whole. Stops at the first verdict. */
export function parsePieces(text: string, ends: readonly number[], limits = LIMITS, poison: string = POISONS[0]) {
  const source = octets(text);
  const bytes = octets(poison.repeat(Math.ceil((START + source.length + 16) / poison.length)));
  const head = new RequestHead(limits.fieldCountMax);
  head.reset(START);
  let filled = 0;
  let verdict = 0;
  for (const end of [...ends, source.length]) {
    for (; filled < end; filled++) bytes[START + filled] = source[filled]!;
    verdict = parseRequestHead(bytes, START + filled, head, limits);
    if (verdict !== 0) break;
  }
  return describeHead(head, verdict);
}

export function parseWhole(text: string, limits = LIMITS, poison: string = POISONS[0]) {
  return parsePieces(text, [], limits, poison);
}

/**
 * Parses `text` whole and returns the head itself, for tests that look closer. Throws on any other verdict than a
 * head.
 */
export function headOf(text: string, limits = LIMITS): RequestHead {
  const head = new RequestHead(limits.fieldCountMax);
  const verdict = parseRequestHead(octets(text), text.length, head, limits);
  if (verdict <= 0) throw new Error(`no head: ${describeVerdict(verdict)}`);
  return head;
}

/** ParseCode of what is wrong with `text`; ParseCode.None if it is a head, or the beginning of one. */
export function codeOf(text: string, limits = LIMITS): ParseCode {
  const head = new RequestHead(limits.fieldCountMax);
  return Math.max(0, -parseRequestHead(octets(text), text.length, head, limits));
}

function describeVerdict(verdict: number): string {
  if (verdict === 0) return "incomplete";
  return verdict > 0 ? `head of ${verdict - START} octets` : ParseCode[-verdict]!;
}

function describeHead(head: RequestHead, verdict: number) {
  const known: Record<string, string | null> = {};
  for (let field = 0; field < Field.count; field++) {
    if (head.has(field)) known[Field[field]!] = head.value(field);
  }
  return {
    verdict: describeVerdict(verdict),
    method: Method[head.method],
    methodAt: [head.methodStart, head.methodEnd],
    form: TargetForm[head.targetForm],
    scheme: head.scheme,
    targetAt: [head.targetStart, head.targetEnd],
    authorityAt: [head.authorityStart, head.hostEnd, head.authorityEnd],
    pathAt: [head.pathStart, head.pathEnd],
    queryAt: [head.queryStart, head.queryEnd],
    version: HttpVersion[head.version],
    fieldsAt: [...head.fields.subarray(0, head.fieldCount * 4)],
    known,
    repeated: head.repeated,
    persistent: head.persistent,
    framing: Framing[head.framing],
    contentOctets: head.contentOctets,
    expectContinue: head.expectContinue,
    endAt: head.end,
  };
}

export type HeadResult = ReturnType<typeof describeHead>;

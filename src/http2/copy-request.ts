/**
 * A request that outlives its block: a copy of its octets, and a head of offsets into that.
 *
 * In:    a whole head, as takeRequestFields has filled it.
 * Out:   `into`, with octets of its own: nobody else's, and valid as long as it refers to them.
 * Keeps: crumbs of Cookie are joined by "; " into one line, in the place of the first (RFC 9113 §8.2.3), so a head with room for
 *        `fieldCountMax` lines (http/limits.ts) has room for the copy. Allocates one buffer of the octets needed.
 */
import { Field } from "../http/field.ts";
import { noteField } from "../http/field-section.ts";
import { Octet } from "../http/octets.ts";
import { FIELD_SLOTS, type RequestHead } from "../http/request-head.ts";

const CRUMB_SEPARATOR_OCTETS = 2;

export function copyRequest(head: RequestHead, into: RequestHead): void {
  const target = new Copy(head.bytes, Buffer.allocUnsafeSlow(octetsOfRequest(head)));
  into.reset(0);
  into.bytes = target.octets;
  copyControlData(head, into, target);
  for (let line = 0; line < head.fieldCount; line++) {
    const field = head.fieldOfLine[line]!;
    if (field === Field.Cookie && line !== head.firstLine(Field.Cookie)) continue;
    copyLine(head, line, field, into, target);
  }
}

/** Puts pieces of one buffer behind each other into another. */
class Copy {
  end = 0;

  constructor(
    private readonly source: Uint8Array,
    readonly octets: Buffer,
  ) {}

  /** Returns where the copy of `[start, end)` begins. */
  add(start: number, end: number): number {
    const at = this.end;
    this.octets.set(this.source.subarray(start, end), at);
    this.end += end - start;
    return at;
  }
}

/** Octets of a copy: those of every line's name and value, of the method, the target and the authority, and of separators. */
function octetsOfRequest(head: RequestHead): number {
  const { authorityEnd, authorityStart, fieldCount, fields, methodEnd, methodStart, targetEnd, targetStart } = head;
  let octets = methodEnd - methodStart + targetEnd - targetStart + authorityEnd - authorityStart;
  for (let slot = 0; slot < fieldCount * FIELD_SLOTS; slot += FIELD_SLOTS) {
    octets += fields[slot + 1]! - fields[slot]! + fields[slot + 3]! - fields[slot + 2]! + CRUMB_SEPARATOR_OCTETS;
  }
  return octets;
}

function copyControlData(head: RequestHead, into: RequestHead, target: Copy): void {
  into.version = head.version;
  into.method = head.method;
  into.methodStart = target.add(head.methodStart, head.methodEnd);
  into.methodEnd = target.end;
  into.scheme = head.scheme;
  into.targetForm = head.targetForm;
  into.targetStart = target.add(head.targetStart, head.targetEnd);
  into.targetEnd = target.end;
  const shift = into.targetStart - head.targetStart;
  into.pathStart = head.pathStart + shift;
  into.pathEnd = head.pathEnd + shift;
  if (head.queryStart >= 0) {
    into.queryStart = head.queryStart + shift;
    into.queryEnd = head.queryEnd + shift;
  }
  if (head.authorityStart >= 0) {
    into.authorityStart = target.add(head.authorityStart, head.authorityEnd);
    into.authorityEnd = target.end;
    into.hostEnd = into.authorityStart + head.hostEnd - head.authorityStart;
  }
  into.persistent = head.persistent;
  into.framing = head.framing;
  into.contentOctets = head.contentOctets;
  into.expectContinue = head.expectContinue;
  into.isAuthenticated = head.isAuthenticated;
  into.phase = head.phase;
}

function copyLine(head: RequestHead, line: number, field: Field, into: RequestHead, target: Copy): void {
  const from = line * FIELD_SLOTS;
  const slot = into.fieldCount * FIELD_SLOTS;
  into.fields[slot] = target.add(head.fields[from]!, head.fields[from + 1]!);
  into.fields[slot + 1] = target.end;
  into.fields[slot + 2] = target.add(head.fields[from + 2]!, head.fields[from + 3]!);
  if (field === Field.Cookie) addCrumbs(head, line, target);
  into.fields[slot + 3] = target.end;
  noteField(into, into.fieldCount, field);
  into.fieldCount++;
}

/** The crumbs behind line `line`. */
function addCrumbs(head: RequestHead, line: number, target: Copy): void {
  for (let crumb = head.nextLine(Field.Cookie, line); crumb >= 0; crumb = head.nextLine(Field.Cookie, crumb)) {
    target.octets[target.end++] = Octet.Semicolon;
    target.octets[target.end++] = Octet.Space;
    target.add(head.lineValueStart(crumb), head.lineValueEnd(crumb));
  }
}

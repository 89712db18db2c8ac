/**
 * The head of one request: offsets into the buffer it was read from, and what its framing means.
 *
 * One object serves every request of a connection: `reset`, let `parseRequestHead` (HTTP/1) or `takeRequestFields` (HTTP/2) fill it,
 * read it, `reset` again. Offsets are octets from the start of `bytes` and stay valid as long as the caller leaves those octets alone;
 * they come in pairs [start, end). Everything but the resumption state is meaningful only once the parser has
 * returned the end of the head; after a failure, whatever was parsed before it (all offsets 0 or -1 at first).
 *
 * Keeps: one shape throughout; nothing is allocated after construction except by `value` and `eachField`.
 */

import { Field } from "./field.ts";
import { Method } from "./method.ts";
import { textOf } from "./octets.ts";

/** How far the parser has come; see parse-request-head.ts. */
export enum HeadPhase {
  RequestLine,
  FieldSection,
  Complete,
  Failed,
}

/** The form of the request-target (RFC 9112 §3.2). */
export enum TargetForm {
  Origin,
  Absolute,
  Authority,
  Asterisk,
}

/** The version a request came in (RFC 9110 §2.5). A later minor version of HTTP/1 is taken for 1.1, the highest saker speaks (§6.2). */
export enum HttpVersion {
  Http10,
  Http11,
  Http2,
}

/** What a target says of its scheme: :scheme, or absolute-form; None for the other forms, whose scheme is the connection's (RFC 9112 §3.3). */
export enum Scheme {
  None,
  Http,
  Https,
}

/** How the content that follows a head is delimited (RFC 9112 §6.3, RFC 9113 §8.1). */
export enum Framing {
  /** Nothing follows the head: no length is given, or it is 0. */
  None,
  /** Content of a known length, at least one octet. */
  Length,
  Chunked,
  /** HTTP/2 without Content-Length: content ends with its stream. */
  Stream,
}

/** Slots of `RequestHead.fields` for each field line: name start, name end, value start, value end. */
export const FIELD_SLOTS = 4;

const NO_OCTETS = new Uint8Array(0);

export class RequestHead {
  /** The buffer all offsets refer to; the one last given to the parser. */
  bytes: Uint8Array = NO_OCTETS;
  /** First octet given to the parser; empty lines that were ignored are part of [start, end). */
  start = 0;
  /** After the empty line that ends the head; 0 until complete. */
  end = 0;

  method: Method = Method.Unknown;
  methodStart = 0;
  methodEnd = 0;

  targetForm: TargetForm = TargetForm.Origin;
  /** Scheme of the target, where it names one. The site refuses one that isn't the connection's (RFC 9110 §7.4). */
  scheme: Scheme = Scheme.None;
  targetStart = 0;
  targetEnd = 0;
  /**
   * The authority the request is for (RFC 9112 §3.3): of the target if it has one (absolute-form, authority-form), else
   * the value of Host; -1, -1 if there is neither. May be empty only in asterisk-form.
   */
  authorityStart = -1;
  authorityEnd = -1;
  /** Where the host ends within the authority: [authorityStart, hostEnd), brackets of an IPv6 address included. */
  hostEnd = -1;
  /**
   * The path, without query. Empty in absolute-form without a path: then it means "/" (RFC 9110 §4.2.3), except for
   * OPTIONS, where it means "*" (RFC 9112 §3.2.4). Empty in authority-form and asterisk-form, which have none. Never
   * decoded.
   */
  pathStart = 0;
  pathEnd = 0;
  /** The query, without "?"; -1, -1 if there is none. */
  queryStart = -1;
  queryEnd = -1;

  version: HttpVersion = HttpVersion.Http11;

  /** Number of field lines. */
  fieldCount = 0;
  /** FIELD_SLOTS offsets for each field line, in order of arrival. */
  readonly fields: Int32Array;
  /** The `Field` of each field line; `Field.count` if it is not a known one. */
  readonly fieldOfLine: Uint8Array;
  /** Set of known fields that are there: bit 1 << field. */
  present = 0;
  /** Set of known fields that have more than one line. */
  repeated = 0;
  /** First line of each known field: meaningful only if the field is `present`. */
  readonly known = new Int32Array(Field.count);

  /** Whether the client lets the connection stay open after the response (RFC 9112 §9.3). */
  persistent = true;
  /** How the content that follows is delimited. */
  framing: Framing = Framing.None;
  /** Octets of content if framing is Length; else 0. */
  contentOctets = 0;
  /** The client waits for 100 (Continue) before it sends its content; never set when there is no content. */
  expectContinue = false;

  /** Its credentials have been verified: every guard of what it asks for has admitted the user (RFC 9110 §11). Set by the site. */
  isAuthenticated = false;

  /** How far the parser has come. */
  phase: HeadPhase = HeadPhase.RequestLine;
  /** First octet of the first line that is not parsed yet. */
  position = 0;
  /** End of the octets that have been searched for LF. */
  searched = 0;
  /** Empty lines ignored before the request-line. */
  emptyLines = 0;

  /**
   * `fieldCountMax`: the most field lines any `Limits` used with this head allows. `connectionScheme`: of the connections whose
   * requests it holds; https if they are secured by TLS.
   */
  constructor(
    fieldCountMax: number,
    readonly connectionScheme: Scheme.Http | Scheme.Https = Scheme.Http,
  ) {
    this.fields = new Int32Array(fieldCountMax * FIELD_SLOTS);
    this.fieldOfLine = new Uint8Array(fieldCountMax);
  }

  /** Forgets the former request and expects the next one at offset `start`. */
  reset(start: number): void {
    this.start = start;
    this.end = 0;
    this.method = Method.Unknown;
    this.methodStart = 0;
    this.methodEnd = 0;
    this.targetForm = TargetForm.Origin;
    this.scheme = Scheme.None;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.authorityStart = -1;
    this.authorityEnd = -1;
    this.hostEnd = -1;
    this.pathStart = 0;
    this.pathEnd = 0;
    this.queryStart = -1;
    this.queryEnd = -1;
    this.version = HttpVersion.Http11;
    this.fieldCount = 0;
    this.present = 0;
    this.repeated = 0;
    this.persistent = true;
    this.framing = Framing.None;
    this.contentOctets = 0;
    this.expectContinue = false;
    this.isAuthenticated = false;
    this.phase = HeadPhase.RequestLine;
    this.position = start;
    this.searched = start;
    this.emptyLines = 0;
  }

  /** Whether there is more than empty lines before `end`: tells a slow connection from an idle one. */
  hasBegun(end: number): boolean {
    return this.phase !== HeadPhase.RequestLine || end > this.position;
  }

  has(field: Field): boolean {
    return (this.present & (1 << field)) !== 0;
  }

  /** Whether the field has more than one line. */
  isRepeated(field: Field): boolean {
    return (this.repeated & (1 << field)) !== 0;
  }

  /** Index of the field's first line; -1 if it is not there. */
  firstLine(field: Field): number {
    return this.has(field) ? this.known[field]! : -1;
  }

  /** Index of the field's next line after line `line`; -1 if that was the last. Linear in lines if it is repeated. */
  nextLine(field: Field, line: number): number {
    if (!this.isRepeated(field)) return -1;
    for (let index = line + 1; index < this.fieldCount; index++) {
      if (this.fieldOfLine[index] === field) return index;
    }
    return -1;
  }

  /** Start of the value of field line `line`, OWS excluded. */
  lineValueStart(line: number): number {
    return this.fields[line * FIELD_SLOTS + 2]!;
  }

  /** End of the value of field line `line`, OWS excluded. */
  lineValueEnd(line: number): number {
    return this.fields[line * FIELD_SLOTS + 3]!;
  }

  /** Start of the value of the field's first line; -1 if it is not there. */
  valueStart(field: Field): number {
    return this.has(field) ? this.lineValueStart(this.known[field]!) : -1;
  }

  /** End of the value of the field's first line; -1 if it is not there. */
  valueEnd(field: Field): number {
    return this.has(field) ? this.lineValueEnd(this.known[field]!) : -1;
  }

  /**
   * Value as ISO 8859-1 text, or null. Several lines are joined by ", " (RFC 9110 §5.3), those of Cookie by "; " (RFC 9113 §8.2.3).
   * Makes strings.
   */
  value(field: Field): string | null {
    let line = this.firstLine(field);
    if (line < 0) return null;
    const separator = field === Field.Cookie ? "; " : ", ";
    let text = textOf(this.bytes, this.lineValueStart(line), this.lineValueEnd(line));
    while ((line = this.nextLine(field, line)) >= 0) {
      text += separator + textOf(this.bytes, this.lineValueStart(line), this.lineValueEnd(line));
    }
    return text;
  }

  /** Calls back with name (as sent) and value of each field line, in order. For cold code. */
  eachField(callback: (name: string, value: string) => void): void {
    for (let line = 0; line < this.fieldCount; line++) {
      const slot = line * FIELD_SLOTS;
      const name = textOf(this.bytes, this.fields[slot]!, this.fields[slot + 1]!);
      callback(name, textOf(this.bytes, this.fields[slot + 2]!, this.fields[slot + 3]!));
    }
  }
}

/**
 * What is known of a field from its octets alone: which it is, what its value means where there are few, and whether it is malformed.
 * Found out once, when a literal is decoded; an entry of a table remembers it.
 *
 *     bits 0-5   the field (http/field.ts; `Field.count`: any other); the pseudo-field (RFC 9113 §8.3), if PSEUDO is set
 *     bits 6-11  flags: those of all fields of a block, ORed, tell whether any is wrong
 *     bits 12-   of :method its `Method`, of :scheme its `Scheme`, of :authority the octets of its host, 0 where there is none that is valid
 *
 * A malformed name or value is no matter of HPACK: it enters the table like any other, and every request that has it is malformed
 * (RFC 9113 §8.2.1).
 */
import { parseAuthority } from "../http/authority.ts";
import { Field, recogniseField } from "../http/field.ts";
import { recogniseMethod } from "../http/method.ts";
import { equalsExactly, equalsIgnoringCase, Octet, octetsOf, OWS } from "../http/octets.ts";
import { Scheme } from "../http/request-head.ts";
import { Fault } from "./field-octets.ts";

export enum Pseudo {
  Method,
  Scheme,
  Authority,
  Path,
  /** Their number. */
  count,
}

/** The bits of a kind that are a `Field`, or a `Pseudo`. */
export const FIELD_MASK = 0x3f;
export const PSEUDO = 0x40;
/** A field that is about a connection, which HTTP/2 forbids (RFC 9113 §8.2.2). */
export const ABOUT_CONNECTION = 0x80;
export const BAD_NAME = 0x100;
const BAD_VALUE = 0x200;
/** A pseudo-field that requests don't have. */
export const BAD_PSEUDO = 0x400;
export const ANY_FAULT = ABOUT_CONNECTION | BAD_NAME | BAD_VALUE | BAD_PSEUDO;
const MEANING_SHIFT = 12;
/** What a kind has room for: a host that is longer is none. */
const HOST_OCTETS_MAX = 0x7ffff;
/** The part of a kind that the name alone decides. */
const OF_NAME = FIELD_MASK | PSEUDO | ABOUT_CONNECTION | BAD_NAME | BAD_PSEUDO;

if (Field.count > FIELD_MASK) throw new Error("a kind has no room for that many fields");

const PSEUDO_NAMES = [":method", ":scheme", ":authority", ":path"].map(octetsOf);
const PROXY_CONNECTION = octetsOf("proxy-connection");
const HTTP = octetsOf("http");
const HTTPS = octetsOf("https");

/** The kind of a field with the name [start, end), as far as that decides it. `faults`: of its octets. */
export function kindOfName(bytes: Uint8Array, start: number, end: number, faults: number): number {
  if (start === end) return Field.count | BAD_NAME;
  if (bytes[start] === Octet.Colon) return kindOfPseudo(bytes, start, end);
  if ((faults & Fault.InName) !== 0) return Field.count | BAD_NAME;
  const field = recogniseField(bytes, start, end);
  switch (field) {
    case Field.Connection:
    case Field.KeepAlive:
    case Field.TransferEncoding:
    case Field.Upgrade:
      return field | ABOUT_CONNECTION;
    case Field.count:
      return equalsExactly(bytes, start, end, PROXY_CONNECTION) ? field | ABOUT_CONNECTION : field;
    default:
      return field;
  }
}

function kindOfPseudo(bytes: Uint8Array, start: number, end: number): number {
  for (let pseudo = 0; pseudo < Pseudo.count; pseudo++) {
    if (equalsExactly(bytes, start, end, PSEUDO_NAMES[pseudo]!)) return PSEUDO | pseudo;
  }
  return PSEUDO | BAD_PSEUDO;
}

/** The kind of a field of the same name as one of kind `kind`, with the value [start, end). `faults`: of the value's octets. */
export function kindWithValue(kind: number, bytes: Uint8Array, start: number, end: number, faults: number): number {
  const ofName = kind & OF_NAME;
  if ((faults & Fault.InValue) !== 0) return ofName | BAD_VALUE;
  if (start < end && (OWS[bytes[start]!] === 1 || OWS[bytes[end - 1]!] === 1)) return ofName | BAD_VALUE;
  if ((ofName & PSEUDO) === 0) return ofName;
  return ofName | (meaningOf(ofName & FIELD_MASK, bytes, start, end) << MEANING_SHIFT);
}

function meaningOf(pseudo: Pseudo, bytes: Uint8Array, start: number, end: number): number {
  switch (pseudo) {
    case Pseudo.Method:
      return recogniseMethod(bytes, start, end);
    case Pseudo.Scheme:
      return schemeOf(bytes, start, end);
    case Pseudo.Authority:
      return hostOctetsOf(bytes, start, end);
    default:
      return 0;
  }
}

function schemeOf(bytes: Uint8Array, start: number, end: number): Scheme {
  if (equalsIgnoringCase(bytes, start, end, HTTPS)) return Scheme.Https;
  return equalsIgnoringCase(bytes, start, end, HTTP) ? Scheme.Http : Scheme.None;
}

/** Of a valid authority with a host. */
function hostOctetsOf(bytes: Uint8Array, start: number, end: number): number {
  const octets = parseAuthority(bytes, start, end) - start;
  return octets > 0 && octets <= HOST_OCTETS_MAX ? octets : 0;
}

/** The `Method`, `Scheme` or octets of the host of a pseudo-field. */
export function meaningOfKind(kind: number): number {
  return kind >> MEANING_SHIFT;
}

/**
 * What is known of a field from its octets alone: which it is, and what is wrong with it. Found out once, when a literal is decoded;
 * an entry of a table remembers it.
 *
 *     kind = Field            a field (http/field.ts); `Field.count`: any other
 *          / PSEUDO | Pseudo  a pseudo-field (RFC 9113 §8.3)
 *     and flags; those of all fields of a block, ORed, tell whether any is wrong.
 *
 * A malformed name or value is no matter of HPACK: it enters the table like any other, and every request that has it is malformed
 * (RFC 9113 §8.2.1).
 */
import { Field, recogniseField } from "../http/field.ts";
import { equalsExactly, Octet, octetsOf, OWS } from "../http/octets.ts";
import { Fault } from "./field-octets.ts";

export enum Pseudo {
  Method,
  Scheme,
  Authority,
  Path,
}

/** The part of a kind that is a `Field`, or a `Pseudo`. */
export const FIELD_MASK = 0x3f;
export const PSEUDO = 0x40;
/** A field that is about a connection, which HTTP/2 forbids (RFC 9113 §8.2.2). */
export const ABOUT_CONNECTION = 0x80;
export const BAD_NAME = 0x100;
const BAD_VALUE = 0x200;
/** A pseudo-field that requests don't have. */
export const BAD_PSEUDO = 0x400;
export const ANY_FAULT = ABOUT_CONNECTION | BAD_NAME | BAD_VALUE | BAD_PSEUDO;

if (Field.count > FIELD_MASK) throw new Error("a kind has no room for that many fields");

const PSEUDO_NAMES = [":method", ":scheme", ":authority", ":path"].map(octetsOf);
const PROXY_CONNECTION = octetsOf("proxy-connection");

/** The part of a kind that the name [start, end) decides. `faults`: of its octets. */
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
  for (let pseudo = 0; pseudo < PSEUDO_NAMES.length; pseudo++) {
    if (equalsExactly(bytes, start, end, PSEUDO_NAMES[pseudo]!)) return PSEUDO | pseudo;
  }
  return PSEUDO | BAD_PSEUDO;
}

/** The part of a kind that the value [start, end) decides. `faults`: of its octets. */
export function kindOfValue(bytes: Uint8Array, start: number, end: number, faults: number): number {
  if ((faults & Fault.InValue) !== 0) return BAD_VALUE;
  if (start === end) return 0;
  return OWS[bytes[start]!] === 1 || OWS[bytes[end - 1]!] === 1 ? BAD_VALUE : 0;
}

/** What of a kind goes over to another field of the same name. */
export function nameOfKind(kind: number): number {
  return kind & ~BAD_VALUE;
}

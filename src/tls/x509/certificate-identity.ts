/**
 * How an authority's renewal information identifies a certificate (RFC 9773 §4.1): its issuer's key and its serial number.
 *
 * In:    a certificate in DER. Out: the identifier; null for a certificate that doesn't name its issuer's key.
 */
import { objectIdentifier } from "./der.ts";
import { type DerValue, derValues } from "./der-reader.ts";
import { oid } from "./object-identifiers.ts";

const AUTHORITY_KEY_IDENTIFIER = objectIdentifier(oid.authorityKeyIdentifier);

enum Tag {
  Integer = 0x02,
  OctetString = 0x04,
  KeyIdentifier = 0x80,
  Extensions = 0xa3,
}

export function certificateIdentity(certificate: Uint8Array): string | null {
  const parts = inner(inner(derValues(certificate)[0])[0]);
  const serial = parts.find(({ tag }) => tag === Tag.Integer);
  const issuer = keyIdentifierOf(parts);
  if (serial === undefined || issuer === null) return null;
  return `${Buffer.from(issuer).toString("base64url")}.${Buffer.from(serial.content).toString("base64url")}`;
}

function keyIdentifierOf(parts: readonly DerValue[]): Uint8Array | null {
  const [list] = inner(parts.find(({ tag }) => tag === Tag.Extensions));
  for (const extension of inner(list)) {
    const [id, ...rest] = inner(extension);
    if (id === undefined || !AUTHORITY_KEY_IDENTIFIER.equals(id.whole)) continue;
    const [value] = inner(rest.find(({ tag }) => tag === Tag.OctetString));
    return inner(value).find(({ tag }) => tag === Tag.KeyIdentifier)?.content ?? null;
  }
  return null;
}

function inner(value: DerValue | undefined): DerValue[] {
  return value === undefined ? [] : derValues(value.content);
}

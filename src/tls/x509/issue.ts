/**
 * Making certificates: an authority, and certificates for servers that it has signed (RFC 5280).
 *
 * In:    names, times, the issuer. Out: certificate and key in PEM.
 * Keeps: ECDSA P-256 with SHA-256 throughout; every certificate has a key and a serial number of its own.
 *        `openssl verify -x509_strict` accepts them.
 */
import { createHash, createPrivateKey, type KeyObject, randomBytes, X509Certificate } from "node:crypto";
import { toPem } from "../pem.ts";
import {
  bitString,
  boolean,
  context,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  utf8String,
} from "./der.ts";
import { generalName } from "./general-name.ts";
import { oid } from "./object-identifiers.ts";
import { subjectOf } from "./parts.ts";
import { newKey, pemOfKey, publicKeyInfo, SIGNATURE_ALGORITHM, signed } from "./signature.ts";
import { DAY_MS } from "../../units.ts";

export interface IssuedPair {
  readonly certificate: string;
  /** PKCS #8. */
  readonly key: string;
}

export interface Period {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Who signs: its distinguished name and its key. */
interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
}

/** Named bits of KeyUsage, in its first octet (RFC 5280 §4.2.1.3), and how many bits of it are unused then. */
const DIGITAL_SIGNATURE = { octet: 0x80, unused: 7 };
const CERTIFICATE_AND_CRL_SIGN = { octet: 0x06, unused: 1 };

const VERSION_3 = explicit(0, integer(Buffer.of(2)));

/** An authority that signs itself; it may issue certificates for servers and none for further authorities. */
export function issueAuthority(organization: string, commonName: string, period: Period): IssuedPair {
  const key = newKey();
  const name = distinguishedName(organization, commonName);
  return issue({ subject: name, key, issuer: { name, key }, period }, [
    extension(oid.basicConstraints, true, sequence(boolean(true), integer(Buffer.of(0)))),
    keyUsage(CERTIFICATE_AND_CRL_SIGN),
    extension(oid.subjectKeyIdentifier, false, octetString(keyIdentifier(key))),
  ]);
}

/** A certificate for a server of these names, hosts or addresses, by an authority that `issueAuthority` has made. */
export function issueForServer(names: readonly string[], authority: IssuedPair, period: Period): IssuedPair {
  const key = newKey();
  const issuer = {
    name: subjectOf(new X509Certificate(authority.certificate).raw),
    key: createPrivateKey(authority.key),
  };
  return issue({ subject: sequence(), key, issuer, period }, [
    extension(oid.basicConstraints, true, sequence()),
    keyUsage(DIGITAL_SIGNATURE),
    extension(oid.extendedKeyUsage, false, sequence(objectIdentifier(oid.serverAuth))),
    // Critical where the subject is empty (RFC 5280 §4.2.1.6).
    extension(oid.subjectAltName, true, sequence(...names.map(generalName))),
    extension(oid.subjectKeyIdentifier, false, octetString(keyIdentifier(key))),
    extension(oid.authorityKeyIdentifier, false, sequence(context(0, keyIdentifier(issuer.key)))),
  ]);
}

/** One that proves in a handshake that a name is ours, and is good for nothing else (RFC 8737 §3). It signs itself. */
export function issueChallenge(name: string, digest: Uint8Array, nowMs: number): IssuedPair {
  const key = newKey();
  const period = { notBeforeMs: nowMs - CHALLENGE_MS, notAfterMs: nowMs + CHALLENGE_MS };
  const subject = distinguishedName("saker", "acme challenge");
  return issue({ subject, key, issuer: { name: subject, key }, period }, [
    extension(oid.subjectAltName, false, sequence(generalName(name))),
    extension(oid.acmeIdentifier, true, octetString(digest)),
  ]);
}

const CHALLENGE_MS = DAY_MS;

interface Wish {
  readonly subject: Buffer;
  readonly key: KeyObject;
  readonly issuer: Issuer;
  readonly period: Period;
}

/** RFC 5280 §4.1. */
function issue({ subject, key, issuer, period }: Wish, extensions: readonly Buffer[]): IssuedPair {
  const validity = sequence(time(period.notBeforeMs), time(period.notAfterMs));
  const toBeSigned = sequence(
    VERSION_3,
    integer(serialNumber()),
    SIGNATURE_ALGORITHM,
    issuer.name,
    validity,
    subject,
    publicKeyInfo(key),
    explicit(3, sequence(...extensions)),
  );
  return { certificate: toPem("CERTIFICATE", signed(toBeSigned, issuer.key)), key: pemOfKey(key) };
}

const SERIAL_OCTETS = 16;

/** Positive, and unique for all practical purposes (RFC 5280 §4.1.2.2). */
function serialNumber(): Buffer {
  const octets = randomBytes(SERIAL_OCTETS);
  octets[0] = (octets[0]! & 0x7f) | 0x40;
  return octets;
}

function distinguishedName(organization: string, commonName: string): Buffer {
  const part = (type: string, text: string): Buffer => setOf(sequence(objectIdentifier(type), utf8String(text)));
  return sequence(part(oid.organization, organization), part(oid.commonName, commonName));
}

/** An uncompressed point of P-256, which ends its SubjectPublicKeyInfo. */
const POINT_OCTETS = 65;

/** RFC 5280 §4.2.1.2, method 1. SHA-1 names the key here, and protects nothing. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha1").update(publicKeyInfo(key).subarray(-POINT_OCTETS)).digest();
}

function extension(id: string, isCritical: boolean, value: Uint8Array): Buffer {
  return sequence(objectIdentifier(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

function keyUsage({ octet, unused }: { octet: number; unused: number }): Buffer {
  return extension(oid.keyUsage, true, bitString(Buffer.of(octet), unused));
}

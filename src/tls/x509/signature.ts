/**
 * How certificates and requests are signed here: ECDSA on P-256 with SHA-256. A handshake with such a key costs a third of one with RSA,
 * and every client since 2013 knows it.
 *
 * Out:   keys; what is signed together with its signature, in DER.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { bitString, objectIdentifier, sequence } from "./der.ts";
import { oid } from "./object-identifiers.ts";

/** AlgorithmIdentifier (RFC 5758 §3.2: without parameters). */
export const SIGNATURE_ALGORITHM = sequence(objectIdentifier(oid.ecdsaWithSha256));

export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** PKCS #8. */
export function pemOfKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** SubjectPublicKeyInfo of a private key's other half (RFC 5280 §4.1.2.7). */
export function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

/** What is signed, by what, and the signature: the outermost form of certificates and of requests for them. */
export function signed(content: Buffer, key: KeyObject): Buffer {
  return sequence(content, SIGNATURE_ALGORITHM, bitString(sign("sha256", content, key)));
}

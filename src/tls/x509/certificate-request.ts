/**
 * Asking an authority for a certificate: PKCS #10 (RFC 2986).
 *
 * In:    the names, hosts or addresses; the private key in PEM (ECDSA P-256).
 * Out:   the request in DER, signed. Its subject is empty: the names are in the subjectAltName it asks for (RFC 8555 §7.4).
 */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { bitString, explicit, integer, objectIdentifier, octetString, sequence, setOf } from "./der.ts";
import { generalName } from "./general-name.ts";

const oid = {
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectAltName: "2.5.29.17",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

const VERSION_1 = integer(Buffer.of(0));

export function certificateRequest(names: readonly string[], key: string): Buffer {
  const privateKey = createPrivateKey(key);
  const publicKeyInfo = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const altName = sequence(objectIdentifier(oid.subjectAltName), octetString(sequence(...names.map(generalName))));
  const attribute = sequence(objectIdentifier(oid.extensionRequest), setOf(sequence(altName)));
  const info = sequence(VERSION_1, sequence(), publicKeyInfo, explicit(0, attribute));
  return sequence(info, sequence(objectIdentifier(oid.ecdsaWithSha256)), bitString(sign("sha256", info, privateKey)));
}

/**
 * Asking an authority for a certificate: PKCS #10 (RFC 2986).
 *
 * In:    the names, hosts or addresses; the private key in PEM (ECDSA P-256).
 * Out:   the request in DER, signed. Its subject is empty: the names are in the subjectAltName it asks for (RFC 8555 §7.4).
 */
import { createPrivateKey } from "node:crypto";
import { explicit, integer, objectIdentifier, octetString, sequence, setOf } from "./der.ts";
import { generalName } from "./general-name.ts";
import { oid } from "./object-identifiers.ts";
import { publicKeyInfo, signed } from "./signature.ts";

const VERSION_1 = integer(Buffer.of(0));

export function certificateRequest(names: readonly string[], key: string): Buffer {
  const privateKey = createPrivateKey(key);
  const altName = sequence(objectIdentifier(oid.subjectAltName), octetString(sequence(...names.map(generalName))));
  const attribute = sequence(objectIdentifier(oid.extensionRequest), setOf(sequence(altName)));
  const info = sequence(VERSION_1, sequence(), publicKeyInfo(privateKey), explicit(0, attribute));
  return signed(info, privateKey);
}

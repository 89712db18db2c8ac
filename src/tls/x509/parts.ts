/**
 * Parts of certificates and of lists of revoked ones that node:crypto doesn't show.
 *
 * In:    DER. Out: one part. Fails: throws a RangeError where it is something else.
 */
import { type DerValue, derValues, timeOf } from "./der-reader.ts";

/** A certificate's subject, as it stands there: what it has issued has it for its issuer, octet for octet (RFC 5280 §4.1). */
export function subjectOf(certificate: Uint8Array): Buffer {
  // [0] version, serial number, signature, issuer, validity, subject
  const subject = toBeSigned(certificate)[5];
  if (subject === undefined) throw new RangeError("no certificate");
  return Buffer.from(subject.whole);
}

const SEQUENCE = 0x30;
const TIMES: readonly number[] = [0x17, 0x18];

/** When a list of revoked certificates is to be replaced (RFC 5280 §5.1.2.5); null where it doesn't say so. */
export function nextUpdateOf(list: Uint8Array): number | null {
  // version (optional), signature, issuer, thisUpdate, nextUpdate (optional), …
  const [, next] = toBeSigned(list).filter(({ tag }) => TIMES.includes(tag));
  return next === undefined ? null : timeOf(next);
}

function toBeSigned(signed: Uint8Array): DerValue[] {
  const [whole] = derValues(signed);
  const [inner] = whole?.tag === SEQUENCE ? derValues(whole.content) : [];
  if (inner?.tag !== SEQUENCE) throw new RangeError("nothing that is signed");
  return derValues(inner.content);
}

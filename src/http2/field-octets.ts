/**
 * What octets may stand in the fields of HTTP/2 (RFC 9113 §8.2.1): flags of what an octet is wrong in, so that those of a whole text
 * are one OR per octet.
 *
 * Stricter than RFC 9113 §8.2.1, which lets a recipient pass other controls than NUL, LF and CR: names are tokens and values hold what
 * HTTP/1.1 lets them hold (RFC 9110 §5.1, §5.5), so that both versions refuse the same.
 */
import { FIELD_VALUE, TCHAR } from "../http/octets.ts";

export enum Fault {
  None = 0,
  /** No lower-case token octet. */
  InName = 1,
  /** No octet of a field value. */
  InValue = 2,
}

const isUpper = (octet: number) => octet >= 0x41 && octet <= 0x5a;

/** By octet: flags of `Fault`. */
export const FAULTS = Uint8Array.from({ length: 256 }, (_, octet) => {
  const inName = TCHAR[octet] === 1 && !isUpper(octet) ? Fault.None : Fault.InName;
  return inName | (FIELD_VALUE[octet] === 1 ? Fault.None : Fault.InValue);
});

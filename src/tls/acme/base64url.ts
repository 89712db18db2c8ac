/**
 * base64url without padding (RFC 4648 §5, RFC 7515 §2): the form of everything binary in ACME.
 *
 * Keeps: pure.
 */

export function toBase64Url(octets: Uint8Array | string): string {
  return Buffer.from(octets as Uint8Array).toString("base64url");
}

/** Null for what is not base64url; padding is tolerated, since some authorities print keys with it. */
export function fromBase64Url(text: string): Uint8Array | null {
  return /^[\w-]+={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64url")) : null;
}

/**
 * Signed requests: the flattened JSON form of RFC 7515 §7.2.2, as RFC 8555 §6.2 wants it.
 *
 * In:    the protected header, the payload (null for POST-as-GET, RFC 8555 §6.3), the key.
 * Out:   the request's content.
 */
import type { AccountKey } from "./account-key.ts";
import { toBase64Url } from "./base64url.ts";

export interface Jws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

type Header = Readonly<Record<string, unknown>>;

/** ES256 by the account's key. */
export async function signJws(key: AccountKey, header: Header, payload: object | null): Promise<Jws> {
  const parts = encode({ alg: "ES256", ...header }, payload);
  return { ...parts, signature: toBase64Url(await key.sign(`${parts.protected}.${parts.payload}`)) };
}

/** HS256 by a key that the authority has given out: external account binding (RFC 8555 §7.3.4). */
export async function macJws(secret: Uint8Array, header: Header, payload: object): Promise<Jws> {
  const parts = encode({ alg: "HS256", ...header }, payload);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, Buffer.from(`${parts.protected}.${parts.payload}`));
  return { ...parts, signature: toBase64Url(new Uint8Array(mac)) };
}

function encode(header: Header, payload: object | null): Omit<Jws, "signature"> {
  return {
    protected: toBase64Url(JSON.stringify(header)),
    payload: payload === null ? "" : toBase64Url(JSON.stringify(payload)),
  };
}

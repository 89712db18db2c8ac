/**
 * Credentials of the Basic scheme (RFC 7617 §2, RFC 9110 §11.4).
 *
 *     credentials = "Basic" 1*SP token68          ; token68: base64 of user-id ":" password
 *
 * In:    the value of Authorization. Out: user-id and password, or null for anything else.
 * Keeps: UTF-8 as the challenge asks for; anything else is read as ISO 8859-1, as older clients send it. Control characters are
 *        refused.
 */
import { isUtf8 } from "node:buffer";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

export function parseBasicCredentials(value: string): Credentials | null {
  const token = BASIC.exec(value)?.[1];
  if (token === undefined || token.length % 4 === 1) return null;
  const octets = Buffer.from(token, "base64");
  const text = octets.toString(isUtf8(octets) ? "utf8" : "latin1");
  const colon = text.indexOf(":");
  if (colon === -1 || /[\u0000-\u001f\u007f]/.test(text)) return null;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

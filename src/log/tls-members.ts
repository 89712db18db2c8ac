/**
 * The members of a JSON line that tell of TLS: version, cipher suite, the name that the client asked for (SNI, RFC 6066 §3), and whether
 * it went on with a former session.
 *
 *     ,"tls":"1.3","suite":"TLS_AES_128_GCM_SHA256","sni":"example.org","resumed":false
 *
 * In:    what a handshake has come to. Out: octets, made once per connection.
 */
import { putJsonText } from "./json-text.ts";
import { CIPHER_SUITE_OCTETS_MAX, SERVER_NAME_OCTETS_MAX } from "./line-limits.ts";
import { octetsOfText } from "./line-parts.ts";

/** Room for what a name may become. */
const ROOM_OCTETS = 512;

/** Of a request that came in plain text. */
export const NO_TLS: Uint8Array = octetsOfText(`,"tls":null,"suite":null,"sni":null,"resumed":null`);

/** `version`: "1.3". `serverName`: as it was sent; null: none. */
export function encodeTls(version: string, suite: string, serverName: string | null, isResumed: boolean): Uint8Array {
  const begin = `,"tls":"${version}","suite":"${suite.slice(0, CIPHER_SUITE_OCTETS_MAX)}","sni":`;
  const name = serverName === null ? "null" : `"${jsonTextOf(serverName)}"`;
  return octetsOfText(`${begin}${name},"resumed":${isResumed}`);
}

function jsonTextOf(text: string): string {
  const octets = octetsOfText(text);
  const room = Buffer.alloc(ROOM_OCTETS);
  return room.toString("utf8", 0, putJsonText(octets, 0, octets.length, room, 0, SERVER_NAME_OCTETS_MAX));
}

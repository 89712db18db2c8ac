/** Which requests were meant for another server (RFC 9110 §7.4, §15.5.20). */
import { type RequestHead, Scheme } from "../http/request-head.ts";

/**
 * Whether its target is of another scheme than the connection. A trusted gateway may name that of its client, for whom it has ended TLS,
 * perhaps on the way from HTTP/2 to HTTP/2, where every request names one.
 */
export function isMisdirected({ connectionScheme, isFromGateway, scheme }: RequestHead): boolean {
  return scheme !== Scheme.None && scheme !== connectionScheme && !isFromGateway;
}

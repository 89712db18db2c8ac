/** Which requests were meant for another server (RFC 9110 §7.4, §15.5.20). */
import { type RequestHead, Scheme } from "../http/request-head.ts";

/** There is no TLS here, so an https target is. */
export function isMisdirected({ scheme }: RequestHead): boolean {
  return scheme === Scheme.Https;
}

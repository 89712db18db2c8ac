/** Which requests were meant for another server (RFC 9110 §7.4, §15.5.20). */
import { type RequestHead, Scheme } from "../http/request-head.ts";

/** Whether its target is of another scheme than the connection. */
export function isMisdirected({ connectionScheme, scheme }: RequestHead): boolean {
  return scheme !== Scheme.None && scheme !== connectionScheme;
}

/**
 * Which request of a connection is its last (RFC 9112 §9.3, §9.6), by the settings and by what is asked for.
 */
import type { Settings } from "../config/settings.ts";
import { Method } from "../http/method.ts";

/** Whether the response to a connection's `count`th request closes it, whatever it is. */
export function isLastRequest(settings: Settings, count: number): boolean {
  return count === settings.keepalive_requests || settings.keepalive_timeout_seconds === 0;
}

/**
 * Whether content that a client holds back until it is asked for (`Expect: 100-continue`) is asked for. If not, the final
 * answer comes in its place, and what the client sends next is unknown (RFC 9110 §10.1.1).
 */
export function asksForContent(method: Method): boolean {
  return method === Method.Get || method === Method.Head || method === Method.Options;
}

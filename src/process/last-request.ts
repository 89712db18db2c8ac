/**
 * Which request of a connection is its last (RFC 9112 §9.3, §9.6), by the settings and by what is asked for.
 */
import type { Settings } from "../config/settings.ts";

/** Whether the response to a connection's `count`th request closes it, whatever it is. */
export function isLastRequest(settings: Settings, count: number): boolean {
  return count === settings.keepalive_requests || settings.keepalive_timeout_seconds === 0;
}

/** How long clients may keep their connections, by the settings. */
import type { Settings } from "../config/settings.ts";
import { KeepAlive } from "../serving/keep-alive.ts";
import { Seconds } from "../units.ts";

export function keepAliveOf(settings: Settings): KeepAlive {
  const { keepalive_requests, keepalive_timeout_seconds } = settings;
  // Without time for a next request there is none.
  const requestsMax = keepalive_timeout_seconds === 0 ? 1 : keepalive_requests || Number.POSITIVE_INFINITY;
  return new KeepAlive(requestsMax, Seconds(keepalive_timeout_seconds));
}

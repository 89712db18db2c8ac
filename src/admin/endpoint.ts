/**
 * Which paths are admin endpoints. Separate from the application, so that a worker can check before it loads Hono.
 *
 * In:    `admin_prefix`. Out: the full paths.
 * Keeps: a path matches whole or not at all: no trailing slash, no case folding.
 */

/** Answered under `admin_prefix`. */
const ENDPOINTS = ["/health", "/metrics", "/stats"] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/** "" or a path without a slash at its end: "/_saker/" becomes "/_saker". */
export function normalizePrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}

/** Full paths of the endpoints. */
export function endpointPaths(prefix: string): ReadonlyMap<string, Endpoint> {
  return new Map(ENDPOINTS.map((endpoint) => [normalizePrefix(prefix) + endpoint, endpoint]));
}

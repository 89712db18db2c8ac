/**
 * Constraints between settings, checked once all sources have been read.
 *
 * In:    the draft: values that are each valid by themselves, and where they came from.
 * Out:   the draft; a default may have been adjusted to a value that was given.
 * Keeps: an error points at a value that was given, never at a default.
 * Fails: ConfigError at the first contradiction.
 */
import { formatHostPort, overlaps, parseHostPort } from "./host-port.ts";
import type { Draft } from "./draft.ts";
import type { Settings } from "./settings.ts";
import { checkSiteConstraints } from "./site-constraints.ts";
import { checkTlsConstraints } from "./tls-constraints.ts";

export function checkConstraints(draft: Draft): void {
  takePortOfDomain(draft);
  checkHeadLimits(draft);
  checkAdminAddress(draft);
  checkSiteConstraints(draft);
  checkTlsConstraints(draft);
}

/** `saker DIR --domain example.com` means the ports that browsers go to: 80, and 443 follows from it. */
function takePortOfDomain(draft: Draft): void {
  if (draft.originOf("tls.acme.names").source !== "flag" || draft.originOf("port").source !== "default") return;
  draft.values.port = HTTP_PORT;
}

const HTTP_PORT = 80;

/** The request-target is part of the head: it can't be longer than the head. */
function checkHeadLimits(draft: Draft): void {
  const { max_uri_bytes, max_header_bytes } = draft.values as unknown as Settings;
  if (max_uri_bytes <= max_header_bytes) return;
  if (draft.originOf("max_uri_bytes").source === "default") {
    draft.values.max_uri_bytes = max_header_bytes;
    return;
  }
  const problem = `max_uri_bytes must be at most max_header_bytes (${max_header_bytes}), not ${max_uri_bytes}`;
  throw draft.errorAt("max_uri_bytes", problem);
}

/**
 * With SO_REUSEPORT the kernel would let both listen on the same address, and give each some of the other's
 * connections.
 */
function checkAdminAddress(draft: Draft): void {
  const { host, port, admin_listen } = draft.values as unknown as Settings;
  const admin = admin_listen === null ? null : parseHostPort(admin_listen);
  if (admin === null || admin.port === 0 || admin.port !== port) return;
  if (!overlaps(admin.host || host, host)) return;
  const address = formatHostPort(host, port);
  throw draft.errorAt(
    "admin_listen",
    `admin_listen must differ from the site's address (${address}), not "${admin_listen}"`,
  );
}

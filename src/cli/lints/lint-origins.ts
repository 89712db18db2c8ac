/**
 * Rules for an origin (`http://old.example/…` in `_redirects`): those that no request can have, and those that lead to https
 * where every request is taken for http, or to http where that is redirected.
 *
 * In:    a host's rules; the names of all virtual hosts. Out: lints.
 * Keeps: says what becomes of requests for that origin instead. Without a certificate, a redirect from http to https of the same host
 *        counts on a proxy; one that forwards to this server and isn't trusted makes of it a loop.
 */
import { servesHttps } from "../../config/https.ts";
import type { Settings } from "../../config/settings.ts";
import type { HostParts } from "../../site/build-site.ts";
import { HostTable } from "../../site/host-table.ts";
import type { Move } from "../../site/rules/move.ts";
import type { OriginCondition } from "../../site/rules/origin-condition.ts";
import { matchPath, segmentsOf } from "../../site/rules/path-pattern.ts";
import { canonicalHost } from "../../syntax/host-names.ts";
import type { Lint } from "./lint.ts";

export function lintOrigins(parts: HostParts, hosts: readonly HostParts[], settings: Settings): Lint[] {
  const named = hosts.flatMap((host) => host.names.map((name): [string, HostParts] => [name, host]));
  const table = new HostTable<HostParts>(named);
  return parts.rules.moves.flatMap((move) => {
    const { because, conditions } = move;
    const origin = conditions?.origin ?? null;
    if (origin === null) return [];
    const reason = whyNever(origin, parts, table, settings);
    if (reason !== null) return [{ because, message: `rule for ${origin.text} is never reached: ${reason}` }];
    if (settings.trusted_proxies.length > 0 || servesHttps(settings) || !leadsToSecretSelf(move, origin)) return [];
    return [{ because, message: `rule for ${origin.text} ${LOOPS_BEHIND_PROXY}` }];
  });
}

const LOOPS_BEHIND_PROXY =
  "is a loop for requests that a TLS proxy forwards here: without trusted_proxies they are taken for http";

/** Whether it redirects from http to a path that it is for itself, on the same host by https. */
function leadsToSecretSelf({ action, pattern }: Move, { host, port, scheme }: OriginCondition): boolean {
  if (action.kind !== "redirect" || scheme !== "http" || (port !== null && port !== HTTP_PORT)) return false;
  const { origin, path } = action.target;
  if (!URL.canParse(origin)) return false;
  const { hostname, protocol } = new URL(origin);
  if (protocol !== "https:" || canonicalHost(hostname) !== host) return false;
  return matchPath(pattern, segmentsOf(path.join("x"))) !== null;
}

/** The port that a request is for where its Host names none. */
const HTTP_PORT = 80;

function whyNever(
  { host, scheme }: OriginCondition,
  parts: HostParts,
  table: HostTable<HostParts>,
  settings: Settings,
): string | null {
  const { tls, trusted_proxies, unknown_host } = settings;
  const answering = table.find(host);
  const isOwn = answering === null ? parts.name === "" && unknown_host === "default" : answering.name === parts.name;
  if (!isOwn && answering !== null) return `virtual host "${answering.name}" answers that host`;
  if (!isOwn && unknown_host === "default") return "no virtual host has that name: the default host answers it";
  if (!isOwn) return `no virtual host has that name: unknown_host answers it with ${unknown_host}`;
  const hasHttps = servesHttps(settings);
  if (scheme === "http" && hasHttps && tls.redirect) return "tls.redirect sends all plain HTTP to https before";
  const isSecret = scheme === "https" && !hasHttps && trusted_proxies.length === 0;
  return isSecret ? "requests come by http, and without trusted_proxies no proxy is believed to have had https" : null;
}

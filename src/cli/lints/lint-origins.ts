/**
 * Rules for an origin (`http://old.example/…` in `_redirects`) that no request can have.
 *
 * In:    a host's rules; the names of all virtual hosts. Out: lints.
 * Keeps: says what becomes of requests for that origin instead.
 */
import type { Settings } from "../../config/settings.ts";
import type { HostParts } from "../../site/build-site.ts";
import { HostTable } from "../../site/host-table.ts";
import type { OriginCondition } from "../../site/rules/origin-condition.ts";
import type { Lint } from "./lint.ts";

export function lintOrigins(parts: HostParts, hosts: readonly HostParts[], settings: Settings): Lint[] {
  const named = hosts.flatMap((host) => host.names.map((name): [string, HostParts] => [name, host]));
  const table = new HostTable<HostParts>(named);
  return parts.rules.moves.flatMap(({ because, conditions }) => {
    const origin = conditions?.origin ?? null;
    const reason = origin === null ? null : whyNever(origin, parts, table, settings);
    return reason === null ? [] : [{ because, message: `rule for ${origin!.text} is never reached: ${reason}` }];
  });
}

function whyNever(
  { host, scheme }: OriginCondition,
  parts: HostParts,
  table: HostTable<HostParts>,
  { trusted_proxies, unknown_host }: Settings,
): string | null {
  const answering = table.find(host);
  const isOwn = answering === null ? parts.name === "" && unknown_host === "default" : answering.name === parts.name;
  if (!isOwn && answering !== null) return `virtual host "${answering.name}" answers that host`;
  if (!isOwn && unknown_host === "default") return "no virtual host has that name: the default host answers it";
  if (!isOwn) return `no virtual host has that name: unknown_host answers it with ${unknown_host}`;
  const isSecret = scheme === "https" && trusted_proxies.length === 0;
  return isSecret ? "requests come by http, and without trusted_proxies no proxy is believed to have had https" : null;
}

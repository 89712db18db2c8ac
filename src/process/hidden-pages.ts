/**
 * Pages of the site that nobody gets, because an admin endpoint has their path.
 *
 * In:    the settings, the hosts as they were built.
 * Out:   a line for each page, once however many hosts share it.
 */
import { endpointPaths } from "../admin/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import type { HostParts } from "../site/build-site.ts";
import { joinRoot } from "../site/load/open-below.ts";
import { ownPageAt } from "../site/own-page.ts";

export function hiddenPages(settings: Settings, hosts: readonly HostParts[]): string[] {
  if (settings.admin_listen !== null) return []; // on a port of their own they hide nothing
  const found = new Map<string, string>();
  for (const endpoint of endpointPaths(settings.admin_prefix).keys()) {
    for (const host of hosts.filter((one) => isReached(settings, one))) {
      const page = ownPageAt(host, endpoint);
      if (page === null) continue;
      const whose = host.name === "" ? "" : ` of virtual host "${host.name}"`;
      const line = `the admin endpoint ${endpoint} hides ${page}${whose}: set admin_prefix, such as "/_saker", to move it`;
      const key = `${endpoint} ${joinRoot(host.options.root, page)}`;
      if (!found.has(key)) found.set(key, line);
    }
  }
  return [...found.values()];
}

/** The site outside of virtual hosts is nobody's where unknown hosts are refused. */
function isReached({ unknown_host, virtual_host }: Settings, { name }: HostParts): boolean {
  return name !== "" || unknown_host === "default" || virtual_host.length === 0;
}

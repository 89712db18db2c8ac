/**
 * The names that certificates are gotten for.
 *
 * In:    settings. Out: canonical names, each once; none where saker gets no certificates.
 * Keeps: pure. Where none are written they are the exact names of the virtual hosts that have no certificate of their own, but for those
 *        that no public authority knows: addresses, and names without a dot.
 */
import { isIP } from "node:net";
import { canonicalHost } from "../syntax/host-names.ts";
import type { Settings } from "./settings.ts";

export function acmeNamesOf({ tls, virtual_host }: Pick<Settings, "tls" | "virtual_host">): string[] {
  if (tls.acme === null) return [];
  const written = tls.acme.names;
  const hosts = virtual_host.filter(({ certificate }) => certificate === null).flatMap(({ names }) => names);
  const names = written.length > 0 ? written : hosts.filter(isPublicName);
  return [...new Set(names.map(canonicalHost))];
}

function isPublicName(name: string): boolean {
  const canonical = canonicalHost(name);
  return !canonical.includes("*") && isIP(canonical) === 0 && !canonical.startsWith("[") && canonical.includes(".");
}

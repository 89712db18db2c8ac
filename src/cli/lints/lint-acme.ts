/**
 * Certificates that saker is to get by itself, and settings that will keep it from doing so.
 *
 * In:    settings. Out: lints.
 */
import { isIP } from "node:net";
import { acmeNamesOf } from "../../config/acme-names.ts";
import { LETS_ENCRYPT } from "../../config/acme-table.ts";
import { httpsPortOf } from "../../config/https.ts";
import type { Settings } from "../../config/settings.ts";
import { becauseOf } from "../../site/rules/because.ts";
import { HostNames } from "../../syntax/host-names.ts";
import { pathStatus } from "../../sys/path-status.ts";
import { storageFolder } from "../../tls/acme/wanted-certificates.ts";
import type { Environment } from "../../tls/self-signed/authority.ts";
import type { Lint } from "./lint.ts";

const PORTS = { "http-01": 80, "tls-alpn-01": 443 } as const;

/** Nobody can register these (RFC 6761, RFC 6762, RFC 9476, and names kept for private use). */
const RESERVED = /(^|\.)(localhost|local|test|example|invalid|onion|alt|internal|home\.arpa)$/;

const OTHERS_ACCESS = 0o077;

export function lintAcme(settings: Settings, env: Environment): Lint[] {
  const { acme } = settings.tls;
  if (acme === null) return [];
  const found: Lint[] = [];
  const warn = (name: string, message: string): number =>
    found.push({ because: becauseOf("tls", "acme", name), message });
  if (!acme.agree_to_terms) {
    warn(
      "agree_to_terms",
      "agree_to_terms is not set: no certificate is gotten before its authority's terms are agreed to",
    );
  }
  const asked = acme.challenge === "dns-01" ? null : PORTS[acme.challenge];
  const own = acme.challenge === "http-01" ? settings.port : httpsPortOf(settings);
  if (asked !== null && own !== asked && own !== 0) {
    warn(
      "challenge",
      `challenge: the authority asks port ${asked}, and this server has ${own}: something must pass it on`,
    );
  }
  if (acme.dns_hook !== null && acme.challenge !== "dns-01") {
    warn("dns_hook", `dns_hook has no effect: challenge is "${acme.challenge}"`);
  }
  for (const name of unprovable(settings)) {
    warn("names", `names: "${name}" is no public name, and this authority gives no certificate for it`);
  }
  for (const name of namesWithoutHost(settings)) {
    warn("names", `names: there is no virtual host for "${name}": the site outside of them answers`);
  }
  const folder = storageFolder(settings, env);
  if (((pathStatus(folder)?.mode ?? 0) & OTHERS_ACCESS) !== 0) {
    warn("storage", `storage ${folder} can be entered by other users of this machine: chmod 700 keeps them out`);
  }
  return found;
}

function unprovable(settings: Settings): string[] {
  if (settings.tls.acme!.directory !== LETS_ENCRYPT) return [];
  return acmeNamesOf(settings).filter((name) => isIP(name) === 0 && (RESERVED.test(name) || !name.includes(".")));
}

function namesWithoutHost({ tls, virtual_host }: Settings): string[] {
  if (virtual_host.length === 0) return [];
  const hosts = new HostNames(virtual_host.flatMap(({ names }) => names.map((name) => [name, true] as const)));
  return tls.acme!.names.filter((name) => hosts.match(name) === null);
}

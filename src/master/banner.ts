/**
 * The first lines on standard error: what is served, where, by how many workers, and which safe defaults hold.
 *
 * Out:   lines, without their ends; first a line `saker VERSION listening on URL (N workers…)` for each address. Other
 *        programs parse that line: its beginning up to the number of workers must not change.
 * Keeps: pure.
 */
import { servesHttps } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import { scopeOf, urlOf } from "./listen-address.ts";
import type { EndpointAddresses } from "./sockets.ts";

export type BannerFacts = {
  readonly version: string;
  readonly settings: Settings;
  /** The configuration file that was read, as the user named it. */
  readonly configFile: string | null;
  readonly workers: number;
  readonly endpoints: readonly EndpointAddresses[];
};

const SYMLINKS = {
  inside: "symbolic links are followed inside the folder",
  always: "symbolic links are followed everywhere",
  never: "symbolic links are not followed",
} as const;

export function formatBanner(facts: BannerFacts): string[] {
  const { settings, version, workers, endpoints, configFile } = facts;
  const from = configFile === null ? "no configuration file" : `configuration ${configFile}`;
  return [
    ...formatListening(version, endpoints, workers),
    `  serves ${settings.document_root} (${from})`,
    `  ${settings.dotfiles ? "dotfiles are served" : "dotfiles are hidden"}; ${SYMLINKS[settings.follow_symlinks]}`,
    `  limits: ${describeLimits(settings)}`,
    ...describeHttps(settings),
    ...describeClients(settings),
    `  admin: ${describeAdmin(facts)}`,
  ];
}

/** What it speaks, what becomes of plain HTTP, and how to visit a server whose certificate is saker's own. */
function describeHttps(settings: Settings): string[] {
  const { http2, tls } = settings;
  if (!servesHttps(settings)) return [];
  const versions = `${http2.enabled ? "HTTP/2 and " : ""}HTTP/1.1 over TLS ${tls.min_version === "1.3" ? "" : "1.2 or "}1.3`;
  const plain = tls.redirect ? "is redirected to it" : "serves the same";
  const lines = [`  HTTPS: ${versions}; plain HTTP ${plain}`];
  if (!tls.self_signed) return lines;
  const own = "by saker's own authority; `saker certificates root > root.pem`, and import that to trust it";
  return [...lines, `  certificate: ${own}`];
}

/** A line about limits per client, where any is set. */
function describeClients({ rate_limit, max_connections_per_ip, allow, deny, ...settings }: Settings): string[] {
  const { proxy_protocol, trusted_proxies } = settings;
  const parts: string[] = [];
  if (rate_limit.requests_per_second > 0) parts.push(`${rate_limit.requests_per_second} requests/s`);
  if (max_connections_per_ip > 0) parts.push(`${max_connections_per_ip} connections`);
  if (allow.addresses.length > 0) parts.push(`only from ${rangeCount(allow.addresses)}`);
  if (deny.addresses.length > 0) parts.push(`none from ${rangeCount(deny.addresses)}`);
  if (trusted_proxies.length > 0) parts.push(`named by proxies in ${trusted_proxies.join(", ")}`);
  if (proxy_protocol) parts.push("PROXY protocol");
  return parts.length === 0 ? [] : [`  each client: ${parts.join("; ")}`];
}

function rangeCount({ length }: readonly string[]): string {
  return `${length} range${length === 1 ? "" : "s"}`;
}

/** A line for each address of the site; also when a reload has opened new ones. */
export function formatListening(
  version: string,
  endpoints: readonly EndpointAddresses[],
  workers: number,
): readonly string[] {
  const many = `${workers} worker${workers === 1 ? "" : "s"}`;
  const reached = endpoints.filter(({ kind }) => kind.application === "site");
  return reached.flatMap(({ kind, addresses }) => {
    return addresses.map((address) => {
      const scope = scopeOf(address.host);
      const url = urlOf(kind.scheme, address);
      return `saker ${version} listening on ${url} (${many}${scope === "" ? "" : `, ${scope}`})`;
    });
  });
}

/** Where the admin endpoints are served alone. */
export function adminUrls(endpoints: readonly EndpointAddresses[]): readonly string[] {
  const reached = endpoints.filter(({ kind }) => kind.application === "admin");
  return reached.flatMap(({ kind, addresses }) => addresses.map((address) => urlOf(kind.scheme, address)));
}

function describeLimits(settings: Settings): string {
  return [
    `head ${octets(settings.max_header_bytes)}`,
    `request-target ${octets(settings.max_uri_bytes)}`,
    `content ${octets(settings.max_body_bytes)}`,
    `${settings.max_connections} connections per worker`,
    `head within ${settings.header_timeout_seconds} s, idle ${settings.keepalive_timeout_seconds} s`,
  ].join(", ");
}

function describeAdmin({ settings, endpoints }: BannerFacts): string {
  const paths = ["health", "metrics", "stats"].map((name) => `${settings.admin_prefix}/${name}`).join(" ");
  const where = adminUrls(endpoints)
    .map((url) => ` on ${url}`)
    .join("");
  return `${paths}${where}; the last two for ${settings.admin_allow.join(", ") || "no client"}`;
}

function octets(count: number): string {
  if (count >= 1_048_576 && count % 1_048_576 === 0) return `${count / 1_048_576} MiB`;
  return count >= 1024 && count % 1024 === 0 ? `${count / 1024} KiB` : `${count} octets`;
}

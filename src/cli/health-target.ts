/**
 * Where `saker health` asks: what the configuration says, or a URL.
 *
 * In:    settings, perhaps a URL. Out: host, port and path, and how connections begin.
 * Keeps: pure. Plain HTTP is preferred, which answers /health also where everything else is redirected to HTTPS. A certificate is for the
 *        names that visitors use: who answers on an address of this machine's own is this machine, without a proof.
 */
import {
  EVERY_ADDRESS,
  EVERY_IPV4_ADDRESS,
  formatHostPort,
  listenAddressesOf,
  parseHostPort,
} from "../config/host-port.ts";
import { httpsPortOf, servesHttps } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import { CommandError } from "./command.ts";

export interface HealthTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly isSecure: boolean;
  /** Whether the certificate must be for the host, and of an authority that is known. */
  readonly isVerified: boolean;
  /** Whether connections begin with a PROXY protocol header. */
  readonly hasHeader: boolean;
}

/** Where /health is, seen from this machine, best first; nowhere if the server chooses its ports. */
export function healthTargets(settings: Settings): HealthTarget[] {
  const { host, port, admin_listen, admin_prefix, proxy_protocol } = settings;
  const own = admin_listen === null ? null : parseHostPort(admin_listen);
  const first: HealthTarget = {
    host: loopbackFor(own?.host || host),
    port: own?.port ?? port,
    path: `${admin_prefix}/health`,
    isSecure: false,
    isVerified: false,
    hasHeader: proxy_protocol && own === null,
  };
  const secure = own === null && servesHttps(settings) ? [httpsPortOf(settings)] : [];
  const targets = [first, ...secure.map((httpsPort) => ({ ...first, port: httpsPort, isSecure: true }))];
  return targets.filter((target) => target.port !== 0);
}

/** `text`: a URL; without a path it is that of /health. */
export function targetOfUrl(text: string, settings: Settings): HealthTarget {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`--url: ${JSON.stringify(text)} is no URL such as https://127.0.0.1:8443/health`);
  }
  const isSecure = url.protocol === "https:";
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isOfSite = port === settings.port || port === httpsPortOf(settings);
  return {
    host,
    port,
    path: url.pathname === "/" ? `${settings.admin_prefix}/health` : url.pathname + url.search,
    isSecure,
    isVerified: isSecure && !isLoopback(host),
    hasHeader: settings.proxy_protocol && isOfSite,
  };
}

export function urlOf({ host, isSecure, path, port }: HealthTarget): string {
  return `${isSecure ? "https" : "http"}://${formatHostPort(host, port)}${path}`;
}

function isLoopback(host: string): boolean {
  return host === "::1" || /^127\./.test(host) || /^localhost$/i.test(host);
}

/** A server that listens on every address, or on both loopback ones, answers on the one that every system has. */
function loopbackFor(host: string): string {
  const [address = host] = listenAddressesOf(host) ?? [];
  return address === EVERY_ADDRESS || address === EVERY_IPV4_ADDRESS ? "127.0.0.1" : address;
}

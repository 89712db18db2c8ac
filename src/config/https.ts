/**
 * What the settings say about HTTPS as a whole: whether there is any, on which port, and what is asked of clients.
 *
 * In:    settings. Out: values that no single row has.
 * Keeps: pure; no file is opened.
 */
import type { Settings } from "./settings.ts";

type Host = Settings["virtual_host"][number];

/** Whether clients must show a certificate, by which authorities it must be issued, and which ones are revoked. */
export interface ClientPolicy {
  readonly client_certificates: Settings["tls"]["client_certificates"];
  readonly client_ca: string | null;
  readonly client_crl: string | null;
}

const HTTPS_PORT = 443;
const HTTPS_PORT_UNPRIVILEGED = 8443;

/** Some certificate is configured, or is to be made. */
export function servesHttps({ tls, virtual_host }: Pick<Settings, "tls" | "virtual_host">): boolean {
  const { certificate, certificates, self_signed, acme } = tls;
  const own = certificate !== null || certificates.length > 0 || self_signed || acme !== null;
  return own || virtual_host.some((host) => host.certificate !== null);
}

/** The port for HTTPS: as set, or what suits `port`. */
export function httpsPortOf({ port, tls }: Pick<Settings, "port" | "tls">): number {
  if (tls.port !== null) return tls.port;
  if (port === 0) return 0;
  return port === 80 ? HTTPS_PORT : HTTPS_PORT_UNPRIVILEGED;
}

/** What is asked of the clients of a virtual host; of all others, for null. */
export function clientPolicyOf({ tls }: Pick<Settings, "tls">, host: Host | null): ClientPolicy {
  return {
    client_certificates: host?.client_certificates ?? tls.client_certificates,
    client_ca: host?.client_ca ?? tls.client_ca,
    // A list of revoked certificates belongs to its authorities.
    client_crl: host?.client_crl ?? (host?.client_ca == null ? tls.client_crl : null),
  };
}

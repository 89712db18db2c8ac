/**
 * Constraints between the settings of TLS and HTTP/2: contradictions that no value shows by itself.
 *
 * In:    the draft, with every value already valid by itself. No file is opened.
 * Fails: ConfigError at the first value that could never do what it says.
 */
import { checkAcmeConstraints } from "./acme-constraints.ts";
import { type Draft, errorInside } from "./draft.ts";
import { formatHostPort, overlaps, parseHostPort } from "./host-port.ts";
import { clientPolicyOf, httpsPortOf, servesHttps } from "./https.ts";
import type { Settings } from "./settings.ts";

export function checkTlsConstraints(draft: Draft): void {
  const settings = draft.values as unknown as Settings;
  checkKeys(draft, settings);
  checkAcmeConstraints(draft);
  checkClients(draft, settings);
  if (servesHttps(settings)) checkPort(draft, settings);
  else checkNeeded(draft, settings);
  if (settings.http2.cleartext && !settings.http2.enabled) {
    throw draft.errorAt("http2.cleartext", "cleartext needs HTTP/2, which enabled = false turns off");
  }
}

/** A key alone can't be used; a certificate's file may hold its key. */
function checkKeys(draft: Draft, { tls, virtual_host }: Settings): void {
  const problem = 'key needs "certificate", too';
  if (isKeyAlone(tls)) throw draft.errorAt("tls.key", problem);
  const index = virtual_host.findIndex(isKeyAlone);
  if (index !== -1) throw errorInside(draft, ["virtual_host", index, "key"], "value", problem);
}

function isKeyAlone({ certificate, key }: Pick<Settings["tls"], "certificate" | "key">): boolean {
  return certificate === null && key !== null;
}

/** A client certificate proves nothing unless it is known whose it may be. */
function checkClients(draft: Draft, settings: Settings): void {
  const asked = (name: string): string => `client_certificates = "${name}" needs "client_ca"`;
  const needsCa = ({ client_certificates: wish, client_ca: ca }: ReturnType<typeof clientPolicyOf>): boolean =>
    wish !== "off" && ca === null;
  const outer = clientPolicyOf(settings, null);
  if (needsCa(outer)) throw draft.errorAt("tls.client_certificates", asked(outer.client_certificates));
  settings.virtual_host.forEach((host, index) => {
    const policy = clientPolicyOf(settings, host);
    if (!needsCa(policy)) return;
    const path = ["virtual_host", index, "client_certificates"];
    throw errorInside(draft, path, "value", asked(policy.client_certificates));
  });
}

/** Nothing else may listen where HTTPS does; see checkAdminAddress for why the kernel wouldn't say so. */
function checkPort(draft: Draft, settings: Settings): void {
  const { host, port, admin_listen } = settings;
  const httpsPort = httpsPortOf(settings);
  if (httpsPort === 0) return;
  const given = draft.originOf("tls.port").source === "default" ? "port" : "tls.port";
  if (httpsPort === port) {
    throw draft.errorAt(given, `the ports of HTTP (port) and HTTPS (tls.port) must differ, and both are ${port}`);
  }
  const admin = admin_listen === null ? null : parseHostPort(admin_listen);
  if (admin?.port !== httpsPort || !overlaps(admin.host || host, host)) return;
  const address = formatHostPort(host, httpsPort);
  throw draft.errorAt("admin_listen", `admin_listen must differ from the address of HTTPS (${address})`);
}

/** What makes no sense without HTTPS, in the order in which it is complained about. */
const NEEDS_HTTPS = ["port", "redirect", "hsts_max_age_seconds", "client_certificates"] as const;

function checkNeeded(draft: Draft, { tls, virtual_host }: Settings): void {
  const needs = '"certificate", "self_signed" or [tls.acme]: without them there is no HTTPS';
  const name = NEEDS_HTTPS.find((key) => draft.originOf(`tls.${key}`).source !== "default" && !isOff(tls[key]));
  if (name !== undefined) throw draft.errorAt(`tls.${name}`, `${name} needs ${needs}`);
  const index = virtual_host.findIndex(({ client_certificates: asked }) => asked !== null && asked !== "off");
  if (index === -1) return;
  const path = ["virtual_host", index, "client_certificates"];
  throw errorInside(draft, path, "value", `client_certificates needs a certificate of the server's own, in [tls]`);
}

function isOff(value: unknown): boolean {
  return value === false || value === 0 || value === "off";
}

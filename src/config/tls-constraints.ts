/**
 * Constraints between the settings of TLS and HTTP/2: contradictions that no value shows by itself.
 *
 * In:    the draft, with every value already valid by itself. No file is opened.
 * Fails: ConfigError at the first value that could never do what it says.
 */
import { isIP } from "node:net";
import { acmeNamesOf } from "./acme-names.ts";
import { type Draft, errorInside } from "./draft.ts";
import { formatHostPort, overlaps, parseHostPort } from "./host-port.ts";
import { clientPolicyOf, httpsPortOf, servesHttps } from "./https.ts";
import type { Settings } from "./settings.ts";

export function checkTlsConstraints(draft: Draft): void {
  const settings = draft.values as unknown as Settings;
  checkPairs(draft, settings);
  checkAcme(draft, settings);
  checkClients(draft, settings);
  if (servesHttps(settings)) checkPort(draft, settings);
  else checkNeeded(draft, settings);
  if (settings.http2.cleartext && !settings.http2.enabled) {
    throw draft.errorAt("http2.cleartext", "cleartext needs HTTP/2, which enabled = false turns off");
  }
}

function checkAcme(draft: Draft, settings: Settings): void {
  const { acme } = settings.tls;
  if (acme === null) return;
  const names = acmeNamesOf(settings);
  if (names.length === 0) {
    throw draft.errorAt(
      "tls.acme",
      '[tls.acme] needs "names" (--domain): no virtual host has a name that a certificate could be for',
    );
  }
  const wildcard = names.find((name) => name.startsWith("*."));
  if (wildcard !== undefined && acme.challenge !== "dns-01") {
    throw draft.errorAt(
      "tls.acme.names",
      `"${wildcard}" needs challenge = "dns-01": a wildcard can't be proven otherwise`,
    );
  }
  const address = names.find((name) => isIP(name) !== 0);
  if (address !== undefined && acme.challenge === "dns-01") {
    throw draft.errorAt("tls.acme.names", `"${address}" can't be proven by dns-01, which is for names`);
  }
  if (acme.challenge === "dns-01" && acme.dns_hook === null) {
    throw draft.errorAt("tls.acme.challenge", 'challenge = "dns-01" needs "dns_hook": a program that sets records');
  }
  if ((acme.eab_key_id === "") !== (acme.eab_hmac_key_file === null)) {
    const [given, missing] = acme.eab_key_id === "" ? EAB.toReversed() : EAB;
    throw draft.errorAt(`tls.acme.${given}`, `${given} needs "${missing}", too`);
  }
}

const EAB = ["eab_key_id", "eab_hmac_key_file"];

/** A certificate without its key can't be used, and neither can a key alone. */
function checkPairs(draft: Draft, { tls, virtual_host }: Settings): void {
  const missing = missingOf(tls);
  if (missing !== null) throw draft.errorAt(`tls.${missing.given}`, missing.problem);
  virtual_host.forEach((host, index) => {
    const missingHere = missingOf(host);
    if (missingHere === null) return;
    throw errorInside(draft, ["virtual_host", index, missingHere.given], "value", missingHere.problem);
  });
}

interface Pair {
  readonly certificate: string | null;
  readonly key: string | null;
}

function missingOf({ certificate, key }: Pair): { given: "certificate" | "key"; problem: string } | null {
  if ((certificate === null) === (key === null)) return null;
  if (certificate === null) return { given: "key", problem: 'key needs "certificate", too' };
  return { given: "certificate", problem: 'certificate needs "key", too; it may be the same file, if that holds both' };
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
  const needs = '"certificate" and "key", "self_signed", or [tls.acme]: without them there is no HTTPS';
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

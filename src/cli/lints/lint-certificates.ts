/**
 * Certificates that clients may stumble over, names without one, and settings of HTTPS that don't do what they seem to.
 *
 * In:    settings; the certificates they name, read. Out: lints.
 */
import { httpsPortOf, servesHttps } from "../../config/https.ts";
import type { Settings } from "../../config/settings.ts";
import { becauseOf } from "../../site/rules/because.ts";
import { HostNames } from "../../syntax/host-names.ts";
import { CertificateChoice, coverName } from "../../tls/certificate-choice.ts";
import { canonicalName, covers } from "../../tls/server-name.ts";
import { type NamedCertificate, namedCertificates, type ReadSource } from "../read-certificates.ts";
import type { Lint } from "./lint.ts";

const HTTPS_PORT = 443;
const NAMES_SHOWN_MAX = 5;

export function lintCertificates(settings: Settings, sources: readonly ReadSource[]): Lint[] {
  const found = sources.flatMap(({ because, outcome }): Lint[] => {
    return outcome.isGood ? outcome.warnings.map(({ text: message }) => ({ because, message })) : [];
  });
  if (!servesHttps(settings)) return found;
  const certificates = namedCertificates(settings, sources);
  return [
    ...found,
    ...hostsWithoutCertificate(settings, certificates),
    ...namesWithoutHost(settings, certificates),
    ...settingsWithoutEffect(settings),
  ];
}

/** Clients of these get the default certificate, and refuse it. */
function hostsWithoutCertificate({ virtual_host }: Settings, certificates: readonly NamedCertificate[]): Lint[] {
  const choice = new CertificateChoice(certificates);
  return virtual_host.flatMap(({ names }, index) =>
    names.flatMap((name, item): Lint[] => {
      const canonical = canonicalName(name);
      if (canonical === "*") return [];
      const { certificates: chosen, because } = choice.choose(canonical, index);
      const isOwn = because === "host";
      if (
        chosen.length === 0 ||
        coverName(
          chosen.map((own) => (isOwn ? { ...own, host: null } : own)),
          canonical,
          null,
        )
      )
        return [];
      const which = chosen[0]!.label;
      const message = isOwn
        ? `its own certificate ${which} doesn't name "${name}": clients will refuse it`
        : `no certificate names "${name}": its clients get ${which}, and will refuse it`;
      return [{ because: becauseOf("virtual_host", index, "names", item), message }];
    }),
  );
}

/** Names that only virtual hosts could have, and none has. Otherwise they lead to the main site, which has no list of names. */
function namesWithoutHost({ virtual_host, unknown_host }: Settings, certificates: readonly NamedCertificate[]): Lint[] {
  if (virtual_host.length === 0 || unknown_host === "default") return [];
  const named = virtual_host.flatMap(({ names }) => names.map(canonicalName));
  const hosts = new HostNames(named.map((name) => [name, true] as const));
  return certificates.flatMap(({ names, label, host, because }) => {
    if (host !== null || label === "self-signed" || because.setting.startsWith("tls.acme")) return []; // lint-acme.ts
    const lost = names.filter((name) => hosts.match(name) === null && !named.some((wanted) => covers([name], wanted)));
    if (lost.length === 0) return [];
    const shown = lost.slice(0, NAMES_SHOWN_MAX).join(", ") + (lost.length > NAMES_SHOWN_MAX ? ", …" : "");
    const message = `certificate ${label} names ${shown}, for which there is no virtual host: clients get ${unknown_host}`;
    return [{ because, message }];
  });
}

function settingsWithoutEffect(settings: Settings): Lint[] {
  const { tls, virtual_host } = settings;
  const found: Lint[] = [];
  const warn = (name: string, message: string): number => found.push({ because: becauseOf("tls", name), message });
  const asks =
    tls.client_certificates !== "off" ||
    virtual_host.some(({ client_certificates: own }) => own !== null && own !== "off");
  if (tls.client_ca !== null && !asks) warn("client_ca", "client_ca has no effect: nobody is asked for a certificate");
  if (tls.client_crl !== null && !asks)
    warn("client_crl", "client_crl has no effect: nobody is asked for a certificate");
  const port = httpsPortOf(settings);
  if (settings.port === HTTPS_PORT) {
    const message = `port ${HTTPS_PORT} is for HTTPS, and here it speaks plain HTTP: HTTPS is on port ${port}`;
    found.push({ because: becauseOf("port"), message });
  }
  if (tls.hsts_max_age_seconds > 0 && port !== HTTPS_PORT && port !== 0) {
    const danger = `browsers that have seen it turn http://HOST/ into https://HOST/, which is port 443 and not ${port}`;
    warn("hsts_max_age_seconds", `hsts_max_age_seconds: ${danger}`);
  }
  if (tls.hsts_max_age_seconds > 0 && !tls.redirect) {
    warn("hsts_max_age_seconds", "hsts_max_age_seconds: redirect is off, so who comes by plain HTTP never sees it");
  }
  const isSelfSignedAlone = tls.self_signed && tls.certificate === null && tls.certificates.length === 0;
  if (tls.hsts_max_age_seconds > 0 && isSelfSignedAlone) {
    warn(
      "hsts_max_age_seconds",
      "hsts_max_age_seconds: browsers that don't trust saker's own authority can't go on then",
    );
  }
  return found;
}

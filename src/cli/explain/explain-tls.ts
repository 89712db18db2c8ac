/**
 * What happens before a request by HTTPS: which certificate the client is shown and why, what it is asked for itself, and which version
 * of HTTP it gets.
 *
 * In:    settings; the host of the URL. Out: decisions.
 * Keeps: certificates are read from their files as a server does at its start, and chosen by the function that a worker chooses by
 *        (tls/certificate-choice.ts).
 */
import { isIP } from "node:net";
import type { Settings } from "../../config/settings.ts";
import { CertificateChoice, type Choice } from "../../tls/certificate-choice.ts";
import { ClientPolicies, type PolicyMatch } from "../../tls/client-policies.ts";
import { canonicalName } from "../../tls/server-name.ts";
import { type NamedCertificate, namedCertificates, readSources } from "../read-certificates.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";

/** `host`: of the URL, without port. */
export function explainTls(settings: Settings, host: string, places: Places): Decision[] {
  const sources = readSources(settings);
  const bad = sources.flatMap(({ outcome, because }): Decision[] => {
    return outcome.isGood
      ? []
      : [decisionOf("certificate", outcome.line, "can't be served", because.setting, places.of(because))];
  });
  const name = canonicalName(host);
  // An address isn't sent in the handshake (RFC 6066 §3).
  const sent = isIP(name) === 0 ? name : null;
  const match = new ClientPolicies(settings).of(sent);
  const choice = new CertificateChoice(namedCertificates(settings, sources)).choose(sent, match.host);
  return [
    ...bad,
    ...choice.certificates.map(({ because, label }) => {
      return decisionOf("certificate", label, reasonFor(choice, sent), because.setting, places.of(because));
    }),
    ...clientDecision(settings, match, places),
    protocolDecision(settings, places),
  ];
}

function reasonFor({ because }: Choice<NamedCertificate>, sent: string | null): string {
  switch (because) {
    case "host":
      return "the virtual host's own";
    case "exact":
      return `names ${sent}`;
    case "wildcard":
      return `its wildcard covers ${sent}`;
    case "default":
      return sent === null ? "the default: clients send no address in a handshake" : `the default: none names ${sent}`;
  }
}

function clientDecision(settings: Settings, { host, policy }: PolicyMatch, places: Places): Decision[] {
  const { client_certificates: asked, client_ca, client_crl } = policy;
  if (asked === "off") return [];
  const own = host === null ? null : settings.virtual_host[host]!.client_certificates;
  const place =
    own === null ? places.at("tls", "client_certificates") : places.at("virtual_host", host!, "client_certificates");
  const outcome =
    asked === "required" ? "required: no handshake without one" : "asked for, not required; 400 for a bad one";
  const revoked = client_crl === null ? "" : `, unless revoked by ${client_crl}`;
  const decision = decisionOf(
    "certificate",
    `of the client, by ${client_ca}${revoked}`,
    outcome,
    "tls.client_certificates",
    place,
  );
  return [decision];
}

function protocolDecision({ http2, tls }: Settings, places: Places): Decision {
  const outcome = http2.enabled ? "HTTP/2 where the client offers it, otherwise HTTP/1.1" : "HTTP/1.1";
  const subject = `TLS ${tls.min_version === "1.3" ? "1.3" : "1.3 or 1.2"}`;
  return decisionOf("protocol", subject, outcome, "http2.enabled", places.at("http2", "enabled"));
}

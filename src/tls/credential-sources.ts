/**
 * Which files of certificates, keys and authorities the settings name, and what for.
 *
 * In:    settings. Out: a source for each, in the order in which certificates are preferred.
 * Keeps: pure. A source has an identifier that master and workers make alike, so that what the master has read is found by it.
 */
import { clientPolicyOf } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import { wantedCertificates } from "./acme/wanted-certificates.ts";

type TlsSettings = Pick<Settings, "tls" | "virtual_host">;

/** A certificate and its key. */
export interface PairSource {
  readonly id: string;
  readonly certificate: string;
  /** The certificate's file, where no other is named. */
  readonly key: string;
  readonly hasKeyOfItsOwn: boolean;
  /** Where it stands in the settings. */
  readonly at: readonly (string | number)[];
  /** The virtual host that it belongs to, whatever names are in it; null where its names decide. */
  readonly host: number | null;
}

/** A file of authorities, or of revocations. */
export interface TrustSource {
  readonly id: string;
  readonly file: string;
  readonly what: "client_ca" | "client_crl";
  readonly at: readonly (string | number)[];
}

/** The certificate of saker's own authority. */
export const SELF_SIGNED = "self-signed";

/** Certificates that saker gets by itself, by their identifier in the storage; and the one that stands in for them. */
export const acmeId = (id: string): string => `acme:${id}`;
export const PLACEHOLDER = "placeholder";

/** Whether names may be without a certificate until saker has gotten one. */
export const usesPlaceholder = ({ tls }: Pick<Settings, "tls">): boolean => tls.acme !== null && !tls.self_signed;

/** Certificates that no setting names a file of, in the order in which they are preferred. */
export function madeIds(settings: TlsSettings): string[] {
  return [
    ...wantedCertificates(settings).map(({ id }) => acmeId(id)),
    ...(settings.tls.self_signed ? [SELF_SIGNED] : []),
    ...(usesPlaceholder(settings) ? [PLACEHOLDER] : []),
  ];
}

const pairId = (certificate: string, key: string): string => `pair:${certificate}\0${key}`;

export const trustId = (what: TrustSource["what"], file: string): string => `${what}:${file}`;

/** The first one is the default certificate, unless there is only the self-signed one. */
export function pairSources({ tls, virtual_host }: TlsSettings): PairSource[] {
  const pairs: PairSource[] = [];
  const add = (
    pair: { certificate: string | null; key: string | null },
    at: PairSource["at"],
    host: number | null,
  ): void => {
    const { certificate } = pair;
    if (certificate === null) return;
    const hasKeyOfItsOwn = pair.key !== null;
    const key = pair.key ?? certificate;
    pairs.push({ id: pairId(certificate, key), certificate, key, hasKeyOfItsOwn, at, host });
  };
  add(tls, ["tls"], null);
  tls.certificates.forEach((pair, index) => add(pair, ["tls", "certificates", index], null));
  virtual_host.forEach((pair, index) => add(pair, ["virtual_host", index], index));
  return pairs;
}

/** What the policies for client certificates need; each file once. */
export function trustSources(settings: TlsSettings): TrustSource[] {
  const sources = new Map<string, TrustSource>();
  [null, ...settings.virtual_host].forEach((host, index) => {
    const policy = clientPolicyOf(settings, host);
    if (policy.client_certificates === "off") return;
    for (const what of ["client_ca", "client_crl"] as const) {
      const file = policy[what];
      const at = host !== null && host[what] !== null ? ["virtual_host", index - 1, what] : ["tls", what];
      if (file !== null) sources.set(trustId(what, file), { id: trustId(what, file), file, what, at });
    }
  });
  return [...sources.values()];
}

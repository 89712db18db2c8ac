/**
 * Which certificate is for which name: the virtual host's own, the one that names it, the one whose wildcard covers it, or the default.
 *
 * In:    certificates in order of preference, each with its names, and perhaps the virtual host it belongs to.
 * Out:   the certificates for a name, one per kind of key, and why these.
 * Keeps: pure. Of several for one name the first of a kind is chosen; an RSA and an ECDSA certificate are both served, and the
 *        client's algorithms decide (RFC 8446 §4.2.3).
 */
import { covers, wildcardFor } from "./server-name.ts";
import type { CertificateFacts } from "./certificate.ts";

/** A certificate to choose from. */
export interface Candidate {
  readonly names: readonly string[];
  readonly keyKind: CertificateFacts["keyKind"];
  /** Index of the virtual host that it belongs to, whatever names are in it. */
  readonly host: number | null;
}

export type ChosenBecause = "host" | "exact" | "wildcard" | "default";

export interface Choice<C extends Candidate> {
  /** At least one, unless there are none at all. */
  readonly certificates: readonly C[];
  readonly because: ChosenBecause;
}

export class CertificateChoice<C extends Candidate> {
  private readonly byName = new Map<string, C | C[]>();
  private readonly byHost = new Map<number, C>();
  private readonly fallback: Choice<C>;

  constructor(candidates: readonly C[]) {
    for (const candidate of candidates) {
      if (candidate.host !== null) this.byHost.set(candidate.host, candidate);
      else for (const name of candidate.names) this.enter(name, candidate);
    }
    const first = candidates.find(({ host }) => host === null) ?? candidates[0];
    this.fallback = { certificates: first === undefined ? [] : [first], because: "default" };
  }

  /** `host`: the virtual host that the name leads to. A name that is null wasn't sent. */
  choose(canonical: string | null, host: number | null): Choice<C> {
    const own = host === null ? undefined : this.byHost.get(host);
    if (own !== undefined && canonical !== null) return { certificates: [own], because: "host" };
    return (canonical === null ? null : this.named(canonical)) ?? this.fallback;
  }

  private named(canonical: string): Choice<C> | null {
    const exact = this.byName.get(canonical);
    if (exact !== undefined) return { certificates: asList(exact), because: "exact" };
    const wildcard = this.byName.get(wildcardFor(canonical) ?? "");
    return wildcard === undefined ? null : { certificates: asList(wildcard), because: "wildcard" };
  }

  /** Ten thousand names are usual where there are certificates for customers: a list only where there are several. */
  private enter(name: string, candidate: C): void {
    const present = this.byName.get(name);
    if (present === undefined) {
      this.byName.set(name, candidate);
      return;
    }
    const list = asList(present);
    if (!list.some(({ keyKind }) => keyKind === candidate.keyKind)) this.byName.set(name, [...list, candidate]);
  }
}

function asList<C extends Candidate>(entry: C | C[]): C[] {
  return Array.isArray(entry) ? entry : [entry];
}

/** Whether some of the certificates is for the name, or belongs to its host. */
export function coverName(certificates: readonly Candidate[], canonical: string, host: number | null): boolean {
  return certificates.some((certificate) => {
    return covers(certificate.names, canonical) || (certificate.host !== null && certificate.host === host);
  });
}

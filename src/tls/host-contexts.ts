/**
 * For the name that a client asks for in its handshake: the context with the certificate for it, and what is asked of the client.
 *
 * In:    settings; the memory with certificates and keys, which changes when the files do.
 * Out:   a context per handshake; whether a request for a host may come over a connection that was made for another name.
 * Keeps: contexts are made when a name is first asked for, and the most recent ones kept, so ten thousand names cost as little as a few
 *        hundred. A context is made of the texts that were there when it was made; one whose texts have changed isn't
 *        used again. Reading memory that is being written again finds the next version.
 */
import type { Settings } from "../config/settings.ts";
import { type Candidate, CertificateChoice, type Choice, coverName } from "./certificate-choice.ts";
import { ClientPolicies, type PolicyMatch } from "./client-policies.ts";
import type { AcmeStatus } from "./acme/acme-status.ts";
import { ACME_STATUS, type CredentialFacts, type PairFacts } from "./credential-facts.ts";
import type { CredentialMemoryReader, PieceEntry } from "./credential-memory.ts";
import { madeIds, PLACEHOLDER, pairSources, trustId } from "./credential-sources.ts";
import { makeSecureContext } from "./secure-context.ts";
import { canonicalName } from "./server-name.ts";

/** 11 KiB each. */
const CONTEXTS_MAX = 512;

export type ClientCertificates = Settings["tls"]["client_certificates"];

export interface TlsContext {
  /** For `upgradeTLS` and the `serverName` handler. */
  readonly native: unknown;
  /** Whether the client must be asked for a certificate, and refused without a valid one. */
  readonly policy: ClientCertificates;
  /** Which certificate it is, for logs. */
  readonly label: string;
}

/** What a connection was made for. */
export interface ConnectionIdentity {
  /** As the client sent it; null if it sent none. */
  readonly serverName: string | null;
  /** The context of its handshake. */
  readonly context: TlsContext;
}

interface Certificate extends Candidate {
  readonly entry: PieceEntry<CredentialFacts>;
}

/** A context with what it was made of. */
interface HostContext extends TlsContext {
  readonly digests: readonly string[];
  readonly certificates: readonly Candidate[];
  readonly asked: PolicyMatch["policy"];
}

export type HostContextsOptions = {
  readonly settings: Pick<Settings, "tls" | "virtual_host">;
  readonly memory: CredentialMemoryReader<CredentialFacts>;
};

export class HostContexts {
  private readonly policies: ClientPolicies;
  private choice: CertificateChoice<Certificate>;
  /** By what they are made of, the least recent first. */
  private readonly contexts = new Map<string, HostContext>();

  constructor(private readonly options: HostContextsOptions) {
    this.policies = new ClientPolicies(options.settings);
    this.choice = this.index();
  }

  /** The version of what is served. */
  get version(): number {
    return this.options.memory.version;
  }

  /** Serves what has changed; false where nothing has. */
  refresh(): boolean {
    const { memory } = this.options;
    if (!memory.refresh()) return false;
    this.choice = this.index();
    const present = new Set([...memory.pieces.values()].map(({ digest }) => digest));
    for (const [key, { digests }] of this.contexts) {
      if (!digests.every((digest) => present.has(digest))) this.contexts.delete(key);
    }
    return true;
  }

  /**
   * The context for a name as the client sent it; null for a client that sent none. Throws where there is none to be had: the
   * handshake must fail.
   */
  contextFor(serverName: string | null): TlsContext {
    const canonical = serverName === null ? null : canonicalName(serverName);
    const match = this.policies.of(canonical);
    return this.contextOf(match, canonical);
  }

  /**
   * Whether a request for `authorityHost` (without port) may come over the connection; the answer is 421 otherwise (RFC 9110 §15.5.20).
   *
   * A host that asks clients for certificates is reached by its own name, or by a connection of the same demands. A host with a
   * certificate is reached by a connection whose certificate is for it (RFC 9113 §9.1.1), unless the client named none,
   * which left the server no choice.
   */
  admits({ serverName, context }: ConnectionIdentity, authorityHost: string): boolean {
    const { asked, certificates } = context as HostContext;
    const host = canonicalName(authorityHost);
    const wanted = serverName === null ? null : canonicalName(serverName);
    if (host === wanted) return true;
    const match = this.policies.of(host);
    if (match.policy !== asked) return false;
    if (wanted === null || coverName(certificates, host, match.host)) return true;
    return this.choice.choose(host, match.host).because === "default";
  }

  /** All certificates that are served, in order of preference, but for what stands in for them. */
  get certificates(): readonly PairFacts[] {
    const real = this.candidates().filter(({ entry }) => entry.id !== PLACEHOLDER);
    return real.map(({ entry }) => entry.facts as PairFacts);
  }

  /** How it stands with certificates that saker gets by itself; null where there are none, or nothing is known yet. */
  get acmeStatus(): AcmeStatus | null {
    const facts = this.options.memory.pieces.get(ACME_STATUS)?.facts;
    return facts?.kind === "acme" ? facts.status : null;
  }

  private index(): CertificateChoice<Certificate> {
    return new CertificateChoice(this.candidates());
  }

  private candidates(): Certificate[] {
    const { settings, memory } = this.options;
    const files: { id: string; host: number | null }[] = pairSources(settings);
    const sources = [...files, ...madeIds(settings).map((id) => ({ id, host: null }))];
    return sources.flatMap(({ id, host }) => {
      const entry = memory.pieces.get(id);
      if (entry?.facts.kind !== "pair") return [];
      return [{ entry, host, names: entry.facts.names, keyKind: entry.facts.keyKind }];
    });
  }

  private contextOf(match: PolicyMatch, canonical: string | null): HostContext {
    for (let attempt = 1; ; attempt++) {
      const choice = this.choice.choose(canonical, match.host);
      const trust = this.trustOf(match);
      const digests = [...choice.certificates.map(({ entry }) => entry), ...trust].map(({ digest }) => digest);
      const key = digests.join() + match.policy.client_certificates;
      const known = this.contexts.get(key);
      if (known !== undefined) return this.keep(key, known);
      const made = this.make(match, choice, trust, digests);
      if (made !== null) return this.keep(key, made);
      // The memory has been written again: what is there now is whole.
      if (attempt === ATTEMPTS_MAX) throw new Error("the certificate can't be read");
      this.refresh();
    }
  }

  private trustOf({ policy }: PolicyMatch): PieceEntry<CredentialFacts>[] {
    const { pieces } = this.options.memory;
    if (policy.client_certificates === "off") return [];
    return (["client_ca", "client_crl"] as const).flatMap((what) => {
      const file = policy[what];
      return file === null ? [] : (pieces.get(trustId(what, file)) ?? []);
    });
  }

  private make(
    { policy }: PolicyMatch,
    { certificates }: Choice<Certificate>,
    trust: readonly PieceEntry<CredentialFacts>[],
    digests: readonly string[],
  ): HostContext | null {
    const { memory, settings } = this.options;
    const pairs = certificates.map(({ entry }) => memory.read(entry));
    const texts = trust.map((entry) => memory.read(entry));
    if (pairs.includes(null) || texts.includes(null) || pairs.length === 0) return null;
    const textsOf = (file: string | null, what: "client_ca" | "client_crl"): readonly string[] => {
      if (file === null || policy.client_certificates === "off") return [];
      const index = trust.findIndex(({ id }) => id === trustId(what, file));
      // Without it whoever has a certificate of any public authority would be let in.
      if (index === -1) throw new Error(`${what} is missing`);
      return texts[index]!;
    };
    const native = makeSecureContext({
      certificates: pairs.map((pair) => pair![0]!),
      keys: pairs.map((pair) => pair![1]!),
      clientCa: textsOf(policy.client_ca, "client_ca"),
      clientCrl: textsOf(policy.client_crl, "client_crl"),
      minVersion: settings.tls.min_version,
      asksClients: this.policies.asksSomebody,
    });
    const label = certificates.map(({ entry }) => (entry.facts as PairFacts).label).join(", ");
    return { native, policy: policy.client_certificates, label, digests, certificates, asked: policy };
  }

  /** Makes it the most recent one. */
  private keep(key: string, context: HostContext): HostContext {
    this.contexts.delete(key);
    this.contexts.set(key, context);
    if (this.contexts.size > CONTEXTS_MAX) this.contexts.delete(this.contexts.keys().next().value!);
    return context;
  }
}

const ATTEMPTS_MAX = 3;

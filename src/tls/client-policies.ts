/**
 * What is asked of clients, by the name they want: whether they must show a certificate, and whose it may be.
 *
 * In:    settings. Out: policies, of which equal ones are one object.
 * Keeps: pure. A name means the same virtual host as in requests (site/host-table.ts).
 */
import { type ClientPolicy, clientPolicyOf } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import { HostNames } from "../syntax/host-names.ts";

type TlsSettings = Pick<Settings, "tls" | "virtual_host">;

/** A virtual host, and what it asks of clients. `index` is null for the site outside of virtual hosts. */
export interface PolicyMatch {
  readonly host: number | null;
  readonly policy: ClientPolicy;
}

export class ClientPolicies {
  /** Some policy asks for certificates. */
  readonly asksSomebody: boolean;
  private readonly hosts: HostNames<PolicyMatch>;
  private readonly everyone: PolicyMatch;

  constructor(settings: TlsSettings) {
    const distinct = new Map<string, ClientPolicy>();
    const policyOf = (host: Settings["virtual_host"][number] | null): ClientPolicy => {
      const policy = clientPolicyOf(settings, host);
      const key = policy.client_certificates === "off" ? "off" : JSON.stringify(policy);
      if (!distinct.has(key)) distinct.set(key, policy);
      return distinct.get(key)!;
    };
    this.everyone = { host: null, policy: policyOf(null) };
    this.hosts = new HostNames(
      settings.virtual_host.flatMap((host, index) => {
        const match = { host: index, policy: policyOf(host) };
        return host.names.map((name): [string, PolicyMatch] => [name, match]);
      }),
    );
    this.asksSomebody = [...distinct.values()].some((policy) => policy.client_certificates !== "off");
  }

  /** Of a name without port; null was not sent, and leads where unknown names do. */
  of(name: string | null): PolicyMatch {
    return this.hosts.match(name ?? "")?.host ?? this.everyone;
  }
}

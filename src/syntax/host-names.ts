/**
 * Names and wildcards of hosts, and what each leads to: the exact name, then the longest wildcard, then `*`.
 *
 * In:    names as configured, each once: `www.example.com`, `*.example.com` (any name below it), `*`.
 * Out:   what a name leads to, and by which of them.
 * Keeps: pure; built once.
 */

/** A host, and the name that leads to it. */
export interface HostMatch<Host> {
  /** As it is configured: `www.example.com`, `*.example.com`, or `*`. */
  readonly name: string;
  readonly host: Host;
}

export class HostNames<Host> {
  private readonly exact = new Map<string, HostMatch<Host>>();
  /** `.example.com`, longest first. */
  private readonly wildcards: (readonly [suffix: string, match: HostMatch<Host>])[] = [];
  private readonly everyone: HostMatch<Host> | null;

  constructor(names: Iterable<readonly [name: string, host: Host]>) {
    let everyone: HostMatch<Host> | null = null;
    for (const [name, host] of names) {
      const canonical = canonicalHost(name);
      const match = { name, host };
      if (canonical === "*") everyone = match;
      else if (canonical.startsWith("*.")) this.wildcards.push([canonical.slice(1), match]);
      else this.exact.set(canonical, match);
    }
    this.everyone = everyone;
    this.wildcards.sort(([one], [other]) => other.length - one.length);
  }

  /** `name`: without port. */
  match(name: string): HostMatch<Host> | null {
    const canonical = canonicalHost(name);
    const exact = this.exact.get(canonical);
    if (exact !== undefined) return exact;
    const wildcard = this.wildcards.find(([suffix]) => canonical.endsWith(suffix) && canonical.length > suffix.length);
    return wildcard === undefined ? this.everyone : wildcard[1];
  }
}

/** One spelling for all of a host name: lower case, no dot at the end (RFC 9110 §4.2.3, RFC 1034 §3.1). */
export function canonicalHost(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}

/**
 * Certificates for a server by saker's own authority: one for all its names, issued anew before it ends.
 *
 * In:    the names; the environment, which says where the authority is kept.
 * Out:   certificate and key, and what whoever runs the server should know.
 * Keeps: the authority is made or read at the first issue; the certificate's key is never written to a file.
 */
import { issueForServer, type IssuedPair } from "../x509/issue.ts";
import { type Warning, warning } from "../warning.ts";
import { type Authority, BACKDATED_MS, type Environment, provideAuthority } from "./authority.ts";
import { DAY_MS } from "../../units.ts";

const LEAF_MS = 90 * DAY_MS;
const RENEWED_AFTER_MS = 60 * DAY_MS;

/** Clients refuse certificates of unusual size; a hundred names are 3 KiB. */
const NAMES_MAX = 100;

export class SelfSigner {
  private authority: Authority | null = null;
  private readonly sinceMs = Date.now();

  constructor(
    private readonly names: readonly string[],
    private readonly env: Environment,
  ) {}

  /** Another one when it is time for a new certificate. */
  version(nowMs: number): string {
    return String(Math.floor((nowMs - this.sinceMs) / RENEWED_AFTER_MS));
  }

  issue(nowMs: number): { pair: IssuedPair; warnings: readonly Warning[] } {
    const warnings: Warning[] = [];
    if (this.authority === null) {
      this.authority = provideAuthority(this.env, nowMs);
      if (this.authority.problem !== "") {
        const text = `saker's own authority can't be kept, and will be another one at the next start: ${this.authority.problem}`;
        warnings.push(warning(text, "Set XDG_DATA_HOME to a folder that can be written."));
      }
    }
    const left = this.names.length - NAMES_MAX;
    if (left > 0) {
      const text = `the self-signed certificate names ${NAMES_MAX} hosts, and not the ${left} others`;
      warnings.push(warning(text, "Use certificates of your own for so many hosts."));
    }
    const period = { notBeforeMs: nowMs - BACKDATED_MS, notAfterMs: nowMs + LEAF_MS };
    const pair = issueForServer(this.names.slice(0, NAMES_MAX), this.authority, period);
    return { pair, warnings };
  }
}

/**
 * Certificates that saker gets by itself, as sources of the store: files that may not be there yet, and what stands in for them.
 *
 * Out:   a source for each certificate, and behind them a self-signed one for the names that have none.
 * Keeps: a server starts whatever is in the storage: where a file is missing or broken, browsers see a certificate that nobody vouches
 *        for until there is a real one. Once a certificate was read, a bad one doesn't take its place.
 */
import { X509Certificate } from "node:crypto";
import { acmeNamesOf } from "../../config/acme-names.ts";
import type { Settings } from "../../config/settings.ts";
import { messageOf } from "../../sys/errno.ts";
import { dayOf, factsOf } from "../certificate.ts";
import { readCredential } from "../credential.ts";
import { absentPiece, pairPiece } from "../credential-facts.ts";
import { acmeId, PLACEHOLDER, usesPlaceholder } from "../credential-sources.ts";
import { readText, versionOf } from "../file-version.ts";
import type { Environment } from "../self-signed/authority.ts";
import { canonicalName } from "../server-name.ts";
import { warning } from "../warning.ts";
import { namesText, type SourceOutcome, type WatchedSource } from "../watched-sources.ts";
import { issueAuthority, issueForServer } from "../x509/issue.ts";
import { certificateFile, storageFolder, wantedCertificates } from "./wanted-certificates.ts";
import { DAY_MS } from "../../units.ts";

type TlsSettings = Pick<Settings, "tls" | "virtual_host">;

export function acmeSources(settings: TlsSettings, env: Environment): WatchedSource[] {
  const folder = storageFolder(settings, env);
  const files = wantedCertificates(settings).map(({ id }) => new KeptPair(id, certificateFile(folder, id)));
  if (!usesPlaceholder(settings)) return files;
  return [...files, new Placeholder(acmeNamesOf(settings).map(canonicalName))];
}

/** Chain and key in one file of the storage. */
export class KeptPair implements WatchedSource {
  readonly id: string;
  readonly key: string;
  readonly label: string;
  private wasRead = false;

  constructor(
    id: string,
    private readonly file: string,
  ) {
    this.id = acmeId(id);
    this.key = `${this.id} ${file}`;
    this.label = `the certificate for ${id}`;
  }

  version(): string {
    return versionOf(this.file);
  }

  read(nowMs: number): SourceOutcome {
    const outcome = this.readFile(nowMs);
    if (outcome.isGood || this.wasRead) return outcome;
    const isThere = this.version() !== "";
    const warnings = isThere ? [warning(outcome.line, "Nothing: it is gotten anew.")] : [];
    return { isGood: true, piece: absentPiece(this.id), summary: "there is none yet", warnings };
  }

  private readFile(nowMs: number): SourceOutcome {
    const bad = (problem: string): SourceOutcome => ({
      isGood: false,
      line: `${this.file} ${problem}`,
      setting: "names",
    });
    try {
      const { text } = readText(this.file);
      const outcome = readCredential(text, text, nowMs);
      if (!outcome.isGood) return bad(outcome.fault.problem);
      this.wasRead = true;
      const { credential } = outcome;
      const { names, issuer, notAfterMs } = credential.facts;
      const summary = `${namesText(names)} by ${issuer}, until ${dayOf(notAfterMs)}`;
      return { isGood: true, piece: pairPiece(this.id, this.file, credential), summary, warnings: [] };
    } catch (error) {
      return bad(messageOf(error));
    }
  }
}

const PLACEHOLDER_MS = 90 * DAY_MS;
/** More names than this make a certificate that clients refuse. */
const NAMES_MAX = 100;

/** A certificate that is good for the first moments: the root that has signed it is thrown away. */
class Placeholder implements WatchedSource {
  readonly id = PLACEHOLDER;
  readonly key: string;
  readonly label = "the certificate that stands in for others";

  constructor(private readonly names: readonly string[]) {
    this.key = [PLACEHOLDER, ...names].join(" ");
  }

  version(): string {
    return "1";
  }

  read(nowMs: number): SourceOutcome {
    const period = { notBeforeMs: nowMs - DAY_MS, notAfterMs: nowMs + PLACEHOLDER_MS };
    const root = issueAuthority("saker", "saker, until there is a real certificate", period);
    const pair = issueForServer(this.names.slice(0, NAMES_MAX), root, period);
    const facts = factsOf(new X509Certificate(pair.certificate));
    const piece = pairPiece(this.id, "placeholder", { ...pair, facts, warnings: [] });
    return { isGood: true, piece, summary: namesText(this.names), warnings: [] };
  }
}

/**
 * The certificates and authorities that a configuration names, read as a server would read them, for commands that look and change
 * nothing.
 *
 * In:    settings. Out: each file with what is wrong with it, or what is in it.
 * Keeps: makes no certificate: what saker issues by itself exists in a server alone. What it gets by itself is in files.
 */
import { acmeNamesOf } from "../config/acme-names.ts";
import type { Settings } from "../config/settings.ts";
import type { Because } from "../site/rules/because.ts";
import { becauseOf } from "../site/rules/because.ts";
import type { Candidate } from "../tls/certificate-choice.ts";
import type { PairFacts } from "../tls/credential-facts.ts";
import { KeptPair } from "../tls/acme/acme-sources.ts";
import { certificateFile, storageFolder, wantedCertificates } from "../tls/acme/wanted-certificates.ts";
import { pairSources, type TrustSource, trustSources, usesPlaceholder } from "../tls/credential-sources.ts";
import { PairFiles, type SourceOutcome, TrustFile } from "../tls/watched-sources.ts";
import { servedNames } from "../tls/self-signed/served-names.ts";
import { hostname } from "node:os";

/** A certificate with its key, or a file about clients' certificates. */
export interface ReadSource {
  readonly file: string;
  readonly what: "certificate" | TrustSource["what"];
  /** For a certificate: its key's file. */
  readonly key: string | null;
  readonly because: Because;
  /** Index of the virtual host whose own it is. */
  readonly host: number | null;
  readonly outcome: SourceOutcome;
}

/** A certificate that a name may get. */
export interface NamedCertificate extends Candidate {
  /** The file, or "self-signed". */
  readonly label: string;
  readonly because: Because;
}

export function readSources(settings: Settings, nowMs = Date.now()): ReadSource[] {
  const pairs = pairSources(settings).map((source): ReadSource => {
    const outcome = new PairFiles(source).read(nowMs);
    const because = becauseOf(...source.at, outcome.isGood ? "certificate" : outcome.setting);
    const { certificate: file, key, host } = source;
    return { file, what: "certificate", key, host, because, outcome };
  });
  const trust = trustSources(settings).map((source): ReadSource => {
    const because = becauseOf(...source.at);
    const { file, what } = source;
    return { file, what, key: null, host: null, because, outcome: new TrustFile(source).read(nowMs) };
  });
  return [...pairs, ...acmeReadSources(settings, nowMs), ...trust];
}

/** Those that saker gets by itself, as far as whoever runs the command may read them. */
function acmeReadSources(settings: Settings, nowMs: number): ReadSource[] {
  const folder = storageFolder(settings, process.env);
  const because = becauseOf("tls", "acme", "names");
  return wantedCertificates(settings).map(({ id }): ReadSource => {
    const file = certificateFile(folder, id);
    return { file, what: "certificate", key: file, host: null, because, outcome: new KeptPair(id, file).read(nowMs) };
  });
}

/** In order of preference, as workers have them (tls/host-contexts.ts). */
export function namedCertificates(settings: Settings, sources: readonly ReadSource[]): NamedCertificate[] {
  const files = sources.flatMap(({ outcome, because, host }): NamedCertificate[] => {
    const facts = pairFactsOf(outcome);
    return facts === null ? [] : [{ names: facts.names, keyKind: facts.keyKind, host, label: facts.label, because }];
  });
  if (usesPlaceholder(settings)) files.push(placeholderOf(settings));
  if (!settings.tls.self_signed) return files;
  const names = servedNames(settings, hostname());
  const because = becauseOf("tls", "self_signed");
  return [...files, { names, keyKind: "ec", host: null, label: "self-signed", because }];
}

/** What names get until there is a certificate for them. */
function placeholderOf(settings: Settings): NamedCertificate {
  const because = becauseOf("tls", "acme", "names");
  return { names: acmeNamesOf(settings), keyKind: "ec", host: null, label: "placeholder until there is one", because };
}

/** Null for what isn't good, or no certificate with a key. */
export function pairFactsOf(outcome: SourceOutcome): PairFacts | null {
  return outcome.isGood && outcome.piece.facts.kind === "pair" ? outcome.piece.facts : null;
}

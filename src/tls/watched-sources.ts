/**
 * What credentials and authorities are read from: files, and saker's own authority. Each can be asked whether it has changed, and
 * read.
 *
 * In:    settings. Out: sources in the order in which certificates are preferred.
 * Keeps: reading never throws: what is wrong is a line for people. A private key is in a piece's texts and nowhere else.
 */
import { constants } from "node:fs";
import { hostname } from "node:os";
import { X509Certificate } from "node:crypto";
import { messageOf } from "../sys/errno.ts";
import type { Settings } from "../config/settings.ts";
import { dayOf, factsOf } from "./certificate.ts";
import { type CredentialFault, readCredential } from "./credential.ts";
import { type CredentialFacts, pairPiece, trustPiece } from "./credential-facts.ts";
import type { Piece } from "./credential-memory.ts";
import { type PairSource, pairSources, SELF_SIGNED, type TrustSource, trustSources } from "./credential-sources.ts";
import { readText, versionOf } from "./file-version.ts";
import { SelfSigner } from "./self-signed/self-signer.ts";
import { servedNames } from "./self-signed/served-names.ts";
import type { Environment } from "./self-signed/authority.ts";
import { readTrust } from "./trust-file.ts";
import { about, type Warning, warning } from "./warning.ts";

export interface GoodOutcome {
  readonly isGood: true;
  readonly piece: Piece<CredentialFacts>;
  /** What it is, and for how long: the end of a line. */
  readonly summary: string;
  readonly warnings: readonly Warning[];
}

export type SourceOutcome =
  | GoodOutcome
  | {
      readonly isGood: false;
      readonly line: string;
      /** The member of the source's settings that names the file at fault. */
      readonly setting: PairSource["at"][number];
    };

export interface WatchedSource {
  /** Under which it is published. */
  readonly id: string;
  /** The same for sources that are read alike. */
  readonly key: string;
  /** For people. */
  readonly label: string;
  /** Differs if the source does. */
  version(): string;
  read(nowMs: number): SourceOutcome;
}

type TlsSettings = Pick<Settings, "host" | "tls" | "virtual_host">;

export function watchedSources(settings: TlsSettings, env: Environment): WatchedSource[] {
  const sources = [
    ...pairSources(settings).map((source) => new PairFiles(source)),
    ...trustSources(settings).map((source) => new TrustFile(source)),
  ];
  if (!settings.tls.self_signed) return sources;
  return [...sources, new SelfSignedSource(servedNames(settings, hostname()), env)];
}

/** A certificate's file and its key's. */
export class PairFiles implements WatchedSource {
  readonly id: string;
  readonly key: string;
  readonly label: string;

  constructor(private readonly source: PairSource) {
    this.id = source.id;
    this.key = source.id;
    this.label = source.certificate;
  }

  version(): string {
    const { certificate, key } = this.source;
    return `${versionOf(certificate)} ${versionOf(key)}`;
  }

  read(nowMs: number): SourceOutcome {
    const { certificate, key } = this.source;
    const certificateText = textOf("certificate", certificate);
    const keyText = textOf("key", key);
    if (certificateText.line !== "") return { isGood: false, line: certificateText.line, setting: "certificate" };
    if (keyText.line !== "") return { isGood: false, line: keyText.line, setting: "key" };
    const outcome = readCredential(certificateText.text, keyText.text, nowMs);
    if (!outcome.isGood) return this.bad(outcome.fault);
    const { credential } = outcome;
    const warnings = about(`certificate ${certificate}`, credential.warnings);
    if ((keyText.mode & constants.S_IROTH) !== 0) {
      const advice = `Whoever reads it can pass for this server: chmod o-r ${key}.`;
      warnings.push(warning(`key ${key} can be read by every user of this machine`, advice));
    }
    const { names, notAfterMs } = credential.facts;
    const summary = `${namesText(names)}, until ${dayOf(notAfterMs)}`;
    return { isGood: true, piece: pairPiece(this.id, certificate, credential), summary, warnings };
  }

  private bad({ file, problem }: CredentialFault): SourceOutcome {
    const { certificate, hasKeyOfItsOwn } = this.source;
    if (file === "certificate" || hasKeyOfItsOwn) {
      return { isGood: false, line: `${file} ${this.source[file]} ${problem}`, setting: file };
    }
    const line = `key ${certificate} ${problem} (key isn't set, so it is looked for in the certificate's file)`;
    return { isGood: false, line, setting: "certificate" };
  }
}

export class TrustFile implements WatchedSource {
  readonly id: string;
  readonly key: string;
  readonly label: string;

  constructor(private readonly source: TrustSource) {
    this.id = source.id;
    this.key = source.id;
    this.label = source.file;
  }

  version(): string {
    return versionOf(this.source.file);
  }

  read(nowMs: number): SourceOutcome {
    const { file, what } = this.source;
    const { text, line } = textOf(what, file);
    if (line !== "") return { isGood: false, line, setting: what };
    const outcome = readTrust(what, text, nowMs);
    if (!outcome.isGood) return { isGood: false, line: `${what} ${file} ${outcome.problem}`, setting: what };
    const count = outcome.blocks.length;
    const summary = what === "client_ca" ? `${count} ${count === 1 ? "authority" : "authorities"}` : `revocations`;
    const warnings = about(`${what} ${file}`, outcome.warnings);
    return { isGood: true, piece: trustPiece(this.id, outcome.blocks), summary, warnings };
  }
}

/** A certificate that is issued here, and anew before it ends. */
class SelfSignedSource implements WatchedSource {
  readonly id = SELF_SIGNED;
  readonly key: string;
  readonly label = "self-signed certificate";
  private readonly signer: SelfSigner;

  constructor(
    private readonly names: readonly string[],
    env: Environment,
  ) {
    this.key = [SELF_SIGNED, ...names].join(" ");
    this.signer = new SelfSigner(names, env);
  }

  version(): string {
    return this.signer.version(Date.now());
  }

  read(nowMs: number): SourceOutcome {
    const { pair, warnings } = this.signer.issue(nowMs);
    const facts = factsOf(new X509Certificate(pair.certificate));
    const piece = pairPiece(this.id, "self-signed", { ...pair, facts, warnings: [] });
    return { isGood: true, piece, summary: `${namesText(this.names)}, until ${dayOf(facts.notAfterMs)}`, warnings };
  }
}

const NAMES_SHOWN_MAX = 4;

/** `a.example, b.example and 12 more` */
export function namesText(names: readonly string[]): string {
  if (names.length === 0) return "no name";
  const shown = names.slice(0, NAMES_SHOWN_MAX).join(", ");
  return names.length <= NAMES_SHOWN_MAX ? shown : `${shown} and ${names.length - NAMES_SHOWN_MAX} more`;
}

/** A file's text, or a line that says why there is none. */
function textOf(what: string, path: string): { text: string; mode: number; line: string } {
  try {
    return { ...readText(path), line: "" };
  } catch (error) {
    return { text: "", mode: 0, line: `${what} ${path} ${messageOf(error)}` };
  }
}

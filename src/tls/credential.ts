/**
 * A credential: a certificate with its intermediates, and the private key that belongs to it.
 *
 * In:    the texts of the two files, which may be one.
 * Out:   the credential, checked: it can be served. And what is probably not meant, a line each. Or why it can't be served.
 * Keeps: pure; the private key is in the result's `key` and in no message.
 *        A chain that is in disorder is put in order: certificate first, then each one's issuer (RFC 8446 §4.4.2).
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, rootCertificates } from "node:tls";
import { type CertificateFacts, dayOf, factsOf, nameText, validityOf } from "./certificate.ts";
import { certificateBlocks, privateKeyBlock } from "./pem.ts";
import { type Warning, warning } from "./warning.ts";

export interface Credential {
  /** The chain in PEM, in order. */
  readonly certificate: string;
  /** In PEM. */
  readonly key: string;
  readonly facts: CertificateFacts;
  /** What clients may stumble over. */
  readonly warnings: readonly Warning[];
}

/** Why a pair can't be served; the end of a sentence that begins with the file at fault. */
export interface CredentialFault {
  readonly file: "certificate" | "key";
  readonly problem: string;
}

export type CredentialOutcome =
  | { readonly isGood: true; readonly credential: Credential }
  | { readonly isGood: false; readonly fault: CredentialFault };

export function readCredential(certificateText: string, keyText: string, nowMs = Date.now()): CredentialOutcome {
  const chain = readChain(certificateText);
  if (typeof chain === "string") return bad("certificate", chain);
  const key = readKey(keyText);
  if (typeof key === "string") return bad("key", key);
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(key.object));
  if (own === -1) return bad("key", "does not belong to the certificate");
  const { ordered, left } = putInOrder(chain, own);
  const facts = factsOf(ordered[0]!);
  const certificate = ordered.map(pemOf).join("");
  const refusal = refusalBy(certificate, key.text);
  if (refusal !== null) return bad("certificate", refusal);
  const warnings = [...warningsOf(facts, nowMs), ...chainWarnings(chain, ordered, left, own)];
  return { isGood: true, credential: { certificate, key: key.text, facts, warnings } };
}

function bad(file: CredentialFault["file"], problem: string): CredentialOutcome {
  return { isGood: false, fault: { file, problem } };
}

/** The certificates of a text, or what is wrong with it. */
function readChain(text: string): X509Certificate[] | string {
  const blocks = certificateBlocks(text);
  if (blocks.length === 0) return `holds no certificate in PEM${formHint(text)}`;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return "holds a certificate that can't be read";
  }
}

function readKey(text: string): { object: KeyObject; text: string } | string {
  const block = privateKeyBlock(text);
  if (block === null) return `holds no private key in PEM${formHint(text)}`;
  if (block.isEncrypted) {
    return "is encrypted, and a server can't ask for the passphrase; `openssl pkey -in FILE -out NEW_FILE` decrypts it";
  }
  try {
    return { object: createPrivateKey(block.text), text: block.text };
  } catch {
    return "holds a private key that can't be read, or of a kind that isn't known here";
  }
}

/** Some tools write other forms under the same names. */
function formHint(text: string): string {
  return text.startsWith("0\u0082") || text.startsWith("0\ufffd") ? "; it looks like DER" : "";
}

/** The certificate and its issuers, as far as they are there, and what has no place among them. */
function putInOrder(
  chain: readonly X509Certificate[],
  own: number,
): { ordered: X509Certificate[]; left: X509Certificate[] } {
  const ordered = [chain[own]!];
  const left = chain.filter((_, index) => index !== own);
  for (;;) {
    const last = ordered.at(-1)!;
    const issuer = left.findIndex((candidate) => last.checkIssued(candidate) && last.verify(candidate.publicKey));
    if (issuer === -1 || isSelfIssued(last)) return { ordered, left };
    ordered.push(...left.splice(issuer, 1));
  }
}

function isSelfIssued({ issuer, subject }: X509Certificate): boolean {
  return issuer === subject;
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString().trimEnd()}\n`;
}

/** What TLS itself has against the pair: a curve it doesn't know, a key that is too short. */
function refusalBy(certificate: string, key: string): string | null {
  try {
    createSecureContext({ cert: certificate, key });
    return null;
  } catch (error) {
    const { code = "", message } = error as Error & { code?: string };
    return `can't be used for TLS (${
      code
        .replace(/^ERR_SSL_|^ERR_OSSL_/, "")
        .toLowerCase()
        .replaceAll("_", " ") || message
    })`;
  }
}

/** Keys that clients don't take, though they are good for TLS. */
const REFUSED_KEYS = /^(Ed25519|ECDSA P-521|RSA (512|768|1024))$/;

function warningsOf(facts: CertificateFacts, nowMs: number): Warning[] {
  const { names, hasAltName, isSelfSigned, keyText, notBeforeMs, notAfterMs } = facts;
  const found: Warning[] = [];
  const warn = (text: string, advice: string): number => found.push(warning(text, advice));
  const validity = validityOf(facts, nowMs);
  if (validity === "expired") warn(`expired on ${dayOf(notAfterMs)}`, RENEW);
  if (validity === "soon") warn(`expires on ${dayOf(notAfterMs)}`, RENEW);
  if (validity === "not yet") warn(`is not valid before ${dayOf(notBeforeMs)}`, "Check the clock, or wait.");
  if (names.length === 0) warn("names no host: no client will accept it", WITH_NAMES);
  else if (!hasAltName) warn("has no subjectAltName: browsers don't read the common name", WITH_NAMES);
  if (REFUSED_KEYS.test(keyText)) warn(`has a key that browsers don't accept (${keyText})`, "Use ECDSA P-256.");
  if (isSelfSigned) {
    const advice = "Have clients trust it, or use a certificate of an authority that they know.";
    warn("is self-signed: clients trust it only if they have been told to", advice);
  }
  return found;
}

const RENEW = "Renew it, and see why it wasn't renewed by itself.";
const WITH_NAMES = "Ask for a certificate with the names as subjectAltName.";
const IN_ORDER = "Write the certificate first, then each one's issuer.";

function chainWarnings(
  chain: readonly X509Certificate[],
  ordered: readonly X509Certificate[],
  left: readonly X509Certificate[],
  own: number,
): Warning[] {
  const found: Warning[] = [];
  const warn = (text: string, advice: string): number => found.push(warning(text, advice));
  if (own !== 0) {
    warn("should begin with the certificate that the key belongs to; it is served in order", IN_ORDER);
  } else if (left.length === 0 && ordered.some((certificate, index) => certificate !== chain[index])) {
    warn("should have each certificate followed by its issuer's; it is served in order", IN_ORDER);
  }
  if (left.length > 0) {
    const some = left.length === 1 ? "a certificate" : `${left.length} certificates`;
    warn(`holds ${some} that issued nothing in it`, "Leave out what has nothing to do with it; it isn't served.");
  }
  const last = ordered.at(-1)!;
  if (!isSelfIssued(last) && !rootSubjects().has(last.issuer)) {
    const text = `ends at "${nameText(last.issuer)}", which is no root that clients are known to have`;
    warn(text, "Append the intermediate certificates (fullchain), unless clients have been told to trust that one.");
  }
  return found;
}

let subjects: ReadonlySet<string> | null = null;

/** The roots that the runtime, as most clients, trusts. Read once, when first asked for: 140 certificates. */
function rootSubjects(): ReadonlySet<string> {
  subjects ??= new Set(rootCertificates.map((root) => new X509Certificate(root).subject));
  return subjects;
}

/**
 * What is kept of certificates that saker gets by itself: one folder, which several machines may share.
 *
 *     accounts/HOST-DIGEST.pem             the key of the account with a directory
 *     certificates/ID/certificate.pem      chain and key
 *     certificates/ID/previous.pem         the ones before
 *     certificates/ID/state.json           what has been tried, and when to try again
 *     certificates/ID/unfinished.json      an order that is under way, with its key
 *     certificates/ID/lock                 of the machine that orders (storage-lock.ts)
 *     challenges/TOKEN                     proofs that are to be shown, for the other machines
 *
 * Keeps: everything is for its owner alone. What can't be understood counts as missing, but for a certificate: that is only ever
 *        replaced by one that is valid.
 * Fails: throws one line that names the file (kept-files.ts).
 */
import { createHash, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type CertificateFacts, factsOf } from "../certificate.ts";
import { certificateBlocks } from "../pem.ts";
import { certificateIdentity } from "../x509/certificate-identity.ts";
import { AccountKey } from "./account-key.ts";
import { type CertificateState, readState } from "./certificate-state.ts";
import type { Issued, Journal, Unfinished } from "./issuance.ts";
import { readKept, removeKept, writeKept, writeKeptOnce } from "../kept-files.ts";
import { certificateFile } from "./wanted-certificates.ts";

/** A certificate that is there. */
export interface KeptCertificate extends Pick<CertificateFacts, "names" | "issuer" | "notBeforeMs" | "notAfterMs"> {
  /** SHA-256, hexadecimal. */
  readonly fingerprint: string;
  /** certificate-identity.ts. */
  readonly identity: string | null;
  /** The certificate alone, PEM. */
  readonly text: string;
}

export class AcmeStorage {
  constructor(readonly folder: string) {}

  /** Null where there is none that can be read. */
  certificate(id: string): KeptCertificate | null {
    return readCertificate(readKept(certificateFile(this.folder, id)) ?? "");
  }

  saveCertificate(id: string, { chain, key }: Issued): void {
    const path = certificateFile(this.folder, id);
    const before = readKept(path);
    if (before !== null) writeKept(this.pathOf(id, "previous.pem"), before);
    writeKept(path, chain + key);
  }

  state(id: string): CertificateState {
    return readState(readKept(this.pathOf(id, "state.json")));
  }

  saveState(id: string, state: CertificateState): void {
    writeKept(this.pathOf(id, "state.json"), `${JSON.stringify(state, null, 2)}\n`);
  }

  lockFile(id: string): string {
    return this.pathOf(id, "lock");
  }

  journal(id: string): Journal & { clear(): void } {
    const path = this.pathOf(id, "unfinished.json");
    return {
      read: async () => parseUnfinished(readKept(path)),
      write: async (entry) => writeKept(path, JSON.stringify(entry)),
      clear: () => removeKept(path),
    };
  }

  /** The key of the account with a directory; made where there is none, by one machine for all. */
  async accountKey(directory: string): Promise<AccountKey> {
    const path = this.accountFile(directory);
    const present = readKept(path);
    if (present !== null) return await AccountKey.fromPem(present);
    const made = await (await AccountKey.generate()).pemOf();
    return await AccountKey.fromPem(writeKeptOnce(path, made));
  }

  private accountFile(directory: string): string {
    const digest = createHash("sha256").update(directory).digest("hex").slice(0, DIGITS);
    return join(this.folder, "accounts", `${new URL(directory).hostname}-${digest}.pem`);
  }

  private pathOf(id: string, name: string): string {
    return join(this.folder, "certificates", id, name);
  }
}

const DIGITS = 8;

export function readCertificate(text: string): KeptCertificate | null {
  const [block] = certificateBlocks(text);
  if (block === undefined) return null;
  try {
    const certificate = new X509Certificate(block);
    const { names, issuer, notBeforeMs, notAfterMs } = factsOf(certificate);
    const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
    const identity = certificateIdentity(certificate.raw);
    return { names, issuer, notBeforeMs, notAfterMs, fingerprint, identity, text: block };
  } catch {
    return null;
  }
}

function parseUnfinished(text: string | null): Unfinished | null {
  try {
    const entry = JSON.parse(text ?? "") as Partial<Unfinished>;
    const { wish, directory, key, order = null } = entry;
    const isWhole = Array.isArray(wish?.names) && typeof directory === "string" && typeof key === "string";
    return isWhole ? { wish: wish!, directory, key, order } : null;
  } catch {
    return null;
  }
}

/**
 * Proofs of control that this machine's workers show: those of our own helper, and those of another machine that shares the storage,
 * when an authority comes to us for them.
 *
 * In:    proofs; what workers are asked for and don't know.
 * Out:   pieces of the memory that workers read (tls/acme/proof-pieces.ts).
 * Keeps: what another machine has ordered is shown for a while and forgotten; few looks into the storage at a time, none of which
 *        stops the master.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CredentialStore } from "../tls/credential-store.ts";
import type { ShownProof } from "../tls/acme/helper-messages.ts";
import { isToken } from "../tls/acme/proof.ts";
import { parseProof } from "../tls/acme/proof-board.ts";
import { handshakeProofId, proofPiece, textProofId } from "../tls/acme/proof-pieces.ts";
import type { ProofShow } from "./acme-helper.ts";

/** A validation takes seconds. */
const FOUND_MS_MAX = 120_000;
const LOOKS_MAX = 16;
/** More orders at a time than any authority allows. */
const FILES_MAX = 64;

export class ChallengeBoard implements ProofShow {
  /** Where other machines leave their proofs; null where saker gets no certificates. */
  folder: string | null = null;
  private looks = 0;
  private readonly ids = new Map<string, string>();

  constructor(private readonly store: Pick<CredentialStore, "show" | "hide">) {}

  show(proof: ShownProof): void {
    const piece = proofPiece(proof, Date.now());
    if (piece === null) return;
    this.ids.set(proof.token, piece.id);
    this.store.show(piece);
  }

  hide(token: string): void {
    const id = this.ids.get(token);
    this.ids.delete(token);
    if (id !== undefined) this.store.hide(id);
  }

  /** Looks for what a worker is asked for. Never rejects. */
  async find(id: string): Promise<void> {
    const { folder } = this;
    if (folder === null || this.looks >= LOOKS_MAX) return;
    this.looks++;
    try {
      const proof = await findProof(join(folder, "challenges"), id);
      if (proof === null || this.ids.has(proof.token)) return;
      this.show(proof);
      setTimeout(() => this.hide(proof.token), FOUND_MS_MAX).unref();
    } finally {
      this.looks--;
    }
  }
}

const TEXT_PREFIX = textProofId("");

async function findProof(folder: string, id: string): Promise<ShownProof | null> {
  const token = id.startsWith(TEXT_PREFIX) ? id.slice(TEXT_PREFIX.length) : null;
  if (token !== null) return isToken(token) ? await readProof(join(folder, token)) : null;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isToken).slice(0, FILES_MAX)) {
    const proof = await readProof(join(folder, name));
    if (proof?.type === "tls-alpn-01" && handshakeProofId(proof.name) === id) return proof;
  }
  return null;
}

async function readProof(path: string): Promise<ShownProof | null> {
  try {
    return parseProof(await readFile(path, "utf8"));
  } catch {
    return null; // it isn't there
  }
}

/**
 * Proofs that workers show, for http-01 and tls-alpn-01: the helper writes them into the storage, for the machines that share it, and
 * tells its master, whose workers then show them.
 *
 * Out:   a prover whose proofs are shown when the master says so.
 * Keeps: a proof is nothing secret: whoever asks the server gets it.
 */
import { join } from "node:path";
import { AcmeError } from "./acme-error.ts";
import type { HelperLine, ShownProof } from "./helper-messages.ts";
import { removeKept, writeKept } from "../kept-files.ts";
import { CHALLENGE_TYPES, type ChallengeType, type Proof, type Prover } from "./proof.ts";

/** Workers need milliseconds. */
const SHOWN_MS_MAX = 10_000;

export class ProofBoard implements Prover {
  private readonly waiting = new Map<string, () => void>();

  constructor(
    readonly type: ChallengeType,
    private readonly folder: string,
    private readonly tell: (line: HelperLine) => void,
    private readonly shownMsMax = SHOWN_MS_MAX,
  ) {}

  async present({ name, token, keyAuthorization }: Proof): Promise<void> {
    const proof: ShownProof = { type: this.type, name, token, keyAuthorization };
    writeKept(proofFile(this.folder, token), JSON.stringify(proof));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new AcmeError("local", "the workers can't show a proof")), this.shownMsMax);
    this.waiting.set(token, resolve);
    this.tell({ type: "show", proof });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.waiting.delete(token);
    }
  }

  async withdraw({ token }: Proof): Promise<void> {
    this.tell({ type: "hide", token });
    try {
      removeKept(proofFile(this.folder, token));
    } catch {
      // It proves nothing to anybody once its validation is over.
    }
  }

  /** The master says that workers show it. */
  confirm(token: string): void {
    this.waiting.get(token)?.();
  }
}

function proofFile(folder: string, token: string): string {
  return join(folder, "challenges", token);
}

/** What another machine shows, by the text of its file; null where that is none. */
export function parseProof(text: string): ShownProof | null {
  try {
    const { type, name, token, keyAuthorization } = JSON.parse(text) as Record<string, unknown>;
    const texts = [name, token, keyAuthorization];
    if (!CHALLENGE_TYPES.includes(type as ChallengeType) || !texts.every((member) => typeof member === "string"))
      return null;
    return {
      type: type as ChallengeType,
      name: String(name),
      token: String(token),
      keyAuthorization: String(keyAuthorization),
    };
  } catch {
    return null;
  }
}

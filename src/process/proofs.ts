/**
 * Proofs of control as a worker shows them: from the memory that the master writes, or, when another machine that shares the storage
 * has ordered, after asking the master.
 *
 * Keeps: few questions at a time: whoever invents tokens keeps nobody busy. A master that doesn't answer, because it is another
 *        program now, counts as one that knows nothing.
 */
import { handshakeProofId, textProofId } from "../tls/acme/proof-pieces.ts";
import type { ShownProofs } from "../tls/acme/shown-proofs.ts";

const QUESTIONS_MAX = 16;
const ANSWER_MS_MAX = 3000;

export interface ProofsOptions {
  readonly shown: Pick<ShownProofs, "textFor" | "contextFor">;
  /** Asks the master, which says `answered` when it has looked. */
  readonly ask: (id: string) => void;
  readonly answerMsMax?: number;
}

export class Proofs {
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly options: ProofsOptions) {}

  /** What proves a token by http-01; null where nothing does. */
  async textFor(token: string): Promise<string | null> {
    const { shown } = this.options;
    const known = shown.textFor(token);
    if (known !== null) return known;
    return (await this.hasAsked(textProofId(token))) ? shown.textFor(token) : null;
  }

  /** What proves a name by tls-alpn-01: a context for the handshake. */
  async contextFor(name: string): Promise<unknown | null> {
    const { shown } = this.options;
    const known = shown.contextFor(name);
    if (known !== null) return known;
    return (await this.hasAsked(handshakeProofId(name))) ? shown.contextFor(name) : null;
  }

  answered(id: string): void {
    for (const resolve of this.waiting.get(id) ?? []) resolve();
    this.waiting.delete(id);
  }

  /** False: there are too many questions. */
  private async hasAsked(id: string): Promise<boolean> {
    const others = this.waiting.get(id);
    if (others === undefined && this.waiting.size >= QUESTIONS_MAX) return false;
    const { ask, answerMsMax = ANSWER_MS_MAX } = this.options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting.set(id, [...(others ?? []), resolve]);
    if (others === undefined) ask(id);
    const timer = setTimeout(() => this.answered(id), answerMsMax);
    await promise;
    clearTimeout(timer);
    return true;
  }
}

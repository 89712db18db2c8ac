/**
 * A worker's side of proofs of control: what it answers, from the memory that the master writes.
 *
 * In:    a token (http-01), or a name (tls-alpn-01).
 * Out:   the text, or a context for the handshake; null where nothing is to be shown.
 * Keeps: looks for a newer version of the memory each time: an authority asks a few times per certificate, within milliseconds of
 *        the proof's being shown.
 */
import type { CredentialFacts } from "../credential-facts.ts";
import type { CredentialMemoryReader } from "../credential-memory.ts";
import { makeSecureContext } from "../secure-context.ts";
import { handshakeProofId, textProofId } from "./proof-pieces.ts";

export class ShownProofs {
  /** `refresh`: takes note of a newer version, for all who read the memory. */
  constructor(
    private readonly memory: Pick<CredentialMemoryReader<CredentialFacts>, "pieces" | "read">,
    private readonly refresh: () => void,
  ) {}

  textFor(token: string): string | null {
    return this.textsOf(textProofId(token))?.[0] ?? null;
  }

  /** For `upgradeTLS`. */
  contextFor(name: string): unknown | null {
    const [certificate, key] = this.textsOf(handshakeProofId(name)) ?? [];
    if (certificate === undefined || key === undefined) return null;
    const pair = { certificates: [certificate], keys: [key] };
    return makeSecureContext({ ...pair, clientCa: [], clientCrl: [], minVersion: "1.2", asksClients: false });
  }

  private textsOf(id: string): string[] | null {
    this.refresh();
    const entry = this.memory.pieces.get(id);
    return entry === undefined ? null : this.memory.read(entry);
  }
}

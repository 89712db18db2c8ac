/**
 * Whether a renewed certificate may take the place of the one that is served: one that no client would accept doesn't replace one
 * that they do.
 *
 * In:    what is known of both. Out: what is against it, and until when. Units: milliseconds since 1970.
 * Keeps: pure. Authorities and revocations are always taken: who removed one meant it.
 */
import { dayOf, validityOf } from "./certificate.ts";
import type { CredentialFacts } from "./credential-facts.ts";

export interface Objection {
  /** The end of a sentence that begins with the file. */
  readonly problem: string;
  /** Then it is to be asked again: the new one is valid, or the former one isn't any more. */
  readonly untilMs: number;
}

/** Null where it may. */
export function objectionTo(next: CredentialFacts, former: CredentialFacts, nowMs: number): Objection | null {
  if (next.kind !== "pair" || former.kind !== "pair" || !isValid(former, nowMs) || isValid(next, nowMs)) return null;
  const isOver = validityOf(next, nowMs) === "expired";
  const reason = isOver ? `expired on ${dayOf(next.notAfterMs)}` : `is not valid before ${dayOf(next.notBeforeMs)}`;
  return {
    problem: `${reason}; the former one stays, until ${dayOf(former.notAfterMs)}`,
    untilMs: isOver ? former.notAfterMs : Math.min(next.notBeforeMs, former.notAfterMs),
  };
}

function isValid(facts: { notBeforeMs: number; notAfterMs: number }, nowMs: number): boolean {
  const validity = validityOf(facts, nowMs);
  return validity === "good" || validity === "soon";
}

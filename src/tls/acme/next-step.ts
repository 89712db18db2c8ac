/**
 * What is to be done for a certificate now, and when to look again.
 *
 * In:    what is wanted, what is there, what has been tried, the time.
 * Out:   order (and why), ask the authority when to renew, or wait.
 * Keeps: pure, so that whoever looks decides alike: the master, and the helper once more when it has the lock. What counts is the
 *        certificate that is there, and not when somebody thinks to have renewed it.
 */
import type { CertificateState } from "./certificate-state.ts";
import { renewalTime } from "./renewal-time.ts";
import type { KeptCertificate } from "./storage.ts";
import { DAY_MS, HOUR_MS } from "../../units.ts";

/** However far off the next step is: clocks are set, and files change. */
export const LOOK_MS_MAX = HOUR_MS;

export type OrderReason =
  | "there is none"
  | "it lacks names"
  | "it is from another authority"
  | "it is to be replaced"
  | "the authority wants it to be renewed"
  | "most of its time is over";

export type NextStep =
  | { readonly step: "order"; readonly because: OrderReason }
  | { readonly step: "ask" }
  | { readonly step: "wait"; readonly untilMs: number };

export interface Situation {
  readonly names: readonly string[];
  readonly directory: string;
  readonly certificate: KeptCertificate | null;
  readonly state: CertificateState;
}

export function nextStep(situation: Situation, nowMs: number): NextStep {
  const { certificate, state } = situation;
  const { because, atMs } = orderTime(situation, nowMs);
  const dueMs = Math.max(atMs, plausible(state.nextAttemptMs, nowMs));
  if (dueMs <= nowMs) return { step: "order", because };
  const askMs = askTime(certificate, state, nowMs);
  if (askMs <= nowMs) return { step: "ask" };
  return { step: "wait", untilMs: Math.min(dueMs, askMs, nowMs + LOOK_MS_MAX) };
}

/** When the certificate is to be ordered, failures aside. */
export function orderTime(situation: Situation, nowMs: number): { because: OrderReason; atMs: number } {
  const { names, directory, certificate, state } = situation;
  if (certificate === null) return { because: "there is none", atMs: nowMs };
  if (!names.every((name) => certificate.names.includes(name))) return { because: "it lacks names", atMs: nowMs };
  if (state.directory !== null && state.directory !== directory) {
    return { because: "it is from another authority", atMs: nowMs };
  }
  if (state.replace === certificate.fingerprint) return { because: "it is to be replaced", atMs: nowMs };
  const { atMs, because } = renewalTime(certificate, state.renewal);
  return {
    because: because === "window" ? "the authority wants it to be renewed" : "most of its time is over",
    atMs,
  };
}

/** Infinite where there is nothing to ask about. */
function askTime(certificate: KeptCertificate | null, state: CertificateState, nowMs: number): number {
  if (certificate === null || certificate.identity === null) return Number.POSITIVE_INFINITY;
  return state.askedAbout === certificate.identity ? plausible(state.askAgainMs, nowMs) : 0;
}

const WAIT_MS_MAX = DAY_MS + 2 * HOUR_MS;

/** A time that lies further ahead than any wait was written by a clock that has been set back since: it counts as past. */
export function plausible(timeMs: number, nowMs: number): number {
  return timeMs > nowMs + WAIT_MS_MAX ? 0 : timeMs;
}

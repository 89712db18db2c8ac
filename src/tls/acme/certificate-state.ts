/**
 * What is known of a certificate beside the certificate itself: attempts, their outcome, what the authority said.
 *
 * In:    the text of a file, which may be empty or broken. Out: a state; the one of a certificate that nothing was tried for, where
 *        the text can't be understood.
 * Units: milliseconds since 1970.
 * Keeps: pure. Nothing in it is needed: without it saker tries at once, and asks again when to renew.
 */
import type { AcmeErrorKind } from "./acme-error.ts";
import type { FailedValidation } from "./attempt-limits.ts";
import type { RenewalInfo } from "./renewal-info.ts";

export interface CertificateState {
  /** The directory that the certificate is from; null where it isn't known. */
  readonly directory: string | null;
  /** Attempts since the last that succeeded. */
  readonly failures: number;
  /** No attempt before this, after a failure. */
  readonly nextAttemptMs: number;
  readonly lastError: LastError | null;
  readonly failedValidations: readonly FailedValidation[];
  /** What the authority says about renewing; null where it wasn't asked. */
  readonly renewal: RenewalInfo | null;
  /** When to ask it again, and which certificate the question is about. */
  readonly askAgainMs: number;
  readonly askedAbout: string | null;
  /** The fingerprint of a certificate that is to be replaced in any case. */
  readonly replace: string | null;
}

export interface LastError {
  readonly atMs: number;
  readonly kind: AcmeErrorKind;
  readonly line: string;
}

export const NEW_STATE: CertificateState = {
  directory: null,
  failures: 0,
  nextAttemptMs: 0,
  lastError: null,
  failedValidations: [],
  renewal: null,
  askAgainMs: 0,
  askedAbout: null,
  replace: null,
};

export function readState(text: string | null): CertificateState {
  const value = parse(text);
  if (value === null) return NEW_STATE;
  return {
    directory: textOr(value.directory),
    failures: numberOr(value.failures),
    nextAttemptMs: numberOr(value.nextAttemptMs),
    lastError: readError(value.lastError),
    failedValidations: readFailures(value.failedValidations),
    renewal: readRenewal(value.renewal),
    askAgainMs: numberOr(value.askAgainMs),
    askedAbout: textOr(value.askedAbout),
    replace: textOr(value.replace),
  };
}

type Members = Readonly<Record<string, unknown>>;

function parse(text: string | null): Members | null {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isObject(value) ? value : null;
  } catch {
    return null; // empty, cut off, or of somebody else
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOr = (value: unknown): string | null => (typeof value === "string" ? value : null);

const numberOr = (value: unknown): number => (typeof value === "number" && value >= 0 ? value : 0);

const KINDS: readonly string[] = ["unreachable", "garbled", "refused", "unproven", "local"] satisfies AcmeErrorKind[];

function readError(value: unknown): LastError | null {
  if (!isObject(value) || typeof value.line !== "string") return null;
  const kind = KINDS.includes(String(value.kind)) ? (value.kind as AcmeErrorKind) : "local";
  return { atMs: numberOr(value.atMs), kind, line: value.line };
}

function readFailures(value: unknown): FailedValidation[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map(({ name, atMs }) => ({ name: String(name), atMs: numberOr(atMs) }));
}

function readRenewal(value: unknown): RenewalInfo | null {
  if (!isObject(value) || typeof value.certificate !== "string") return null;
  const [startMs, endMs, askAgainMs] = [value.startMs, value.endMs, value.askAgainMs].map(numberOr);
  if (!(endMs! > startMs!)) return null;
  return {
    certificate: value.certificate,
    startMs: startMs!,
    endMs: endMs!,
    explanation: textOr(value.explanation) ?? "",
    askAgainMs: askAgainMs!,
  };
}

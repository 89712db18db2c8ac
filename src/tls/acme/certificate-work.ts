/**
 * What the helper does for one certificate, with the storage's lock in hand: order it, ask when to renew it, or find that another
 * machine has done so.
 *
 *     lock ─► look again ─► (rehearse, after a failure) ─► order ─► save ─► ask when to renew
 *
 * Out:   a report; the storage has the certificate, or why there is none and when to try again.
 * Keeps: the certificate that is there is replaced by one that has been checked, or stays. What was paid for is saved first: the
 *        order's key before the order, the certificate before anything about it.
 */
import { AcmeError } from "./acme-error.ts";
import { recentFailures, validationAllowedMs } from "./attempt-limits.ts";
import type { Authority } from "./authority.ts";
import { type CertificateState, NEW_STATE } from "./certificate-state.ts";
import type { AcmeReport, AcmeTask } from "./helper-messages.ts";
import type { Unfinished } from "./issuance.ts";
import { issue, type IssuanceWish, type Journal } from "./issuance.ts";
import { nextStep, type OrderReason } from "./next-step.ts";
import type { Prover } from "./proof.ts";
import { fetchRenewalInfo } from "./renewal-info.ts";
import { nextAttemptMs } from "./retry-plan.ts";
import { revoke, RevocationReason } from "./revocation.ts";
import { type AcmeStorage, type KeptCertificate, readCertificate } from "./storage.ts";
import { StorageLock } from "./storage-lock.ts";
import type { Clock } from "./transport.ts";
import { DAY_MS, HOUR_MS } from "../../units.ts";

export interface WorkParts {
  readonly storage: AcmeStorage;
  readonly authority: Authority;
  /** Where an order costs nothing; null where there is no such place. */
  readonly rehearsal: Authority | null;
  readonly prover: Prover;
  readonly clock: Clock;
  readonly profile: string;
  readonly preferredChain: string;
  acquire(path: string): Promise<Disposable & { readonly isHeld: boolean }>;
}

export const acquireLock = (path: string): Promise<StorageLock> => StorageLock.acquire(path);

/** Never rejects. */
export async function workOn(task: AcmeTask, parts: WorkParts): Promise<AcmeReport> {
  const { id } = task;
  const { storage, clock } = parts;
  let state = NEW_STATE;
  try {
    using lock = await parts.acquire(storage.lockFile(id));
    state = storage.state(id);
    try {
      return await new CertificateWork(task, parts, lock).run(state);
    } catch (error) {
      return recordFailure(id, state, asAcmeError(error), parts);
    }
  } catch (error) {
    // Not even the lock: the storage is away, full, or not ours.
    const failure = asAcmeError(error);
    const failed = { count: 1, isUnproven: false, retryAtMs: null, lifetimeMs: null };
    return failedReport(id, failure.message, nextAttemptMs(failed, clock.now(), Math.random()), true);
  }
}

class CertificateWork {
  constructor(
    private readonly task: AcmeTask,
    private readonly parts: WorkParts,
    private readonly lock: { readonly isHeld: boolean },
  ) {}

  async run(state: CertificateState): Promise<AcmeReport> {
    const { id, names, wish } = this.task;
    const { storage, authority, clock } = this.parts;
    const certificate = storage.certificate(id);
    if (wish === "revoke") return await this.revokeAndReplace(certificate, state);
    if (wish === "renew") return await this.order(certificate, state, "it is to be replaced");
    const { url: directory } = authority;
    const next = nextStep({ names, directory, certificate, state }, clock.now());
    if (next.step === "order") return await this.order(certificate, state, next.because);
    if (next.step === "ask" && certificate !== null) return await this.ask(certificate, state);
    return { id, outcome: "kept", line: "another machine has done what was due", nextAttemptMs: 0 };
  }

  private async order(
    before: KeptCertificate | null,
    state: CertificateState,
    because: OrderReason,
  ): Promise<AcmeReport> {
    const { id, names } = this.task;
    const { storage, authority, prover, clock } = this.parts;
    this.refuseTooMany(state);
    await this.rehearse(state);
    const journal = storage.journal(id);
    const session = await authority.enter();
    await authority.awaitTurn();
    const issued = await issue(session, this.wish(before), prover, journal);
    if (!this.lock.isHeld) throw new AcmeError("local", `${storage.lockFile(id)} was lost to another machine`);
    storage.saveCertificate(id, issued);
    const certificate = readCertificate(issued.chain)!;
    const fresh = await this.withRenewalInfo(certificate, { ...NEW_STATE, directory: authority.url }, clock.now());
    try {
      storage.saveState(id, fresh);
      journal.clear();
    } catch {
      // The disk has become full: what counts is kept, and the rest is found out again.
    }
    const line = `${names.join(", ")} by ${certificate.issuer}, because ${because}`;
    return { id, outcome: "issued", line, nextAttemptMs: 0 };
  }

  private wish(before: KeptCertificate | null): IssuanceWish {
    const { profile, preferredChain } = this.parts;
    return { names: this.task.names, profile, preferredChain, replaces: before?.identity ?? null };
  }

  /** Limits of our own, before anybody is asked. */
  private refuseTooMany({ failedValidations }: CertificateState): void {
    const allowedMs = validationAllowedMs(failedValidations, this.parts.clock.now());
    if (allowedMs === 0) return;
    const line = "a name has failed its validation too often within an hour for the authority to be asked again";
    throw new AcmeError("local", line, { retryAtMs: allowedMs });
  }

  /**
   * After a failure that the authority has counted, the next attempt goes where nothing is counted. If that place can't be
   * reached, it can't tell anything either.
   */
  private async rehearse({ lastError }: CertificateState): Promise<void> {
    const { rehearsal, prover } = this.parts;
    const wasCounted = lastError !== null && lastError.kind !== "unreachable" && lastError.kind !== "local";
    if (rehearsal === null || !wasCounted) return;
    try {
      await issue(await rehearsal.enter(), { ...this.wish(null), preferredChain: "" }, prover, new NoJournal());
    } catch (error) {
      const { kind, message, retryAtMs } = asAcmeError(error);
      if (kind === "unreachable") return;
      throw new AcmeError(kind, `${message} (tried at ${new URL(rehearsal.url).host})`, { retryAtMs });
    }
  }

  private async ask(certificate: KeptCertificate, state: CertificateState): Promise<AcmeReport> {
    const { id } = this.task;
    const { storage, clock } = this.parts;
    const after = await this.withRenewalInfo(certificate, state, clock.now());
    storage.saveState(id, after);
    const { renewal } = after;
    const line =
      renewal === null
        ? "the authority doesn't say when to renew"
        : `to be renewed between ${new Date(renewal.startMs).toISOString()} and ${new Date(renewal.endMs).toISOString()}`;
    return { id, outcome: "asked", line, nextAttemptMs: 0 };
  }

  /** An authority that can't say when to renew is no failure: the lifetime says it, too. */
  private async withRenewalInfo(
    certificate: KeptCertificate,
    state: CertificateState,
    nowMs: number,
  ): Promise<CertificateState> {
    const { identity } = certificate;
    const about = { ...state, askedAbout: identity };
    if (identity === null) return about;
    try {
      const renewal = await fetchRenewalInfo(await this.parts.authority.open(), identity);
      return { ...about, renewal, askAgainMs: renewal?.askAgainMs ?? nowMs + DAY_MS };
    } catch (error) {
      return { ...about, askAgainMs: Math.max(asAcmeError(error).retryAtMs ?? 0, nowMs + ASK_AGAIN_AFTER_FAILURE_MS) };
    }
  }

  private async revokeAndReplace(certificate: KeptCertificate | null, state: CertificateState): Promise<AcmeReport> {
    const { storage, authority } = this.parts;
    if (certificate === null) throw new AcmeError("local", "there is no certificate to revoke");
    await revoke(await authority.enter(), certificate.text, RevocationReason.Superseded);
    const marked = { ...state, replace: certificate.fingerprint };
    storage.saveState(this.task.id, marked);
    return await this.order(certificate, marked, "it is to be replaced");
  }
}

const ASK_AGAIN_AFTER_FAILURE_MS = HOUR_MS;

/** What is rehearsed is thrown away. */
class NoJournal implements Journal {
  async read(): Promise<Unfinished | null> {
    return null;
  }

  async write(): Promise<void> {}
}

function recordFailure(
  id: string,
  before: CertificateState,
  error: AcmeError,
  { storage, clock }: WorkParts,
): AcmeReport {
  const nowMs = clock.now();
  const state = stateNow(storage, id, before);
  const certificate = certificateNow(storage, id);
  const failures = state.failures + 1;
  const nextMs = nextAttemptMs(
    {
      count: failures,
      isUnproven: error.kind === "unproven",
      retryAtMs: error.retryAtMs,
      lifetimeMs: certificate === null ? null : certificate.notAfterMs - certificate.notBeforeMs,
    },
    nowMs,
    Math.random(),
  );
  const failed = error.kind === "unproven" ? error.names.map((name) => ({ name, atMs: nowMs })) : [];
  const isLocal = error.kind === "local";
  try {
    storage.saveState(id, {
      ...state,
      // What ails this machine doesn't keep others from trying.
      ...(isLocal ? {} : { failures, nextAttemptMs: nextMs }),
      lastError: { atMs: nowMs, kind: error.kind, line: error.message },
      failedValidations: [...recentFailures(state.failedValidations, nowMs), ...failed],
    });
  } catch {
    // The master knows from the report when to try again.
  }
  return failedReport(id, error.message, nextMs, isLocal);
}

/** As it is by now: a revocation may have been written. */
function stateNow(storage: AcmeStorage, id: string, before: CertificateState): CertificateState {
  try {
    return storage.state(id);
  } catch {
    return before;
  }
}

function certificateNow(storage: AcmeStorage, id: string): KeptCertificate | null {
  try {
    return storage.certificate(id);
  } catch {
    return null;
  }
}

function failedReport(id: string, line: string, nextMs: number, isLocal: boolean): AcmeReport {
  return { id, outcome: "failed", line, nextAttemptMs: nextMs, isLocal };
}

function asAcmeError(error: unknown): AcmeError {
  if (error instanceof AcmeError) return error;
  return new AcmeError("local", error instanceof Error ? error.message : String(error), { cause: error });
}

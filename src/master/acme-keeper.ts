/**
 * Sees to it that there are certificates: looks what is due, starts the helper when something is, and says what came of it.
 *
 *     look ─► nothing due ─► look again when something is, at the latest in an hour
 *        └──► helper ─► reports ─► log ─► look again
 *
 * In:    settings, and others after a reload; wishes of whoever uses the control socket.
 * Out:   certificates in the storage, which the store watches; lines in the log; a status that workers tell (acme-status.ts).
 * Keeps: one helper at a time, and a pause between two. It reads the clock anew at each look, so a clock that is set does no harm.
 *        Where the storage can't even hold when to try again, it is remembered here.
 */
import type { Settings } from "../config/settings.ts";
import { messageOf } from "../sys/errno.ts";
import {
  type AcmeCertificate,
  acmeCertificates,
  type AcmeStatus,
  standingOf,
  timeText,
} from "../tls/acme/acme-status.ts";
import type { AcmeReport, AcmeTask } from "../tls/acme/helper-messages.ts";
import { LOOK_MS_MAX, type NextStep, nextStep, plausible } from "../tls/acme/next-step.ts";
import { rehearsalDirectoryOf } from "../tls/acme/rehearsal-directory.ts";
import { nextAttemptMs } from "../tls/acme/retry-plan.ts";
import { AcmeStorage } from "../tls/acme/storage.ts";
import { storageFolder, type WantedCertificate, wantedCertificates } from "../tls/acme/wanted-certificates.ts";
import type { Environment } from "../tls/self-signed/authority.ts";
import { AcmeHelper } from "./acme-helper.ts";
import type { ChallengeBoard } from "./challenge-board.ts";
import type { Log } from "./launcher.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import type { Outcome } from "./reload.ts";

/** After the helper has run. */
const PAUSE_MS = 10_000;
/** After the storage couldn't be read, and after the helper died. */
const RETRY_MS = 60_000;
/** So many are looked at in one go: reading and parsing one takes 0.2 ms. */
const LOOKED_AT_TOGETHER = 32;

export type AcmeKeeperOptions = {
  readonly settings: Settings;
  readonly board: ChallengeBoard;
  readonly log: Log;
  readonly version: string;
  readonly env: Environment;
  readonly helper?: AcmeHelper;
  /** Told when the status has changed. */
  readonly publish: (status: AcmeStatus | null) => void;
};

interface Failed {
  readonly count: number;
  readonly untilMs: number;
  readonly line: string;
}

export class AcmeKeeper {
  private settings: Settings;
  private readonly helper: AcmeHelper;
  private readonly turns = new OneAtATime();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private isStopped = false;
  /** What has failed, by identifier: how often in a row, and when to try again. */
  private readonly failed = new Map<string, Failed>();
  private ordersIssued = 0;
  private ordersFailed = 0;

  constructor(private readonly options: AcmeKeeperOptions) {
    this.settings = options.settings;
    this.helper = options.helper ?? new AcmeHelper();
  }

  start(): void {
    this.options.board.folder = this.settings.tls.acme === null ? null : this.folder;
    this.lookIn(0);
  }

  /** After a reload: what failed may have been repaired. */
  adapt(settings: Settings): void {
    if (Bun.deepEquals(settings.tls.acme, this.settings.tls.acme) && sameNames(settings, this.settings)) return;
    this.settings = settings;
    this.failed.clear();
    this.start();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.helper.stop();
  }

  /** Orders another certificate now, or revokes the present one first. `name`: one of those in it. */
  order(name: string, wish: "renew" | "revoke"): Promise<Outcome> {
    const wanted = this.wanted.find(({ id, names }) => id === name || names.includes(name.toLowerCase()));
    if (wanted === undefined) return Promise.resolve({ isGood: false, line: `saker gets no certificate for ${name}` });
    return this.turns.run(async () => {
      let report: AcmeReport | null = null;
      await this.work([{ ...wanted, wish }], (came) => (report = came));
      const { outcome, line } = report!;
      return { isGood: outcome === "issued", line: this.lineOf(wanted, report!) ?? `${outcome}: ${line}` };
    });
  }

  status(): AcmeStatus | null {
    if (this.settings.tls.acme === null) return null;
    const { ordersIssued, ordersFailed } = this;
    const certificates = acmeCertificates(this.settings, this.storage, Date.now());
    return { ordersIssued, ordersFailed, certificates: certificates.map((row) => standingOf(this.withFailure(row))) };
  }

  /** The storage may not hold what failed. */
  private withFailure(row: AcmeCertificate): AcmeCertificate {
    const failed = this.failed.get(row.id);
    if (failed === undefined) return row;
    const { line, untilMs } = failed;
    return { ...row, nextOrderMs: untilMs, lastError: { atMs: Date.now(), kind: "local", line } };
  }

  private get folder(): string {
    return storageFolder(this.settings, this.options.env);
  }

  private get storage(): AcmeStorage {
    return new AcmeStorage(this.folder);
  }

  private get wanted(): WantedCertificate[] {
    return wantedCertificates(this.settings);
  }

  private lookIn(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.turns.run(() => this.look()), Math.min(Math.max(ms, 0), LOOK_MS_MAX));
    this.timer.unref();
  }

  private async look(): Promise<void> {
    if (this.isStopped) return;
    try {
      const { tasks, untilMs } = await this.due();
      if (tasks.length > 0) await this.work(tasks, () => {});
      this.options.publish(this.status());
      if (this.settings.tls.acme !== null) this.lookIn(tasks.length > 0 ? PAUSE_MS : untilMs - Date.now());
    } catch (error) {
      this.options.log.error(
        `certificates can't be looked after: ${messageOf(error)}; looked at again in ${RETRY_MS / 1000} s`,
      );
      this.lookIn(RETRY_MS);
    }
  }

  /** What is to be done now, and when to look again where nothing is. */
  private async due(): Promise<{ tasks: AcmeTask[]; untilMs: number }> {
    const tasks: AcmeTask[] = [];
    let untilMs = Date.now() + LOOK_MS_MAX;
    for (const [index, wanted] of this.wanted.entries()) {
      if (index % LOOKED_AT_TOGETHER === LOOKED_AT_TOGETHER - 1) await Bun.sleep(0);
      const next = this.nextStepOf(wanted);
      if (next.step === "wait") untilMs = Math.min(untilMs, next.untilMs);
      else tasks.push({ ...wanted, wish: "due" });
    }
    return { tasks, untilMs };
  }

  private nextStepOf(wanted: WantedCertificate): NextStep {
    const { id } = wanted;
    const nowMs = Date.now();
    const { untilMs = 0 } = this.failed.get(id) ?? {};
    const isWaiting = plausible(untilMs, nowMs) > nowMs;
    try {
      const next = this.dueFor(wanted, nowMs);
      // The storage knows when to try again, or another machine was luckier.
      if (next.step === "wait") this.failed.delete(id);
      return isWaiting && next.step !== "wait" ? { step: "wait", untilMs } : next;
    } catch (error) {
      // The storage is away, or broken at this place.
      if (isWaiting) return { step: "wait", untilMs };
      this.take({ id, outcome: "failed", line: messageOf(error), nextAttemptMs: nowMs, isLocal: true }, wanted);
      return { step: "wait", untilMs: this.failed.get(id)!.untilMs };
    }
  }

  private dueFor({ id, names }: WantedCertificate, nowMs: number): NextStep {
    const { storage } = this;
    const { directory } = this.settings.tls.acme!;
    return nextStep({ names, directory, certificate: storage.certificate(id), state: storage.state(id) }, nowMs);
  }

  private async work(tasks: readonly AcmeTask[], report: (report: AcmeReport) => void): Promise<void> {
    const { board, version } = this.options;
    const settings = this.settings.tls.acme!;
    const rehearsalDirectory = rehearsalDirectoryOf(settings.directory);
    const job = { settings, storage: this.folder, rehearsalDirectory, userAgent: `saker/${version}`, tasks };
    await this.helper.run({
      job,
      board,
      isConfined: this.settings.confine !== false,
      retryMs: Date.now() + RETRY_MS,
      report: (came) => {
        this.take(
          came,
          tasks.find(({ id }) => id === came.id)!,
        );
        report(came);
      },
    });
  }

  private take(came: AcmeReport, wanted: WantedCertificate): void {
    const { log, publish } = this.options;
    const { id, outcome } = came;
    const report = outcome === "failed" ? this.remember(came) : came;
    if (outcome !== "failed") this.failed.delete(id);
    if (outcome === "issued") this.ordersIssued++;
    if (outcome === "failed") this.ordersFailed++;
    const line = this.lineOf(wanted, report);
    if (this.isStopped || line === null) return;
    if (outcome === "failed") log.error(line);
    else log.info(line);
    publish(this.status());
  }

  /** What is wrong here is tried ever more rarely, as what is wrong elsewhere: but that the storage remembers. */
  private remember(report: AcmeReport): AcmeReport {
    const { id, nextAttemptMs: askedMs, isLocal = false } = report;
    const count = (this.failed.get(id)?.count ?? 0) + 1;
    const failed = { count, isUnproven: false, retryAtMs: askedMs, lifetimeMs: null };
    const untilMs = isLocal ? nextAttemptMs(failed, Date.now(), Math.random()) : askedMs;
    this.failed.set(id, { count, untilMs, line: report.line });
    return { ...report, nextAttemptMs: untilMs };
  }

  /** What whoever runs the server should know; null for nothing. */
  private lineOf({ id, names }: WantedCertificate, { outcome, line, nextAttemptMs }: AcmeReport): string | null {
    if (outcome === "issued") return `a new certificate: ${line}`;
    if (outcome !== "failed") return null;
    const what = names.length === 1 ? names[0]! : `${names[0]} and ${names.length - 1} more`;
    return `no ${this.hasOne(id) ? "new " : ""}certificate for ${what}: ${line}; next attempt at ${timeText(nextAttemptMs)}`;
  }

  private hasOne(id: string): boolean {
    try {
      return this.storage.certificate(id) !== null;
    } catch {
      return false;
    }
  }
}

function sameNames(one: Settings, other: Settings): boolean {
  return Bun.deepEquals(wantedCertificates(one), wantedCertificates(other));
}

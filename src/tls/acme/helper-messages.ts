/**
 * What the master and the helper that talks to authorities say to each other: lines of JSON on the helper's standard input and
 * output.
 *
 *     master ─ job ─►  helper ─ show ─► master ─ shown ─► helper … ─ hide ─► … ─ done (one per task) ─► master
 *
 * Keeps: no private key is in any of them: keys stay in the storage.
 */
import type { Settings } from "../../config/settings.ts";
import type { ChallengeType, Proof } from "./proof.ts";

export type AcmeSettings = NonNullable<Settings["tls"]["acme"]>;

export interface AcmeTask {
  readonly id: string;
  readonly names: readonly string[];
  /**
   * due      what next-step.ts finds to be due
   * renew    order, whatever is there
   * revoke   revoke what is there, and order another one
   */
  readonly wish: "due" | "renew" | "revoke";
}

/** The first line to the helper. */
export interface AcmeJob {
  readonly settings: AcmeSettings;
  readonly storage: string;
  /** Where attempts go first after a failure; null where there is no such place. */
  readonly rehearsalDirectory: string | null;
  readonly userAgent: string;
  readonly tasks: readonly AcmeTask[];
}

/** Further lines to it: workers show the proof with this token. */
export interface ShownLine {
  readonly shown: string;
}

export interface ShownProof extends Proof {
  readonly type: ChallengeType;
}

export type HelperLine =
  | { readonly type: "show"; readonly proof: ShownProof }
  | { readonly type: "hide"; readonly token: string }
  | { readonly type: "done"; readonly report: AcmeReport };

/** What came of a task. */
export interface AcmeReport {
  readonly id: string;
  /**
   * issued   there is another certificate
   * kept     nothing had to be done: another machine was faster
   * asked    the authority was asked when to renew
   * failed   `line` says why
   */
  readonly outcome: "issued" | "kept" | "asked" | "failed";
  readonly line: string;
  /** After a failure, ms since 1970. */
  readonly nextAttemptMs: number;
  /** It is this machine's own: nobody else knows how often it has failed. */
  readonly isLocal?: boolean;
}

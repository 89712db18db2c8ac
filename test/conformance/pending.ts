/**
 * Rows that saker is known not to pass yet, by feature, each with the reason.
 *
 * `saker.test.ts` expects every one of them to fail: a row that starts to pass must be taken out of this list, and a row
 * that fails without being listed is a bug. So the list can neither hide a regression nor go stale.
 */
export interface Pending {
  readonly feature: string;
  readonly reason: string;
  /** Names of rows. */
  readonly rows: readonly string[];
}

export const PENDING: readonly Pending[] = [];

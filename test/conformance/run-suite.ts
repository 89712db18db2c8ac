/**
 * Plays many rows, a few at a time, by a function that plays one.
 *
 * Keeps: outcomes come in the order of the rows, whatever finished first. A row whose connection cannot be made or
 * whose play throws is a failed row, not the end of the run.
 */
import type { Outcome, PlayOptions } from "./play-row.ts";
import type { RowTitle } from "./row.ts";

export type Play<R extends RowTitle> = (row: R, options: PlayOptions) => Promise<Outcome>;

export interface SuiteOptions extends PlayOptions {
  /** Connections at a time. */
  readonly concurrency: number;
}

export const DEFAULT_OPTIONS: SuiteOptions = { deadlineMs: 3_000, concurrency: 8 };

export async function playRows<R extends RowTitle>(
  rows: readonly R[],
  play: Play<R>,
  options: SuiteOptions = DEFAULT_OPTIONS,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(rows.length);
  let next = 0;
  const playOneAfterTheOther = async (): Promise<void> => {
    while (next < rows.length) {
      const index = next++;
      outcomes[index] = await playSafely(rows[index]!, play, options);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, playOneAfterTheOther));
  return outcomes;
}

async function playSafely<R extends RowTitle>(row: R, play: Play<R>, options: PlayOptions): Promise<Outcome> {
  try {
    return await play(row, options);
  } catch (problem) {
    return {
      row,
      verdict: "failed",
      reason: `the row could not be played: ${(problem as Error).message}`,
      sent: "",
      expected: "",
      got: "",
    };
  }
}

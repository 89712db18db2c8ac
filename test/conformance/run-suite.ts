/**
 * Plays many rows against one server, a few at a time.
 *
 * Keeps: outcomes come in the order of the rows, whatever finished first. A row whose connection cannot be made or
 * whose play throws is a failed row, not the end of the run.
 */
import { type Outcome, playRow, type PlayOptions } from "./play-row.ts";
import type { Row } from "./row.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

export interface SuiteOptions extends PlayOptions {
  /** Connections at a time. */
  readonly concurrency: number;
}

export const DEFAULT_OPTIONS: SuiteOptions = { deadlineMs: 3_000, concurrency: 8 };

export async function playRows(
  rows: readonly Row[],
  server: ServerUnderTest,
  options: SuiteOptions = DEFAULT_OPTIONS,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = new Array(rows.length);
  let next = 0;
  const playOneAfterTheOther = async (): Promise<void> => {
    while (next < rows.length) {
      const index = next++;
      outcomes[index] = await playSafely(rows[index]!, server, options);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, playOneAfterTheOther));
  return outcomes;
}

async function playSafely(row: Row, server: ServerUnderTest, options: PlayOptions): Promise<Outcome> {
  try {
    return await playRow(row, server, options);
  } catch (problem) {
    return {
      row,
      verdict: "failed",
      reason: `the row could not be played: ${(problem as Error).message}`,
      sent: "",
      got: "",
    };
  }
}

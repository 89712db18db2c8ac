/**
 * What an experiment is: a fault, what clients saw of it, and whether that is good enough.
 *
 * In:    `Torture`: the executable, which servers, the size (`isShort` for the test suite).
 * Out:   rows, one per fault and server.
 * Keeps: each experiment makes its own servers and ends them; bounded in time by itself.
 */

export enum Verdict {
  Pass = "pass",
  Fail = "FAIL",
  /** Shown, and not judged: another server, or a figure without a criterion. */
  Shown = "–",
  Skip = "skip",
}

export interface Row {
  readonly experiment: string;
  readonly server: string;
  readonly fault: string;
  /** Figures, for people. */
  readonly saw: string;
  readonly criterion: string;
  readonly verdict: Verdict;
}

export interface Torture {
  /** The executable of saker; "" runs from source. */
  readonly executable: string;
  /** Of those that an experiment compares, only these; empty: all. */
  readonly servers: readonly string[];
  /** A few seconds, saker alone, and nothing judged by the clock: the test suite runs on machines that are busy. */
  readonly isShort: boolean;
}

export interface Experiment {
  readonly name: string;
  /** One line for --list. */
  readonly title: string;
  run(torture: Torture): Promise<Row[]>;
}

/** Whether this server takes part. */
export function takesPart({ servers, isShort }: Torture, server: string): boolean {
  if (isShort) return server === "saker";
  return servers.length === 0 || servers.includes(server);
}

/** pass or FAIL for saker; other servers are shown only. */
export function judge(server: string, isGood: boolean): Verdict {
  if (server !== "saker") return Verdict.Shown;
  return isGood ? Verdict.Pass : Verdict.Fail;
}

/** `12.3 ms`, `1.20 s`. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** `1 234 567`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

/**
 * One finding of the doctor: its level, what was measured, what to do.
 *
 *   ok     as it should be
 *   warn   it works, but could work better or fail later
 *   fail   the server doesn't start, or doesn't do what it is configured to
 */
export type Level = "ok" | "warn" | "fail";

export interface Finding {
  readonly level: Level;
  /** A few words, always the same for the same check. */
  readonly what: string;
  readonly measured: string;
  /** What to do about it, as a sentence; "" when nothing has to be done. */
  readonly advice: string;
}

export function ok(what: string, measured: string): Finding {
  return { level: "ok", what, measured, advice: "" };
}

export function warn(what: string, measured: string, advice: string): Finding {
  return { level: "warn", what, measured, advice };
}

export function fail(what: string, measured: string, advice: string): Finding {
  return { level: "fail", what, measured, advice };
}

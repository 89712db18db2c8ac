/**
 * What the doctor says about one thing: how it stands, what was measured, what to do.
 *
 *   ok     as it should be
 *   warn   it works, and would work better or for longer otherwise
 *   fail   the server doesn't start, or not do what it is told to
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

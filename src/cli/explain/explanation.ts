/**
 * The result of `saker explain`: plain data, printed by report.ts and, with `--json`, as it is.
 *
 * Keeps: the names here are published with `--json`: new ones may be added, none renamed.
 */

/** The steps of a decision, in the order they are taken. */
export type Step =
  | "certificate"
  | "protocol"
  | "challenge"
  | "request"
  | "host"
  | "https"
  | "path"
  | "endpoint"
  | "rule"
  | "password"
  | "candidate"
  | "answer"
  | "form"
  | "coding"
  | "precondition"
  | "range";

export interface Decision {
  readonly step: Step;
  /** What was looked at. */
  readonly subject: string;
  /** What came of it. */
  readonly outcome: string;
  /** The setting behind it, such as `redirect`; "" where the protocol decides. */
  readonly setting: string;
  /** `saker.toml:12`, `_redirects:3`, `--port`, `default`; "" where the protocol decides. */
  readonly place: string;
}

export interface ExplainedField {
  readonly name: string;
  readonly value: string;
  readonly reason: string;
  readonly setting: string;
  readonly place: string;
}

export interface Explanation {
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly fields: readonly (readonly [name: string, value: string])[];
  };
  readonly decisions: readonly Decision[];
  /** Null where only the running server can tell: its admin endpoints. */
  readonly response: {
    readonly status: number;
    readonly reason: string;
    readonly fields: readonly ExplainedField[];
    /** Fields that rules leave out. */
    readonly removed: readonly ExplainedField[];
    readonly content_octets: number;
  } | null;
}

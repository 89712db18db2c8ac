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

export const PENDING: readonly Pending[] = [
  {
    feature: "content coding",
    reason: "no representation is compressed yet, neither on the fly nor from a neighbouring file",
    rows: [
      "matches the name of a content coding without regard to case",
      "takes x-gzip for gzip",
      "finds gzip with a weight above zero",
      "prefers the coding with the highest weight (gzip)",
      "prefers identity when it has the highest weight",
      "sends gzip when identity is excluded",
      "sends gzip when it is the only coding accepted",
      "sends br when it is the only coding accepted",
      "sends zstd when it is the only coding accepted",
      "combines two Accept-Encoding lines",
      "sends Vary: Accept-Encoding with a coded response",
      "sends Vary: Accept-Encoding with the response that could have been coded",
      "sends differing strong entity tags for differing content codings",
      "answers 304 when If-None-Match holds the entity tag of the coded representation",
      "sends the same fields with HEAD as with GET of a coded representation",
      "sends the fields of the coded 200 with its 304",
      "sends the neighbouring file when gzip is accepted",
      "sends the neighbouring file when br is accepted",
      "sends the neighbouring file when zstd is accepted",
    ],
  },
];

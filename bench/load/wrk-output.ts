/**
 * What wrk reports, as numbers.
 *
 * In:    wrk's output: its own text, and in it one line that our script's done() writes (`wrk-script.ts`): exact values
 *        where the text has rounded ones ("12.34MB", "1.10s").
 * Out:   `WrkResult`.
 * Units: octets, microseconds. Latency is from sending a request (a pipeline: its first) to the end of its response.
 * Keeps: pure.
 * Fails: `WrkError` when the line is missing or not what done() writes.
 */

/** The mark the line begins with. */
export const RESULT_MARK = "saker-bench ";

export interface WrkResult {
  responses: number;
  octets: number;
  microseconds: number;
  p50Microseconds: number;
  p99Microseconds: number;
  maxMicroseconds: number;
  connectErrors: number;
  readErrors: number;
  writeErrors: number;
  timeouts: number;
  /** Responses with a status of 400 and more. */
  statusErrors: number;
}

export class WrkError extends Error {}

/** The fields of the line, in the order done() writes them. */
export const RESULT_FIELDS = [
  "responses",
  "octets",
  "microseconds",
  "p50Microseconds",
  "p99Microseconds",
  "maxMicroseconds",
  "connectErrors",
  "readErrors",
  "writeErrors",
  "timeouts",
  "statusErrors",
] as const satisfies readonly (keyof WrkResult)[];

export function parseWrkOutput(output: string): WrkResult {
  const line = output.split("\n").find((text) => text.startsWith(RESULT_MARK));
  if (!line) throw new WrkError(`wrk printed no result: ${firstLines(output)}`);
  const values = line.slice(RESULT_MARK.length).trim().split(" ");
  if (values.length !== RESULT_FIELDS.length || values.some((value) => !/^\d+$/.test(value))) {
    throw new WrkError(`wrk's result can't be read: ${line}`);
  }
  const entries = RESULT_FIELDS.map((field, index) => [field, Number(values[index])] as const);
  return Object.fromEntries(entries) as Record<(typeof RESULT_FIELDS)[number], number>;
}

/** Requests that failed on the way; status errors are judged by the workload, which may expect them. */
export function socketErrors(result: WrkResult): number {
  return result.connectErrors + result.readErrors + result.writeErrors + result.timeouts;
}

function firstLines(output: string): string {
  return output.trim().split("\n").slice(0, 3).join(" | ") || "(nothing)";
}

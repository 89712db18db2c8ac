/**
 * What h2load reports, as numbers.
 *
 * In:    its output after a run of a given time (`-D`): three lines of it, "requests:", "status codes:" and "traffic:", and the times of
 *        requests.
 * Out:   `H2loadResult`.
 * Units: octets of content (without heads and frames), microseconds.
 * Keeps: pure. Requests under way when the time is over count neither as done nor as failed.
 * Fails: `H2loadError` when a line is missing, or nothing was done.
 */

export interface H2loadResult {
  done: number;
  succeeded: number;
  failed: number;
  errored: number;
  timedOut: number;
  /** Statuses 200 to 299. */
  successful: number;
  contentOctets: number;
  /** Mean time of a request: h2load tells no percentiles. */
  meanMicroseconds: number;
  /** As agreed upon, "h2"; "" without TLS. */
  application: string;
  /** "TLSv1.3"; "" without TLS. */
  tls: string;
}

export class H2loadError extends Error {}

const REQUESTS = /^requests: .* (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m;
const STATUSES = /^status codes: (\d+) 2xx/m;
const TRAFFIC = /^traffic: .* \((\d+)\) data$/m;
const TIMES = /^time for request: +\S+ +\S+ +([\d.]+)(us|ms|s) /m;
const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };

function numbersIn(output: string, pattern: RegExp): number[] {
  const match = pattern.exec(output);
  if (match === null) throw new H2loadError(`h2load printed no result: ${lastLines(output)}`);
  return match.slice(1).map(Number);
}

export function parseH2loadOutput(output: string): H2loadResult {
  const [done, succeeded, failed, errored, timedOut] = numbersIn(output, REQUESTS);
  const [successful] = numbersIn(output, STATUSES);
  const [contentOctets] = numbersIn(output, TRAFFIC);
  if (done === 0) throw new H2loadError(`h2load had not one response: ${lastLines(output)}`);
  const [, mean, unit] = TIMES.exec(output) ?? [];
  return {
    done: done!,
    succeeded: succeeded!,
    failed: failed!,
    errored: errored!,
    timedOut: timedOut!,
    successful: successful!,
    contentOctets: contentOctets!,
    meanMicroseconds: Number(mean ?? 0) * (UNITS[unit ?? ""] ?? 0),
    application: /^Application protocol: (\S+)$/m.exec(output)?.[1] ?? "",
    tls: /^TLS Protocol: (\S+)$/m.exec(output)?.[1] ?? "",
  };
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-3).join(" | ") || "(nothing)";
}

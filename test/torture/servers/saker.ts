/**
 * saker under torture: the real executable, with the support of the tests around it.
 *
 * In:    what every server of the experiment gets, and saker's own settings (TOML).
 */
import { freePort } from "../../../bench/load/free-port.ts";
import { isAlive } from "../../support/processes.ts";
import { type Saker, startSaker } from "../../support/saker.ts";
import type { Site } from "../../support/site.ts";
import type { ServerUnderTorture, Surroundings } from "./server-under-torture.ts";

export interface SakerUnderTorture extends ServerUnderTorture {
  readonly saker: Saker;
}

export interface SakerOptions extends Omit<Surroundings, "root"> {
  readonly site: Site;
  /** The executable; "" runs from source. */
  readonly executable: string;
  readonly config?: string;
  readonly wrapper?: readonly string[];
}

/** A table: it must come after every key of the top. */
export function secureTable(port: number, { certificate }: Pick<Surroundings, "certificate">): string {
  if (certificate === undefined) return "";
  const files = [
    `certificate = ${JSON.stringify(certificate.certificate)}`,
    `key = ${JSON.stringify(certificate.key)}`,
  ];
  return ["[tls]", `port = ${port}`, ...files].join("\n");
}

export async function startSakerUnderTorture(options: SakerOptions): Promise<SakerUnderTorture> {
  const { site, executable, workers, headerTimeoutSeconds = 10, timeoutSeconds = 30, config = "", wrapper } = options;
  const securePort = options.certificate === undefined ? 0 : freePort();
  const lines = [
    `num_workers = ${workers}`,
    `header_timeout_seconds = ${headerTimeoutSeconds}`,
    `timeout_seconds = ${timeoutSeconds}`,
    config,
    secureTable(securePort, options),
  ];
  const saker = await startSaker({ site, executable: executable || undefined, config: lines.join("\n"), wrapper });
  return {
    name: "saker",
    saker,
    port: saker.port,
    securePort,
    pid: saker.pid,
    workerPids: () => saker.workerPids(),
    signal: (name) => saker.signal(name),
    stopPolitely: () => saker.signal("SIGTERM"),
    exited: saker.exited,
    isAlive: () => isAlive(saker.pid),
    [Symbol.asyncDispose]: () => saker[Symbol.asyncDispose](),
  };
}

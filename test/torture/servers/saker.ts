/**
 * saker under torture: the real executable, with the support of the tests around it.
 *
 * In:    what every server of the experiment gets, and saker's own settings (TOML).
 */
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

export async function startSakerUnderTorture(options: SakerOptions): Promise<SakerUnderTorture> {
  const { site, executable, workers, headerTimeoutSeconds = 10, timeoutSeconds = 30, config = "", wrapper } = options;
  const lines = [
    `num_workers = ${workers}`,
    `header_timeout_seconds = ${headerTimeoutSeconds}`,
    `timeout_seconds = ${timeoutSeconds}`,
    config,
  ];
  const saker = await startSaker({ site, executable: executable || undefined, config: lines.join("\n"), wrapper });
  return {
    name: "saker",
    saker,
    port: saker.port,
    pid: saker.pid,
    workerPids: () => saker.workerPids(),
    signal: (name) => saker.signal(name),
    stopPolitely: () => saker.signal("SIGTERM"),
    exited: saker.exited,
    isAlive: () => isAlive(saker.pid),
    [Symbol.asyncDispose]: () => saker[Symbol.asyncDispose](),
  };
}

/**
 * The second half of an upgrade, in the program that was executed: the previous workers serve until the new ones do.
 *
 * In:    what was handed over, and a supervisor that has started nothing yet.
 * Out:   a line in the log, and to the client that asked for the upgrade.
 * Keeps: if the new workers fail to serve, although the rehearsal went well, the previous program takes its place again. It
 *        doesn't hand back a second time.
 */
import { closeSync } from "node:fs";
import { AdoptedWorker } from "./adopted-worker.ts";
import type { HandOver } from "./hand-over-format.ts";
import type { Log } from "./launcher.ts";
import type { Reloader } from "./reload.ts";
import type { Supervisor } from "./supervisor.ts";
import { answerAskers, type Upgrader } from "./upgrade.ts";
import { NO_SLOT } from "./worker.ts";

export type TakeOverOptions = {
  readonly supervisor: Supervisor;
  readonly reloader: Reloader;
  readonly upgrader: Upgrader;
  /** Whether the previous workers write to the same statistics file. */
  readonly hasSlotsOfBefore: boolean;
  readonly version: string;
  readonly log: Log;
};

export async function takeOver(handOver: HandOver, options: TakeOverOptions): Promise<void> {
  const { supervisor, reloader, upgrader, hasSlotsOfBefore, version, log } = options;
  const { workers, askers, failure, executable, version: before } = handOver;
  supervisor.inherit(workers.map((worker) => new AdoptedWorker(worker, hasSlotsOfBefore ? worker.slot : NO_SLOT)));
  if (!hasSlotsOfBefore) log.warn(`the statistics layout differs from that of ${before}: totals are carried over`);
  const outcome = await reloader.reload();
  if (!outcome.isGood && failure === "") await upgrader.giveBack(handOver, outcome.line);
  closeSync(executable.fd);
  if (!outcome.isGood) supervisor.fillSeats();
  const tell = (isGood: boolean, line: string): void => {
    if (isGood) log.info(line);
    else log.error(line);
    answerAskers(askers, `${isGood ? "OK" : "ERROR"} ${line}`);
  };
  if (failure !== "") tell(false, `upgrade refused, ${version} goes on: ${before} could not serve (${failure})`);
  else if (outcome.isGood) tell(true, `upgraded from ${before} to ${version} (pid ${process.pid})`);
  else tell(false, `${version} has taken over, with the workers of ${before}: ${outcome.line}`);
}

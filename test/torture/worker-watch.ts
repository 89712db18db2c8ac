/**
 * What the workers of a server use while something is done to them.
 *
 * Units: octets of RSS, all workers together; share of one core.
 */
import { cpuSecondsOf, rssOctetsOf } from "./process-figures.ts";

const LOOK_MS = 50;

export interface WorkerFigures {
  /** The most there was above what there was at first. */
  readonly grownOctets: number;
  readonly cpuShare: number;
  /** The workers at the end are those of the beginning. */
  readonly areSame: boolean;
}

export function watchWorkers(pidsOf: () => number[]): { stop(): WorkerFigures } {
  const pids = pidsOf();
  const sum = (figure: (pid: number) => number): number => pids.reduce((total, pid) => total + readOr0(figure, pid), 0);
  const [rssBefore, cpuBefore, startedMs] = [sum(rssOctetsOf), sum(cpuSecondsOf), performance.now()];
  let rssMost = rssBefore;
  const look = (): void => void (rssMost = Math.max(rssMost, sum(rssOctetsOf)));
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return {
        grownOctets: rssMost - rssBefore,
        cpuShare: (1000 * (sum(cpuSecondsOf) - cpuBefore)) / (performance.now() - startedMs),
        areSame: pidsOf().join() === pids.join(),
      };
    },
  };
}

/** A worker that is gone uses nothing. */
function readOr0(figure: (pid: number) => number, pid: number): number {
  try {
    return figure(pid);
  } catch {
    return 0;
  }
}

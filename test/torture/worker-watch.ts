/**
 * What the workers of a server use while something is done to them.
 *
 * Units: octets of RSS, all workers together; shares of one core.
 */
import { cpuSecondsOf, cpuWaitSecondsOf, rssOctetsOf } from "./process-figures.ts";

const LOOK_MS = 50;

export interface WorkerFigures {
  /** The most there was above what there was at first. */
  readonly grownOctets: number;
  readonly cpuShare: number;
  /** The share of the time in which they were ready to run, and others had the CPU. */
  readonly waitShare: number;
  /** The workers at the end are those of the beginning. */
  readonly areSame: boolean;
}

export function watchWorkers(pidsOf: () => number[]): { stop(): WorkerFigures } {
  const pids = pidsOf();
  const sum = (figure: (pid: number) => number): number => pids.reduce((total, pid) => total + readOr0(figure, pid), 0);
  const rssBefore = sum(rssOctetsOf);
  const cpuBefore = sum(cpuSecondsOf);
  const waitBefore = sum(cpuWaitSecondsOf);
  const startedMs = performance.now();
  let rssMost = rssBefore;
  const look = (): void => void (rssMost = Math.max(rssMost, sum(rssOctetsOf)));
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      const seconds = (performance.now() - startedMs) / 1000;
      return {
        grownOctets: rssMost - rssBefore,
        cpuShare: (sum(cpuSecondsOf) - cpuBefore) / seconds,
        waitShare: (sum(cpuWaitSecondsOf) - waitBefore) / seconds,
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

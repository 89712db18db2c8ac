/**
 * A workload, timed: all contenders up, one after the other under load, round by round.
 *
 * In:    the workload, the contenders, rounds and seconds.
 * Out:   `WorkloadResult`.
 * Units: see result.ts.
 * Keeps: a contender is checked octet for octet and warmed up before its first timed run. The order turns by one with
 *        each round. Servers that wait for their turn are idle; what anyone but the server under load takes of its core is measured
 *        and reported. A contender that fails is left out from then on, the others go on.
 */
import { hasEnded, lastWords } from "./children.ts";
import type { Contender } from "./contender.ts";
import { microsecondsBetween, readThreadTimes } from "./cpu-time.ts";
import type { Load } from "./load-run.ts";
import { prepareLoad } from "./prepare-load.ts";
import { microsecondsPerTick, readCpuBusyTicks } from "./process-tree.ts";
import { STRANGERS_MAX, type ContenderResult, type LoadSample, type WorkloadResult } from "./result.ts";
import { startServer, stopServer, type RunningServer, type Surroundings } from "./running-server.ts";
import { rotatedOrder } from "./spread.ts";
import { octetsOfOne, type Workload } from "./tls-workloads.ts";

export interface Timing {
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  /** A run that others disturbed is made so many times more. */
  retakes: number;
}

/** A server that has passed the check, and the load that asks what was checked. */
export interface Entrant {
  server: RunningServer;
  load: Load;
  result: ContenderResult;
}

/** Lets what a run has left behind (closing sockets, garbage) settle, and be counted with it. */
const SETTLE_MS = 50;

/** Of the time of a warm-up, on the CPU; the clients' limits leave servers a quarter and more of an undisturbed core. */
const WARM_SHARE = 0.2;
const WARM_UPS_MAX = 8;

let microsecondsOfTick = 0;

/** Starts the contender, checks it, warms it up. */
export async function enter(
  contender: Contender,
  workload: Workload,
  around: Surroundings,
  warmUpSeconds: number,
): Promise<Entrant> {
  const server = await startServer(contender, around, workload.listener);
  try {
    const load = await prepareLoad(workload, server, around);
    await warmUp(server, load, warmUpSeconds);
    return { server, load, result: { contender: contender.name, samples: [], idle: [], failure: null } };
  } catch (error) {
    await stopServer(server);
    throw error;
  }
}

/**
 * A server is warm when it has had a share of the time for it: on a machine that is busy with something else, code may not even be compiled
 * after a second.
 */
async function warmUp({ pid }: RunningServer, load: Load, seconds: number): Promise<void> {
  const before = readThreadTimes(pid);
  for (let time = 0; time < WARM_UPS_MAX; time++) {
    await load.run(seconds);
    const share = microsecondsBetween(before, readThreadTimes(pid)) / (seconds * 1e6);
    if (share >= WARM_SHARE) return;
  }
}

/** One timed run against a server that is warm. */
export async function takeSample(
  { server, load }: Entrant,
  workload: Workload,
  { cores }: Surroundings,
  seconds: number,
): Promise<LoadSample> {
  microsecondsOfTick ||= microsecondsPerTick();
  const coreBefore = readCpuBusyTicks(cores.server);
  const serverBefore = readThreadTimes(server.pid);
  const began = performance.now();
  const run = await load.run(seconds);
  await Bun.sleep(SETTLE_MS);
  const serverMicroseconds = microsecondsBetween(serverBefore, readThreadTimes(server.pid));
  const coreMicroseconds = (readCpuBusyTicks(cores.server) - coreBefore) * microsecondsOfTick;
  const wallMicroseconds = (performance.now() - began) * 1000;
  if (hasEnded(server.child)) throw new Error(`ended under load: ${lastWords(server.child)}`);

  const counted = workload.countBy === "octets" ? run.octets / octetsOfOne(workload, server.port) : run.responses;
  if (counted === 0) throw new Error("not one response under load");
  if (run.unexpected > 0) throw new Error(`${run.unexpected} of ${run.responses} responses had another status`);
  return {
    requests: counted,
    requestsPerSecond: (counted * 1e6) / run.microseconds,
    octetsPerSecond: (run.octets * 1e6) / run.microseconds,
    cpuMicrosecondsPerRequest: serverMicroseconds / counted,
    p50Microseconds: run.p50Microseconds,
    p99Microseconds: run.p99Microseconds,
    failedRequests: run.failed,
    serverBusy: serverMicroseconds / run.microseconds,
    clientBusy: run.clientBusy,
    strangersBusy: Math.max(0, coreMicroseconds - serverMicroseconds) / wallMicroseconds,
  };
}

/** The least disturbed of as many runs as it takes, and as are allowed. */
export async function takeQuietSample(
  entrant: Entrant,
  workload: Workload,
  around: Surroundings,
  { seconds, retakes }: Timing,
): Promise<LoadSample> {
  let best = await takeSample(entrant, workload, around, seconds);
  for (let again = 0; again < retakes && best.strangersBusy > STRANGERS_MAX; again++) {
    const sample = await takeSample(entrant, workload, around, seconds);
    if (sample.strangersBusy < best.strangersBusy) best = sample;
  }
  return best;
}

export function failedResult(contender: Contender, error: unknown): ContenderResult {
  const failure = error instanceof Error ? error.message : String(error);
  return { contender: contender.name, samples: [], idle: [], failure };
}

export async function measureWorkload(
  workload: Workload,
  contenders: readonly Contender[],
  around: Surroundings,
  timing: Timing,
  say: (text: string) => void,
): Promise<WorkloadResult> {
  const entrants: Entrant[] = [];
  const results: ContenderResult[] = [];
  try {
    for (const contender of contenders) {
      try {
        const entrant = await enter(contender, workload, around, timing.warmUpSeconds);
        entrants.push(entrant);
        results.push(entrant.result);
      } catch (error) {
        results.push(failedResult(contender, error));
      }
    }
    for (let round = 0; round < timing.rounds; round++) {
      for (const entrant of rotatedOrder(entrants, round)) {
        if (entrant.result.failure !== null) continue;
        say(`${workload.name}: round ${round + 1}/${timing.rounds}, ${entrant.result.contender}`);
        try {
          entrant.result.samples.push(await takeQuietSample(entrant, workload, around, timing));
        } catch (error) {
          entrant.result.failure = error instanceof Error ? error.message : String(error);
        }
      }
    }
  } finally {
    await Promise.all(entrants.map(({ server }) => stopServer(server)));
  }
  return { workload: workload.name, title: workload.title, contenders: results };
}

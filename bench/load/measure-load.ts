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
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkWorkload } from "./body-check.ts";
import { hasEnded, lastWords } from "./children.ts";
import type { Contender } from "./contender.ts";
import { microsecondsPerTick, readCpuBusyTicks, readTreeTicks } from "./process-tree.ts";
import type { ContenderResult, LoadSample, WorkloadResult } from "./result.ts";
import { startServer, stopServer, type RunningServer, type Surroundings } from "./running-server.ts";
import { rotatedOrder } from "./spread.ts";
import { socketErrors } from "./wrk-output.ts";
import { repeatScript, sequenceScript } from "./wrk-script.ts";
import { runWrk } from "./wrk.ts";
import type { Exchange, LoadWorkload } from "./workloads.ts";

export interface Timing {
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
}

/** A server that has passed the check, and the script that asks what was checked. */
export interface Entrant {
  server: RunningServer;
  script: string;
  result: ContenderResult;
}

/** Lets what a run has left behind (closing sockets, garbage) settle, and be counted with it. */
const SETTLE_MS = 50;

let microsecondsOfTick = 0;

function scriptFor(workload: LoadWorkload, exchanges: readonly Exchange[]): string {
  if (workload.sequence === null) return repeatScript(exchanges[0]!.request.repeat(workload.pipelined));
  return sequenceScript(
    exchanges.map(({ request }) => request),
    workload.sequence,
  );
}

/** Starts the contender, checks it, warms it up. */
export async function enter(
  contender: Contender,
  workload: LoadWorkload,
  around: Surroundings,
  warmUpSeconds: number,
): Promise<Entrant> {
  const server = await startServer(contender, around);
  try {
    const exchanges = await checkWorkload(workload, server.port, around.root);
    const script = join(around.folder, `${workload.name}-${contender.name}-${server.port}.lua`);
    writeFileSync(script, scriptFor(workload, exchanges));
    const { cores } = around;
    const { connections } = workload;
    await runWrk({ script, port: server.port, connections, seconds: warmUpSeconds, cores });
    return { server, script, result: { contender: contender.name, samples: [], idle: [], failure: null } };
  } catch (error) {
    await stopServer(server);
    throw error;
  }
}

/** One timed run against a server that is warm. */
export async function takeSample(
  { server, script }: Entrant,
  workload: LoadWorkload,
  around: Surroundings,
  seconds: number,
): Promise<LoadSample> {
  microsecondsOfTick ||= microsecondsPerTick();
  const { cores } = around;
  const coreBefore = readCpuBusyTicks(cores.server);
  const serverBefore = readTreeTicks(server.pid);
  const began = performance.now();
  const { result, clientBusy } = await runWrk({
    script,
    port: server.port,
    connections: workload.connections,
    seconds,
    cores,
  });
  await Bun.sleep(SETTLE_MS);
  const serverMicroseconds = (readTreeTicks(server.pid) - serverBefore) * microsecondsOfTick;
  const coreMicroseconds = (readCpuBusyTicks(cores.server) - coreBefore) * microsecondsOfTick;
  const wallMicroseconds = (performance.now() - began) * 1000;
  if (hasEnded(server.child)) throw new Error(`ended under load: ${lastWords(server.child)}`);

  const [sample] = workload.exchanges(server.port, { entityTag: null, lastModified: null });
  const counted = workload.countBy === "octets" ? result.octets / sample!.octets : result.responses;
  const unexpected = sample!.status >= 400 ? result.responses - result.statusErrors : result.statusErrors;
  if (counted === 0) throw new Error("not one response under load");
  if (unexpected > 0) throw new Error(`${unexpected} of ${result.responses} responses had another status`);
  return {
    requests: counted,
    requestsPerSecond: (counted * 1e6) / result.microseconds,
    octetsPerSecond: (result.octets * 1e6) / result.microseconds,
    cpuMicrosecondsPerRequest: serverMicroseconds / counted,
    // wrk "corrects" latencies by an interval it takes from the number of responses: senseless for pipelines.
    p50Microseconds: workload.pipelined === 1 ? result.p50Microseconds : 0,
    p99Microseconds: workload.pipelined === 1 ? result.p99Microseconds : 0,
    failedRequests: socketErrors(result),
    serverBusy: serverMicroseconds / result.microseconds,
    clientBusy,
    strangersBusy: Math.max(0, coreMicroseconds - serverMicroseconds) / wallMicroseconds,
  };
}

export function failedResult(contender: Contender, error: unknown): ContenderResult {
  const failure = error instanceof Error ? error.message : String(error);
  return { contender: contender.name, samples: [], idle: [], failure };
}

export async function measureWorkload(
  workload: LoadWorkload,
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
          entrant.result.samples.push(await takeSample(entrant, workload, around, timing.seconds));
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

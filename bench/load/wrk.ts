/**
 * Load by wrk: one run against one server.
 *
 * In:    a workload, what of it was checked, port, seconds, the core to run on.
 * Out:   `LoadRun`.
 * Units: seconds; wrk only knows whole ones, so it gets more than enough and SIGINT at the right time, upon which it stops and
 *        reports (it looks every 100 ms).
 * Keeps: ended at the latest 10 s after its time.
 * Fails: `WrkError`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { endChild, spawnChild } from "./children.ts";
import { onCore } from "./cores.ts";
import type { Load, LoadRun } from "./load-run.ts";
import type { RunningServer, Surroundings } from "./running-server.ts";
import { parseWrkOutput, socketErrors, WrkError, type WrkResult } from "./wrk-output.ts";
import { repeatScript, sequenceScript } from "./wrk-script.ts";
import type { Exchange, LoadWorkload } from "./workloads.ts";

const OVERTIME_MS = 10_000;

function scriptFor(workload: LoadWorkload, exchanges: readonly Exchange[]): string {
  if (workload.sequence === null) return repeatScript(exchanges[0]!.request.repeat(workload.pipelined));
  return sequenceScript(
    exchanges.map(({ request }) => request),
    workload.sequence,
  );
}

function toRun(workload: LoadWorkload, { status }: Exchange, result: WrkResult, clientBusy: number): LoadRun {
  const { responses, octets, microseconds, p50Microseconds, p99Microseconds, statusErrors } = result;
  // wrk "corrects" latencies by an interval it takes from the number of responses: senseless for pipelines.
  const isTold = workload.pipelined === 1;
  return {
    responses,
    octets,
    microseconds,
    p50Microseconds: isTold ? p50Microseconds : 0,
    p99Microseconds: isTold ? p99Microseconds : 0,
    failed: socketErrors(result),
    unexpected: status >= 400 ? responses - statusErrors : statusErrors,
    clientBusy,
  };
}

/** `exchanges` are the workload's, checked against this server. */
export function wrkLoad(
  workload: LoadWorkload,
  exchanges: readonly Exchange[],
  { contender, port }: RunningServer,
  { cores, folder }: Surroundings,
): Load {
  const script = join(folder, `${workload.name}-${contender.name}-${port}.lua`);
  writeFileSync(script, scriptFor(workload, exchanges));
  const url = `${workload.listener}://127.0.0.1:${port}/`;

  async function run(seconds: number): Promise<LoadRun> {
    const limits = ["-t1", `-c${workload.connections}`, `-d${Math.ceil(seconds) + 5}s`, "--timeout", "20s"];
    const child = spawnChild(onCore(cores, cores.client, ["wrk", ...limits, "-s", script, url]));
    const stop = setTimeout(() => child.process.kill("SIGINT"), seconds * 1000);
    const giveUp = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000 + OVERTIME_MS);
    try {
      const output = await new Response(child.process.stdout as ReadableStream<Uint8Array>).text();
      await child.process.exited;
      const result = parseWrkOutput(output);
      if (result.microseconds === 0) throw new WrkError("wrk ran no time at all");
      const usage = child.process.resourceUsage();
      const cpuMicroseconds = usage ? Number(usage.cpuTime.total) : NaN;
      return toRun(workload, exchanges[0]!, result, cpuMicroseconds / result.microseconds);
    } finally {
      clearTimeout(stop);
      clearTimeout(giveUp);
      await endChild(child);
    }
  }

  return { run };
}

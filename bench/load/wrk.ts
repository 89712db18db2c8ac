/**
 * One run of wrk against one server.
 *
 * In:    the script's path, port, connections, seconds, the core to run on.
 * Out:   `WrkRun`: wrk's numbers and how much of its core it used.
 * Units: seconds; wrk only knows whole ones, so it gets more than enough and SIGINT at the right time, upon which it stops and
 *        reports (it looks every 100 ms).
 * Keeps: ended at the latest 10 s after its time.
 * Fails: `WrkError`.
 */
import { endChild, spawnChild } from "./children.ts";
import { onCore, type Cores } from "./cores.ts";
import { parseWrkOutput, WrkError, type WrkResult } from "./wrk-output.ts";

export interface WrkRun {
  result: WrkResult;
  /** CPU time of wrk / wall time; close to 1, the client was the limit, not the server. */
  clientBusy: number;
}

export interface WrkOptions {
  script: string;
  port: number;
  connections: number;
  seconds: number;
  cores: Cores;
}

const OVERTIME_MS = 10_000;

export async function runWrk({ script, port, connections, seconds, cores }: WrkOptions): Promise<WrkRun> {
  const command = ["wrk", "-t1", `-c${connections}`, `-d${Math.ceil(seconds) + 5}s`, "--timeout", "20s", "-s", script];
  const child = spawnChild(onCore(cores, cores.client, [...command, `http://127.0.0.1:${port}/`]));
  const stop = setTimeout(() => child.process.kill("SIGINT"), seconds * 1000);
  const giveUp = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000 + OVERTIME_MS);
  try {
    const output = await new Response(child.process.stdout as ReadableStream<Uint8Array>).text();
    await child.process.exited;
    const result = parseWrkOutput(output);
    if (result.microseconds === 0) throw new WrkError("wrk ran no time at all");
    const usage = child.process.resourceUsage();
    const cpuMicroseconds = usage ? Number(usage.cpuTime.total) : NaN;
    return { result, clientBusy: cpuMicroseconds / result.microseconds };
  } finally {
    clearTimeout(stop);
    clearTimeout(giveUp);
    await endChild(child);
  }
}

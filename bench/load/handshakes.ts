/**
 * Load by full TLS handshakes, one request each: one run against one server.
 *
 * In:    the workload, port, seconds, the core to run on.
 * Out:   `LoadRun`.
 * Keeps: the client is a process of its own (handshake-client.ts), ended at the latest 10 s after its time. A round in which not every
 *        response had the file's length counts the others as failed.
 */
import { join } from "node:path";
import { endChild, spawnChild } from "./children.ts";
import { onCore } from "./cores.ts";
import type { HandshakeReport } from "./handshake-client.ts";
import type { Load, LoadRun } from "./load-run.ts";
import type { RunningServer, Surroundings } from "./running-server.ts";
import type { HandshakeWorkload } from "./tls-workloads.ts";

const OVERTIME_MS = 10_000;
const CLIENT = join(import.meta.dir, "handshake-client.ts");

export function handshakeLoad(
  { connections, file }: HandshakeWorkload,
  { port }: RunningServer,
  { cores }: Surroundings,
): Load {
  async function run(seconds: number): Promise<LoadRun> {
    const words = [port, connections, Math.round(seconds * 1000), file.name, file.octets].map(String);
    const child = spawnChild(onCore(cores, cores.client, [process.execPath, CLIENT, ...words]));
    const giveUp = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000 + OVERTIME_MS);
    try {
      const output = await new Response(child.process.stdout as ReadableStream<Uint8Array>).text();
      await child.process.exited;
      if (output === "") throw new Error("the client of handshakes reported nothing");
      const report = JSON.parse(output) as HandshakeReport;
      const usage = child.process.resourceUsage();
      const cpuMicroseconds = usage ? Number(usage.cpuTime.total) : NaN;
      return { ...report, clientBusy: cpuMicroseconds / report.microseconds };
    } finally {
      clearTimeout(giveUp);
      await endChild(child);
    }
  }

  return { run };
}

/**
 * Load by h2load: one run of HTTP/2 against one server.
 *
 * In:    a workload of HTTP/2, port, seconds, the core to run on.
 * Out:   `LoadRun`.
 * Units: seconds.
 * Keeps: every file of the workload is fetched first, with the same fields, and compared octet for octet; under load h2load's counts must
 *        fit: the protocol and TLS 1.3 agreed upon, and as much content as that many responses have. Ended at the latest 10 s after
 *        its time. The flow-control windows are h2load's own, 2^30 octets: the server never waits for them.
 * Fails: `H2loadError`, `CheckError`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CheckError } from "./body-check.ts";
import { endChild, spawnChild } from "./children.ts";
import { onCore } from "./cores.ts";
import { H2loadError, parseH2loadOutput, type H2loadResult } from "./h2load-output.ts";
import { Http2Client } from "./http2-client.ts";
import type { Load, LoadRun } from "./load-run.ts";
import type { RunningServer, Surroundings } from "./running-server.ts";
import type { H2Workload } from "./tls-workloads.ts";

const OVERTIME_MS = 10_000;

async function checkFiles(workload: H2Workload, port: number, root: string): Promise<void> {
  await using client = await Http2Client.connect(port, workload.listener);
  for (const { name } of workload.files) {
    const { status, content } = await client.get(name, workload.fieldLines);
    if (status !== 200) throw new CheckError(`/${name}: status ${status}, expected 200`);
    if (Buffer.compare(content, readFileSync(join(root, name))) !== 0) {
      throw new CheckError(`/${name}: content differs from the file`);
    }
  }
}

/** Says what is wrong with the counts, or null. */
export function findMiscount(workload: H2Workload, result: H2loadResult): string | null {
  const { files, connections, streams, listener } = workload;
  if (listener === "https" && result.application !== "h2") return `"${result.application}" was agreed upon, not h2`;
  if (listener === "https" && result.tls !== "TLSv1.3") return `"${result.tls}" was agreed upon, not TLSv1.3`;
  const octets = files.map((file) => file.octets);
  const least = result.done * Math.min(...octets);
  const most = (result.done + connections * streams) * Math.max(...octets);
  const { contentOctets } = result;
  return contentOctets < least || contentOctets > most
    ? `${contentOctets} octets of content in ${result.done} responses`
    : null;
}

function toRun(workload: H2Workload, result: H2loadResult, microseconds: number, clientBusy: number): LoadRun {
  const mistake = findMiscount(workload, result);
  if (mistake !== null) throw new H2loadError(mistake);
  return {
    responses: result.done,
    octets: result.contentOctets,
    microseconds,
    p50Microseconds: 0,
    p99Microseconds: 0,
    failed: result.failed + result.errored + result.timedOut,
    unexpected: result.done - result.successful,
    clientBusy,
  };
}

export async function prepareH2load(
  workload: H2Workload,
  { contender, port }: RunningServer,
  { cores, folder, root }: Surroundings,
): Promise<Load> {
  await checkFiles(workload, port, root);
  const { connections, streams, files, fieldLines } = workload;
  const scheme = workload.listener === "https" ? "https" : "http";
  const list = join(folder, `${workload.name}-${contender.name}-${port}.txt`);
  writeFileSync(list, files.map(({ name }) => `${scheme}://127.0.0.1:${port}/${name}\n`).join(""));

  async function run(seconds: number): Promise<LoadRun> {
    const shape = [`-c${connections}`, `-m${streams}`, "-D", `${Math.round(seconds * 1000)}ms`];
    const fields = fieldLines.flatMap((line) => ["-H", line]);
    const child = spawnChild(onCore(cores, cores.client, ["h2load", ...shape, ...fields, "-i", list]));
    const giveUp = setTimeout(() => child.process.kill("SIGKILL"), seconds * 1000 + OVERTIME_MS);
    try {
      const output = await new Response(child.process.stdout as ReadableStream<Uint8Array>).text();
      await child.process.exited;
      const usage = child.process.resourceUsage();
      const cpuMicroseconds = usage ? Number(usage.cpuTime.total) : NaN;
      const microseconds = seconds * 1e6;
      return toRun(workload, parseH2loadOutput(output), microseconds, cpuMicroseconds / microseconds);
    } finally {
      clearTimeout(giveUp);
      await endChild(child);
    }
  }

  return { run };
}

/**
 * Other clients than wrk against saker: `ab -k -n 100000 -c 100`, and curl over a thousand files. Not a measurement: nothing may fail.
 *
 * In:    the contender (saker), where things are.
 * Out:   `ClientResult` per client that is installed.
 * Keeps: both are ended after `CLIENT_MS`; what they had not done by then counts as failed. curl's every response must
 *        be 200 and of the file's size.
 * Source: ab(1), curl(1) --write-out.
 */
import { endChild, spawnChild } from "./children.ts";
import type { Contender } from "./contender.ts";
import { onCore } from "./cores.ts";
import { FILES, ZIPF_COUNT, ZIPF_OCTETS } from "./document-root.ts";
import type { ClientResult } from "./result.ts";
import { startServer, stopServer, type Surroundings } from "./running-server.ts";

const AB_REQUESTS = 100_000;
const AB_CONNECTIONS = 100;
const CLIENT_MS = 60_000;

/** Failed requests in ab's report of so many: failed, answered otherwise than 2xx, or never done. */
export function parseAbFailures(output: string, requests: number): number {
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)$`, "m").exec(output)?.[1] ?? 0);
  const undone = requests - number("Complete requests");
  return undone + number("Failed requests") + number("Write errors") + number("Non-2xx responses");
}

/** Failed requests in curl's lines "status octets", one for each of the files of these sizes, in order. */
export function parseCurlFailures(output: string, sizes: readonly number[]): number {
  const lines = output.trim().split("\n");
  return sizes.filter((octets, index) => lines[index] !== `200 ${octets}`).length;
}

async function outputOf(command: readonly string[], around: Surroundings): Promise<string> {
  const child = spawnChild(onCore(around.cores, around.cores.client, command));
  const giveUp = setTimeout(() => child.process.kill("SIGKILL"), CLIENT_MS);
  try {
    return await new Response(child.process.stdout as ReadableStream<Uint8Array>).text();
  } finally {
    clearTimeout(giveUp);
    await endChild(child);
  }
}

async function runAb(port: number, around: Surroundings): Promise<ClientResult> {
  const words = ["ab", "-q", "-k", "-n", String(AB_REQUESTS), "-c", String(AB_CONNECTIONS)];
  const output = await outputOf([...words, `http://127.0.0.1:${port}/${FILES.hot.name}`], around);
  return { client: words.join(" "), requests: AB_REQUESTS, failed: parseAbFailures(output, AB_REQUESTS) };
}

async function runCurl(port: number, around: Surroundings): Promise<ClientResult> {
  const words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}\\n"];
  const output = await outputOf([...words, `http://127.0.0.1:${port}/zipf/[000-${ZIPF_COUNT - 1}].bin`], around);
  return { client: "curl, every file once", requests: ZIPF_COUNT, failed: parseCurlFailures(output, ZIPF_OCTETS) };
}

export async function runOtherClients(contender: Contender, around: Surroundings): Promise<ClientResult[]> {
  const server = await startServer(contender, around);
  try {
    const results: ClientResult[] = [];
    if (Bun.which("ab") !== null) results.push(await runAb(server.port, around));
    if (Bun.which("curl") !== null) results.push(await runCurl(server.port, around));
    return results;
  } finally {
    await stopServer(server);
  }
}

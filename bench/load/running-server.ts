/**
 * A contender that is running: started, answering, and ended again.
 *
 * In:    the contender, what it shall speak, the document root, the run's temporary folder, the cores.
 * Out:   `RunningServer`, ready for load.
 * Units: milliseconds.
 * Keeps: a server that doesn't answer within `READY_MS` is ended and reported with its last words.
 */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { descriptorsPerProcess, endChild, hasEnded, lastWords, spawnChild, type Child } from "./children.ts";
import type { Certificate } from "./certificate.ts";
import type { Contender, Listener } from "./contender.ts";
import { onCore, type Cores } from "./cores.ts";
import { FILES } from "./document-root.ts";
import { freePort } from "./free-port.ts";
import { Http2Client } from "./http2-client.ts";
import { exchange } from "./plain-client.ts";
import { getRequest } from "./workloads.ts";

export interface Surroundings {
  cores: Cores;
  /** The document root. */
  root: string;
  /** Everything else of this run; removed at its end. */
  folder: string;
  /** null where nobody speaks TLS. */
  certificate: Certificate | null;
}

export interface RunningServer {
  contender: Contender;
  child: Child;
  pid: number;
  port: number;
  /** From just before the spawn to the last octet of the first 200. */
  startUpMs: number;
}

const READY_MS = 15_000;
const POLL_MS = 1;

async function statusOfHot(port: number, listener: Listener): Promise<number> {
  if (listener === "h2c") {
    await using client = await Http2Client.connect(port, listener);
    return (await client.get(FILES.hot.name)).status;
  }
  const options = { timeoutMs: 5000, isSecure: listener === "https" };
  const { responses } = await exchange(port, getRequest(port, FILES.hot.name), 1, options);
  return responses[0]!.status;
}

async function firstAnswer(child: Child, port: number, listener: Listener): Promise<void> {
  const deadline = performance.now() + READY_MS;
  let reason = "never tried";
  while (performance.now() < deadline) {
    if (hasEnded(child)) throw new Error(`ended at once: ${lastWords(child) || `exit ${child.process.exitCode}`}`);
    try {
      const status = await statusOfHot(port, listener);
      if (status === 200) return;
      reason = `status ${status}`;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`no answer within ${READY_MS} ms (${reason}) ${lastWords(child)}`);
}

export async function startServer(
  contender: Contender,
  around: Surroundings,
  listener: Listener = "http",
): Promise<RunningServer> {
  const port = freePort();
  const folder = mkdtempSync(join(around.folder, `${contender.name}-`));
  const descriptors = Math.min(descriptorsPerProcess(), 100_000);
  const { root } = around;
  const certificate = listener === "https" ? around.certificate : null;
  const { command, env } = contender.launch({ root, port, folder, descriptors, listener, certificate });
  const started = performance.now();
  const child = spawnChild(onCore(around.cores, around.cores.server, command), {
    logPath: join(folder, "output.log"),
    env,
    cwd: folder,
  });
  try {
    await firstAnswer(child, port, listener);
  } catch (error) {
    await endChild(child);
    throw error;
  }
  return { contender, child, pid: child.process.pid, port, startUpMs: performance.now() - started };
}

export async function stopServer(server: RunningServer): Promise<void> {
  await endChild(server.child);
}

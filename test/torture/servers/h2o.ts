/**
 * h2o as the yardstick of HTTP/2: the same files, as many threads as others have workers, the same limits where it has them.
 *
 * Out:   a running server on ports of its own; null when h2o isn't installed.
 * Keeps: one process; its threads are its workers.
 * Source: h2o.examp1e.net/configure.html.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../bench/load/free-port.ts";
import { until } from "../../support/deadline.ts";
import { isAlive } from "../../support/processes.ts";
import { RawClient } from "../../support/raw-client.ts";
import type { ServerUnderTorture, Surroundings } from "./server-under-torture.ts";

export function isH2oInstalled(): boolean {
  return Bun.which("h2o") !== null;
}

function configuration(port: number, securePort: number, folder: string, surroundings: Surroundings): string {
  const { root, workers, certificate, headerTimeoutSeconds = 10, timeoutSeconds = 30 } = surroundings;
  const secure =
    certificate === undefined
      ? ""
      : `
listen:
  host: 127.0.0.1
  port: ${securePort}
  ssl:
    certificate-file: ${certificate.certificate}
    key-file: ${certificate.key}`;
  return `${process.getuid?.() === 0 ? "user: root" : ""}
listen:
  host: 127.0.0.1
  port: ${port}${secure}
num-threads: ${workers}
max-connections: 16000
pid-file: ${folder}/h2o.pid
error-log: ${folder}/error.log
handshake-timeout: ${headerTimeoutSeconds}
http1-request-timeout: ${headerTimeoutSeconds}
http2-idle-timeout: ${timeoutSeconds}
hosts:
  default:
    paths:
      /:
        file.dir: ${root}
`;
}

export async function startH2o(surroundings: Surroundings): Promise<ServerUnderTorture | null> {
  if (!isH2oInstalled()) return null;
  const folder = await mkdtemp(join(tmpdir(), "saker-torture-h2o-"));
  const port = freePort();
  const securePort = surroundings.certificate === undefined ? 0 : freePort();
  writeFileSync(join(folder, "h2o.yaml"), configuration(port, securePort, folder, surroundings));
  const child = Bun.spawn(["h2o", "-m", "worker", "-c", join(folder, "h2o.yaml")], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const server: ServerUnderTorture = {
    name: "h2o",
    port,
    securePort,
    pid: child.pid,
    workerPids: () => [child.pid],
    signal: (name) => void child.kill(name),
    stopPolitely: () => void child.kill("SIGTERM"),
    exited: child.exited.then((code) => child.signalCode ?? code),
    isAlive: () => isAlive(child.pid),
    async [Symbol.asyncDispose]() {
      if (isAlive(child.pid)) child.kill("SIGKILL");
      await child.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
  await until(async () => {
    const client = await RawClient.connect(port).catch(() => null);
    client?.close();
    return client !== null;
  }, "h2o listens");
  return server;
}

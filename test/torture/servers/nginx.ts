/**
 * nginx as the yardstick: the same files, the same number of workers, the same limits, no access log.
 *
 * Out:   a running server on a port of its own; null when nginx isn't installed.
 * Source: nginx.org/en/docs/control.html for the signals.
 */
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../bench/load/free-port.ts";
import { until } from "../../support/deadline.ts";
import { childrenOf, commandLineOf, isAlive } from "../../support/processes.ts";
import { RawClient } from "../../support/raw-client.ts";
import type { ServerUnderTorture, Surroundings } from "./server-under-torture.ts";

export function isNginxInstalled(): boolean {
  return Bun.which("nginx") !== null;
}

/** With HTTP/2's limits as nginx has them. */
function secureServer(port: number, { certificate, root }: Surroundings): string {
  if (certificate === undefined) return "";
  const files = `ssl_certificate ${certificate.certificate}; ssl_certificate_key ${certificate.key};`;
  return `server { listen 127.0.0.1:${port} ssl http2 backlog=4096; ${files} ssl_protocols TLSv1.2 TLSv1.3; root ${root}; location / { } }`;
}

function configuration(port: number, securePort: number, folder: string, surroundings: Surroundings): string {
  const { root, workers, headerTimeoutSeconds = 10, timeoutSeconds = 30 } = surroundings;
  return `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log crit;
worker_processes ${workers};
worker_rlimit_nofile 16384;
worker_shutdown_timeout 30s;
events { worker_connections 16000; }
http {
  types { }
  default_type application/octet-stream;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  access_log off; sendfile on; tcp_nopush on;
  client_header_timeout ${headerTimeoutSeconds}s; client_body_timeout ${timeoutSeconds}s; send_timeout ${timeoutSeconds}s;
  keepalive_timeout 65s; keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; location / { } }
  ${secureServer(securePort, surroundings)}
}
`;
}

export async function startNginx(surroundings: Surroundings): Promise<ServerUnderTorture | null> {
  if (!isNginxInstalled()) return null;
  const folder = await mkdtemp(join(tmpdir(), "saker-torture-nginx-"));
  const port = freePort();
  const securePort = surroundings.certificate === undefined ? 0 : freePort();
  writeFileSync(join(folder, "nginx.conf"), configuration(port, securePort, folder, surroundings));
  const child = Bun.spawn(["nginx", "-p", folder, "-c", join(folder, "nginx.conf")], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const workerPids = () => childrenOf(child.pid).filter((pid) => commandLineOf(pid)[0]?.includes("worker") ?? false);
  const server: ServerUnderTorture = {
    name: "nginx",
    port,
    securePort,
    pid: child.pid,
    workerPids,
    signal: (name) => void child.kill(name),
    stopPolitely: () => void child.kill("SIGQUIT"),
    exited: child.exited.then((code) => child.signalCode ?? code),
    isAlive: () => isAlive(child.pid),
    async [Symbol.asyncDispose]() {
      const workers = workerPids();
      if (isAlive(child.pid)) child.kill("SIGKILL");
      await child.exited;
      for (const pid of workers) if (isAlive(pid)) process.kill(pid, "SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
  await until(async () => {
    const client = await RawClient.connect(port).catch(() => null);
    client?.close();
    return client !== null && workerPids().length >= surroundings.workers;
  }, "nginx listens");
  return server;
}

/**
 * The other servers installed on this machine, each serving the fixture site on a loopback port of its own.
 *
 * In:    nothing but what is on PATH (and /usr/sbin). Out: name and URL of one server at a time, ended afterwards.
 * Keeps: configurations are the plainest that serve files: compression and precompressed neighbours on where the server
 *        has them built in, everything else at its defaults. Only processes started here are ended, by their id.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFixtureSite } from "./fixture-site.ts";

interface Peer {
  readonly name: string;
  readonly executable: string;
  /** The configuration file's text. */
  config(site: string, folder: string, port: number): string;
  command(executable: string, configFile: string, folder: string): string[];
}

const START_TIMEOUT_MS = 5_000;

const PEERS: readonly Peer[] = [
  {
    name: "nginx",
    executable: "nginx",
    config: (site, folder, port) => `
      daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
      events { worker_connections 1024; }
      http {
        types_hash_max_size 4096; include /etc/nginx/mime.types; default_type application/octet-stream;
        access_log off; sendfile on; gzip on; gzip_vary on; gzip_types text/plain text/css text/xml application/javascript application/json image/svg+xml; gzip_static on;
        client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
        server { listen 127.0.0.1:${port}; root ${site}; index index.html; }
      }`,
    command: (executable, configFile, folder) => [
      executable,
      "-c",
      configFile,
      "-p",
      folder,
      "-e",
      `${folder}/error.log`,
    ],
  },
  {
    name: "Caddy",
    executable: "caddy",
    config: (site, folder, port) => `
{
	admin off
	auto_https off
	storage file_system ${folder}
}
http://:${port} {
	bind 127.0.0.1
	root * ${site}
	encode zstd gzip
	file_server {
		precompressed zstd br gzip
	}
}
`,
    command: (executable, configFile) => [executable, "run", "--adapter", "caddyfile", "--config", configFile],
  },
  {
    name: "lighttpd",
    executable: "lighttpd",
    config: (site, folder, port) => `
      server.document-root = "${site}"
      server.bind = "127.0.0.1"
      server.port = ${port}
      server.errorlog = "${folder}/error.log"
      server.modules = ("mod_deflate")
      index-file.names = ("index.html")
      deflate.mimetypes = ("text/", "application/json", "image/svg+xml")
      deflate.allowed-encodings = ("gzip", "br", "zstd")
      include_shell "/usr/share/lighttpd/create-mime.conf.pl"
    `,
    command: (executable, configFile) => [executable, "-D", "-f", configFile],
  },
  {
    name: "h2o",
    executable: "h2o",
    config: (site, _folder, port) => `
num-threads: 1
compress: [gzip, br]
file.send-compressed: ON
listen: { host: 127.0.0.1, port: ${port} }
hosts:
  default:
    paths:
      "/":
        file.dir: ${site}
`,
    command: (executable, configFile) => [executable, "-m", "worker", "-c", configFile],
  },
];

/** Calls `judge` for each server that is installed and could be started, one after the other. */
export async function withPeers(judge: (name: string, url: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    await chmod(folder, 0o755); // Servers that are started by root read the site as another user.
    const site = join(folder, "site");
    await makeFixtureSite(site);
    for (const peer of PEERS) {
      const executable = Bun.which(peer.executable, { PATH: `${process.env.PATH}:/usr/sbin` });
      if (executable) await judgePeer(peer, executable, site, join(folder, peer.name), judge);
      else console.error(`conformance: ${peer.name} is not installed`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function judgePeer(
  peer: Peer,
  executable: string,
  site: string,
  folder: string,
  judge: (name: string, url: string) => Promise<void>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const port = await findFreePort();
  const configFile = join(folder, "config");
  await writeFile(configFile, peer.config(site, folder, port));
  const server = Bun.spawn(peer.command(executable, configFile, folder), {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: folder },
  });
  try {
    if (await answersOn(port)) await judge(peer.name, `http://127.0.0.1:${port}`);
    else console.error(`conformance: ${peer.name} did not start`);
  } finally {
    server.kill("SIGTERM");
    const ended = await Promise.race([server.exited.then(() => true), Bun.sleep(START_TIMEOUT_MS).then(() => false)]);
    if (!ended) server.kill("SIGKILL");
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

async function answersOn(port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    try {
      await fetch(`http://127.0.0.1:${port}/probe.txt`);
      return true;
    } catch {
      // Not listening yet; the deadline bounds how often this is asked.
      await Bun.sleep(50);
    }
  }
  return false;
}

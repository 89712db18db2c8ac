/**
 * Servers installed on this machine, each serving the fixture site on a loopback port of its own.
 *
 * In:    descriptions of servers: executable, configuration, command line. Out: name and URL of one server at a time.
 * Keeps: only processes started here are ended, by their id; what they were given is removed at the end.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFixtureSite } from "./fixture-site.ts";

/** Where a server is to find what it needs. */
export interface Place {
  readonly site: string;
  /** A folder of its own. */
  readonly folder: string;
  readonly port: number;
  /** PEM files; there only where peers speak TLS. */
  readonly certificate: string;
  readonly key: string;
}

export interface Peer {
  readonly name: string;
  readonly executable: string;
  /** The configuration file's text. */
  config(place: Place): string;
  command(executable: string, configFile: string, place: Place): string[];
}

type Judge = (name: string, url: string) => Promise<void>;

const START_TIMEOUT_MS = 5_000;

/** Calls `judge` for each server that is installed and could be started, one after the other. */
export async function withPeers(peers: readonly Peer[], scheme: "http" | "https", judge: Judge): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    await chmod(folder, 0o755); // Servers that are started by root read the site as another user.
    const site = join(folder, "site");
    await makeFixtureSite(site);
    const pems = scheme === "https" ? makeCertificate(folder) : { certificate: "", key: "" };
    for (const peer of peers) {
      const executable = Bun.which(peer.executable, { PATH: `${process.env.PATH}:/usr/sbin` });
      const place = async () => ({ site, folder: join(folder, peer.name), port: await findFreePort(), ...pems });
      if (executable) await judgePeer(peer, executable, await place(), scheme, judge);
      else console.error(`conformance: ${peer.name} is not installed`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A self-signed certificate for loopback, by the openssl command. */
export function makeCertificate(folder: string): { certificate: string; key: string } {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost".split(
    " ",
  );
  const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const made = Bun.spawnSync(["openssl", ...options, ...names, "-keyout", key, "-out", certificate]);
  if (made.exitCode !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  return { certificate, key };
}

async function judgePeer(
  peer: Peer,
  executable: string,
  place: Place,
  scheme: "http" | "https",
  judge: Judge,
): Promise<void> {
  await mkdir(place.folder, { recursive: true });
  const configFile = join(place.folder, "config");
  await writeFile(configFile, peer.config(place));
  const server = Bun.spawn(peer.command(executable, configFile, place), {
    stdio: ["ignore", "ignore", "ignore"],
    env: { ...process.env, HOME: place.folder },
  });
  const url = `${scheme}://127.0.0.1:${place.port}`;
  try {
    if (await answersOn(place.port)) await judge(peer.name, url);
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

/** Whether somebody listens there, before long. */
async function answersOn(port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
      socket.end();
      return true;
    } catch {
      // Not listening yet; the deadline bounds how often this is asked.
      await Bun.sleep(50);
    }
  }
  return false;
}

/**
 * A certificate authority for tests: Debian's `pebble`, and `pebble-challtestsrv` as the name server it asks.
 *
 * In:    the ports at which it looks for proofs, its habits (see PebbleOptions).
 * Out:   its directory and whom to trust, its roots, what it knows of a certificate; TXT records.
 * Keeps: loopback and free ports; every name leads to 127.0.0.1. At the end of the scope both processes and the folder are gone.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueAuthority, issueForServer } from "../../../../src/tls/x509/issue.ts";
import { until } from "../../../support/deadline.ts";

const PROGRAMS = ["pebble", "pebble-challtestsrv"].map((name) => Bun.which(name));
export const isPebbleHere = PROGRAMS.every((path) => path !== null);
export const pebbleIsMissing = isPebbleHere ? "" : " (skipped: pebble is not installed)";

export interface PebbleOptions {
  readonly httpPort?: number;
  readonly tlsPort?: number;
  /** Per cent of good nonces that it refuses. */
  readonly refusedNonces?: number;
  /** Longest time before a validation begins. */
  readonly delaySeconds?: number;
  /** Key identifiers and keys of customers; only they get accounts. */
  readonly customers?: Readonly<Record<string, string>>;
  readonly alternateRoots?: number;
  /** Per cent of valid authorizations that count for later orders. */
  readonly reusedAuthorizations?: number;
}

/** How long clients shall wait between two looks: it knows whole seconds only, and takes three and five where it isn't told. */
const RETRY_AFTER_SECONDS = { authz: 1, order: 1 };

/** Below the ports that the system gives to outgoing connections (ip_local_port_range), which would take one of them meanwhile. */
const PORTS = { first: 20_000, count: 12_000 };

/** Of tests that run at the same time each gets others. */
const given = new Set<number>();

/** A port that nobody listens on now, for TCP and UDP, and that was given to nobody else. */
export async function freePort(): Promise<number> {
  const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
  if (given.has(port)) return await freePort();
  given.add(port);
  try {
    const listener = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
    listener.stop(true);
    const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port });
    socket.close();
    return port;
  } catch {
    return await freePort();
  }
}

export class Pebble implements AsyncDisposable {
  constructor(
    readonly directoryUrl: string,
    /** PEM of who vouches for the directory's own certificate, and a file that holds it. */
    readonly authorities: string,
    readonly authoritiesFile: string,
    private readonly managementUrl: string,
    private readonly dnsUrl: string,
    private readonly folder: string,
    private readonly children: readonly Bun.Subprocess[],
  ) {}

  /** The root of the certificates it issues. */
  async root(number = 0): Promise<string> {
    return await (await this.ask(`${this.managementUrl}/roots/${number}`)).text();
  }

  /** `Valid` or `Revoked`. */
  async statusOf(serial: string): Promise<string> {
    const answer = await this.ask(`${this.managementUrl}/cert-status-by-serial/${serial.toLowerCase()}`);
    return ((await answer.json()) as { Status: string }).Status;
  }

  async addTxt(name: string, value: string): Promise<void> {
    await fetch(`${this.dnsUrl}/set-txt`, { method: "POST", body: JSON.stringify({ host: `${name}.`, value }) });
  }

  async clearTxt(name: string): Promise<void> {
    await fetch(`${this.dnsUrl}/clear-txt`, { method: "POST", body: JSON.stringify({ host: `${name}.` }) });
  }

  /** Where hooks add and clear TXT records. */
  get nameServerUrl(): string {
    return this.dnsUrl;
  }

  private ask(url: string): Promise<Response> {
    return fetch(url, { tls: { ca: this.authorities } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) child.kill("SIGKILL");
    await Promise.all(this.children.map((child) => child.exited));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const [port, management, dns, dnsManagement] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const folder = mkdtempSync(join(tmpdir(), "saker-pebble-"));
  const authority = writeFiles(folder, options, port, management);
  const nameServer = ["-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${dnsManagement}`, "-defaultIPv6", ""];
  const unused = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
  const children = [
    spawn(["pebble-challtestsrv", ...nameServer, ...unused]),
    spawn(
      ["pebble", "-strict", "-dnsserver", `127.0.0.1:${dns}`, "-config", join(folder, "pebble.json")],
      habits(options),
    ),
  ];
  const directoryUrl = `https://127.0.0.1:${port}/dir`;
  const pebble = new Pebble(
    directoryUrl,
    authority,
    join(folder, "authority.pem"),
    `https://127.0.0.1:${management}`,
    `http://127.0.0.1:${dnsManagement}`,
    folder,
    children,
  );
  try {
    await until(() => answers(directoryUrl, authority), "pebble answers");
    await until(() => answers(`http://127.0.0.1:${dnsManagement}/`, authority), "its name server answers");
    return pebble;
  } catch (error) {
    await pebble[Symbol.asyncDispose]();
    throw error;
  }
}

function writeFiles(folder: string, options: PebbleOptions, port: number, management: number): string {
  const period = { notBeforeMs: Date.now() - 3_600_000, notAfterMs: Date.now() + 86_400_000 };
  const authority = issueAuthority("tests", "tests", period);
  const own = issueForServer(["127.0.0.1", "localhost"], authority, period);
  writeFileSync(join(folder, "authority.pem"), authority.certificate);
  writeFileSync(join(folder, "certificate.pem"), own.certificate);
  writeFileSync(join(folder, "key.pem"), own.key);
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: join(folder, "certificate.pem"),
    privateKey: join(folder, "key.pem"),
    httpPort: options.httpPort ?? 1,
    tlsPort: options.tlsPort ?? 1,
    ocspResponderURL: "",
    externalAccountBindingRequired: options.customers !== undefined,
    externalAccountMACKeys: options.customers ?? {},
    retryAfter: RETRY_AFTER_SECONDS,
  };
  writeFileSync(join(folder, "pebble.json"), JSON.stringify({ pebble }));
  return authority.certificate;
}

function habits({ refusedNonces = 0, delaySeconds = 0, alternateRoots = 0, reusedAuthorizations = 0 }: PebbleOptions) {
  return {
    PEBBLE_WFE_NONCEREJECT: String(refusedNonces),
    PEBBLE_AUTHZREUSE: String(reusedAuthorizations),
    PEBBLE_ALTERNATE_ROOTS: String(alternateRoots),
    ...(delaySeconds === 0 ? { PEBBLE_VA_NOSLEEP: "1" } : { PEBBLE_VA_SLEEPTIME: String(delaySeconds) }),
  };
}

function spawn(command: readonly string[], env: Readonly<Record<string, string>> = {}): Bun.Subprocess {
  return Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    env: { ...process.env, ...env },
  });
}

async function answers(url: string, ca: string): Promise<boolean> {
  try {
    await (await fetch(url, { tls: { ca } })).arrayBuffer();
    return true;
  } catch {
    return false; // not yet
  }
}

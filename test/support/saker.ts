/**
 * Starts the real server for a test and takes it down again, whatever the test did to it.
 *
 * In:    command line, configuration text, site files, environment; from source, or a compiled executable.
 * Out:   `Saker`: its port, process id, output so far, and how it ended. Or `CommandResult` for commands that end by themselves.
 * Units: milliseconds.
 * Keeps: port 0, loopback, a stats file of its own: servers of parallel runs never meet. At the end of the scope
 *        the master, its workers, its stats file and its site are gone.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEADLINE_MS, until, within } from "./deadline.ts";
import { PROJECT } from "./executable.ts";
import { type Metrics, parseMetrics } from "./metrics.ts";
import { childrenOf, commandLineOf, isAlive } from "./processes.ts";
import { type ConnectOptions, RawClient, type TlsChoice } from "./raw-client.ts";
import type { ClientResponse } from "./response.ts";
import { createSite, Site, type SiteFiles } from "./site.ts";

export interface SakerOptions {
  /** TOML. Keys it doesn't set get the quiet defaults of `testSettings`. A function is given the site first. */
  config?: string | ((site: Site) => string);
  /** Settings of `testSettings` to leave to the server's own defaults. */
  omit?: readonly string[];
  /** Command line after `--config FILE`. */
  args?: readonly string[];
  /** Files to serve, or a site the test keeps for itself (and disposes of). */
  site?: SiteFiles | Site;
  env?: Readonly<Record<string, string>>;
  /** Path of a compiled executable; from source without it. */
  executable?: string;
  /** Put before the command, for example `["setpriv", "--reuid=65534", …]`. */
  wrapper?: readonly string[];
}

/** Settings of a test server unless its configuration says otherwise: one worker, loopback, a free port, no access log. */
function testSettings(site: Site, statsFile: string): Record<string, string> {
  return {
    host: `"127.0.0.1"`,
    port: "0",
    num_workers: "1",
    document_root: JSON.stringify(site.root),
    access_log: "false",
    stats_file: JSON.stringify(statsFile),
  };
}

const LISTENING = /listening on (https?:\/\/\S+:(\d+))/;
const LISTENING_SECURELY = /listening on https:\/\/\S+:(\d+)/;

export class Saker implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #ownsSite: boolean;
  readonly #readers: { cancel(): Promise<void> }[] = [];
  /** When it was first seen ready without a word. */
  #readyMs = 0;
  /** Everything printed so far. */
  stdout = "";
  stderr = "";
  port = 0;
  /** As printed: scheme, host and port. */
  url = "";
  readonly pid: number;
  /** Resolves when the master ended: its exit code, or the name of the signal that killed it. */
  readonly exited: Promise<number | string>;

  constructor(
    readonly site: Site,
    readonly configFile: string,
    readonly statsFile: string,
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    ownsSite: boolean,
  ) {
    this.#child = child;
    this.#ownsSite = ownsSite;
    this.pid = child.pid;
    const output = Promise.all([
      this.#collect(child.stdout, (text) => (this.stdout += text)),
      this.#collect(child.stderr, (text) => (this.stderr += text)),
    ]);
    this.exited = child.exited.then(async (code) => {
      // Whatever outlives the master must not hold its output open forever.
      await Promise.race([output, Bun.sleep(1000)]);
      return child.signalCode ?? code;
    });
  }

  get output(): string {
    return `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }

  /**
   * Whether the server is ready, and nothing that it has printed came here: when many are started at a time the runtime may forget to
   * read from one (seen with Bun 1.4.5: the octets wait in this process's end of the socket). That says nothing of the server.
   */
  isUnheard(): boolean {
    if (this.stderr !== "" || this.stdout !== "" || !existsSync(`${this.statsFile}.control`)) return false;
    this.#readyMs ||= performance.now();
    return performance.now() - this.#readyMs > UNHEARD_MS;
  }

  /** Process ids of the workers that are alive, oldest first. */
  workerPids(): number[] {
    return childrenOf(this.pid).filter((pid) => commandLineOf(pid).includes("--saker-worker"));
  }

  /** The port of HTTPS, as printed. */
  get httpsPort(): number {
    return Number(LISTENING_SECURELY.exec(this.stderr)![1]);
  }

  /** Waits until exactly `count` workers live, none of them in `except`, and returns their process ids. */
  async workersSettled(count: number, except: readonly number[] = []): Promise<number[]> {
    return until(
      () => {
        const pids = this.workerPids();
        return pids.length === count && !pids.some((pid) => except.includes(pid)) ? pids : null;
      },
      () => `${count} workers live without ${except}: there are ${this.workerPids()}\n${this.output}`,
    );
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends SIGTERM and waits for the end. */
  async stop(deadlineMs = DEADLINE_MS): Promise<number | string> {
    this.signal("SIGTERM");
    return within(this.exited, `the server to stop\n${this.output}`, deadlineMs);
  }

  /** A connection over TLS. */
  async connectSecurely(tls: TlsChoice = {}, options: ConnectOptions = {}): Promise<RawClient> {
    await this.printed(LISTENING_SECURELY);
    return RawClient.connect(this.httpsPort, { ...options, tls });
  }

  connect(options: ConnectOptions = {}): Promise<RawClient> {
    return RawClient.connect(this.port, options);
  }

  /** One request on a connection of its own, which is closed afterwards. `lines` are further field lines. */
  async get(target: string, lines: readonly string[] = [], method = "GET"): Promise<ClientResponse> {
    await using client = await this.connect();
    return await client.request(requestOctets(target, lines, method));
  }

  async metrics(): Promise<Metrics> {
    const response = await this.get("/metrics");
    if (response.status !== 200) throw new Error(`/metrics gave ${response.status}`);
    return parseMetrics(response.text);
  }

  /** Waits for text in what the server printed to either stream. */
  async printed(pattern: RegExp, deadlineMs = DEADLINE_MS): Promise<RegExpExecArray> {
    return until(
      () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr),
      () => `the server prints ${pattern}\n${this.output}`,
      deadlineMs,
    );
  }

  /** Replaces the configuration file's text; keys it doesn't set get the defaults of the start, the port included. */
  async configure(config: string): Promise<void> {
    await writeFile(this.configFile, completeConfig(config, testSettings(this.site, this.statsFile)));
  }

  /** Ends reading what the server prints: from now on it writes into pipes without a reader (EPIPE). */
  async closeOutput(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.cancel()));
  }

  async #collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    const reader = stream.getReader();
    this.#readers.push(reader);
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      add(decoder.decode(value, { stream: true }));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const workers = this.workerPids();
    if (isAlive(this.pid)) this.#child.kill("SIGKILL");
    await this.exited;
    for (const pid of workers) {
      // Stopped workers can't notice that their master died.
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
    for (const file of ["", ".clients", ".connections", ".control"].map((suffix) => this.statsFile + suffix))
      await rm(file, { force: true });
    if (this.#ownsSite) await this.site[Symbol.asyncDispose]();
  }
}

/** The octets of a small request with Host. */
export function requestOctets(target: string, lines: readonly string[] = [], method = "GET"): string {
  return [`${method} ${target} HTTP/1.1`, "Host: test.example", ...lines, "", ""].join("\r\n");
}

/** How long a server may be ready before its output is taken for lost. */
const UNHEARD_MS = 2000;

/** Starts a server and waits until it listens. */
export async function startSaker(options: SakerOptions = {}): Promise<Saker> {
  const saker = await spawnSaker(options);
  try {
    await until(
      () => LISTENING.test(saker.stderr) || !isAlive(saker.pid) || saker.isUnheard(),
      () => `the server listens\n${saker.output}`,
    );
    if (saker.isUnheard()) {
      await saker[Symbol.asyncDispose]();
      return await startSaker(options);
    }
    if (!LISTENING.test(saker.stderr)) {
      throw new Error(`the server ended with ${await saker.exited} before it listened\n${saker.output}`);
    }
    const [, url, port] = LISTENING.exec(saker.stderr)!;
    saker.url = url!;
    saker.port = Number(port);
    return saker;
  } catch (error) {
    await saker[Symbol.asyncDispose]();
    throw error;
  }
}

/** Servers that have not ended: those that are left when this process ends, by whatever way, are told to stop. */
const running = new Set<Bun.Subprocess>();
process.on("exit", () => running.forEach((child) => child.kill("SIGTERM")));

/** Starts a server that need not come up; for tests of starting itself. */
export async function spawnSaker(options: SakerOptions = {}): Promise<Saker> {
  const ownsSite = !(options.site instanceof Site);
  const site = options.site instanceof Site ? options.site : await createSite(options.site ?? {});
  const statsFile = temporaryStatsFile();
  const configFile = join(site.folder, `saker-${randomUUID()}.toml`);
  const config = typeof options.config === "function" ? options.config(site) : (options.config ?? "");
  const defaults = testSettings(site, statsFile);
  for (const name of options.omit ?? []) delete defaults[name];
  await writeFile(configFile, completeConfig(config, defaults));
  const child = Bun.spawn(
    [...(options.wrapper ?? []), ...command(options.executable), "--config", configFile, ...(options.args ?? [])],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe", cwd: site.folder, env: cleanEnvironment(options.env) },
  );
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return new Saker(site, configFile, statsFile, child, ownsSite);
}

export interface CommandResult {
  exitCode: number | string;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  executable?: string;
  wrapper?: readonly string[];
  deadlineMs?: number;
}

/** Runs a command that ends by itself; one that does not is killed at the deadline and the test fails. */
export async function runSaker(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = Bun.spawn([...(options.wrapper ?? []), ...command(options.executable), ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnvironment(options.env),
  });
  try {
    const [, stdout, stderr] = await within(
      Promise.all([child.exited, child.stdout.text(), child.stderr.text()]),
      `saker ${args.join(" ")} to end`,
      options.deadlineMs,
    );
    return { exitCode: child.signalCode ?? child.exitCode!, stdout, stderr };
  } finally {
    child.kill("SIGKILL");
  }
}

/** A unique stats file name, where the server would put its own: memory when there is a file system in memory. */
export function temporaryStatsFile(): string {
  return join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), `saker-test-${randomUUID()}`);
}

/** Top-level keys of `config` win; the others go before it, since keys after a table header would belong to the table. */
function completeConfig(config: string, defaults: Record<string, string>): string {
  // Keys of the top alone: a table may have a `port` or a `document_root` of its own.
  const top = config.split(/^\s*\[/m, 1)[0]!;
  const isSet = (key: string) => new RegExp(`^\\s*"?${key}"?\\s*=`, "m").test(top);
  const missing = Object.entries(defaults).filter(([key]) => !isSet(key));
  return `${missing.map(([key, value]) => `${key} = ${value}\n`).join("")}${config}\n`;
}

function command(executable: string | undefined): string[] {
  return executable ? [executable] : [process.execPath, join(PROJECT, "src/main.ts")];
}

/** The environment without what belongs to the test run: SAKER_* and the NODE_ENV that `bun test` sets. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SAKER_") && name !== "PORT");
  return { ...Object.fromEntries(inherited), NO_COLOR: "1", ...extra };
}

/**
 * A real master with fake workers (fixtures/) as a child process of the test.
 *
 * In:    settings; the quiet defaults below hold unless given.
 * Out:   its address, output and end; requests over connections of their own.
 * Keeps: at the end of the scope the master, its workers and its folder are gone.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../src/config/settings.ts";
import { Gauge } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { snapshotSegment } from "../../src/stats/segment.ts";
import { DEADLINE_MS, until, within } from "../support/deadline.ts";
import { childrenOf, isAlive } from "../support/processes.ts";

const FIXTURE = join(import.meta.dir, "fixtures/master.ts");

/** What a fake worker says of itself. */
export type Identity = { pid: number; workerIndex: number; generation: number; header: string };

export type MasterOptions = {
  settings?: Partial<Settings>;
  env?: Record<string, string>;
  /** Instead of Bun and the fixture's source: a compiled fixture. */
  executable?: string;
  /** Another fixture's source. */
  program?: string;
};

export class MasterUnderTest implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "saker-master-"));
  readonly statsFile = join(this.folder, "stats");
  readonly pidFile = join(this.folder, "pid");
  readonly settingsFile = join(this.folder, "settings.json");
  readonly child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  stdout = "";
  stderr = "";
  readonly exited: Promise<number | string>;
  private readonly base: Partial<Settings>;

  constructor({ settings = {}, env = {}, executable, program = FIXTURE }: MasterOptions) {
    this.base = {
      host: "127.0.0.1",
      port: 0,
      num_workers: 1,
      document_root: this.folder,
      stats_file: this.statsFile,
      pid_file: this.pidFile,
      stats_interval_seconds: 0,
      shutdown_timeout_seconds: 10,
      server_header: "first",
      confine: false, // the fake worker has no first stage
      ...settings,
    };
    this.configure({});
    const command = executable === undefined ? [process.execPath, program] : [executable];
    this.child = Bun.spawn([...command, this.settingsFile], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      cwd: this.folder,
      env: { ...process.env, ...env },
    });
    const output = Promise.all([
      collect(this.child.stdout, (text) => (this.stdout += text)),
      collect(this.child.stderr, (text) => (this.stderr += text)),
    ]);
    this.exited = this.child.exited.then(async (code) => {
      await Promise.race([output, Bun.sleep(500)]);
      return this.child.signalCode ?? code;
    });
  }

  /** Starts one and waits until it listens. */
  static async start(options: MasterOptions = {}): Promise<MasterUnderTest> {
    const master = new MasterUnderTest(options);
    await master.printed(/listening on/);
    return master;
  }

  get pid(): number {
    return this.child.pid;
  }

  get port(): number {
    return Number(/listening on http:\/\/\S+:(\d+) /.exec(this.stderr)![1]);
  }

  get output(): string {
    return `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }

  /** Replaces the settings file; takes effect at a reload. */
  configure(settings: Partial<Settings> | string): void {
    const text = typeof settings === "string" ? settings : JSON.stringify({ ...this.base, ...settings });
    writeFileSync(this.settingsFile, text);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  workerPids(): number[] {
    return childrenOf(this.pid);
  }

  /** Waits until exactly `count` workers live, none of them in `except`. */
  workersSettled(count: number, except: readonly number[] = []): Promise<number[]> {
    return until(
      () => {
        const pids = this.workerPids();
        return pids.length === count && !pids.some((pid) => except.includes(pid)) ? pids : null;
      },
      () => `${count} workers live without ${except}: there are ${this.workerPids()}\n${this.output}`,
    );
  }

  printed(pattern: RegExp, deadlineMs = DEADLINE_MS): Promise<RegExpExecArray> {
    return until(
      () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr) ?? this.failIfEnded(pattern),
      () => `the master prints ${pattern}\n${this.output}`,
      deadlineMs,
    );
  }

  ended(deadlineMs = DEADLINE_MS): Promise<number | string> {
    return within(this.exited, `the master to end\n${this.output}`, deadlineMs);
  }

  /** One request on a connection of its own. Rejects if the connection is refused or ends without an answer. */
  async get(path = "/", port = this.port, hostname = "127.0.0.1"): Promise<Identity> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let answer = "";
    const socket = await Bun.connect({
      hostname,
      port,
      socket: {
        open: (connection) => void connection.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`),
        data(_connection, octets) {
          answer += octets.toString("latin1");
          if (answer.endsWith("}")) resolve(answer.slice(answer.indexOf("{")));
        },
        close: () => reject(new Error(`the connection closed without an answer: "${answer}"`)),
        error: (_connection, error) => reject(error),
      },
    });
    try {
      return JSON.parse(await within(promise, `an answer to ${path}\n${this.output}`)) as Identity;
    } finally {
      socket.terminate();
    }
  }

  /** Waits until exactly `count` requests are in flight, as the shared statistics tell. */
  async inFlight(count: number): Promise<void> {
    await until(
      () => readStatistics(snapshotSegment(this.statsFile)).total.cells[Gauge.RequestsInFlight] === count,
      () => `${count} requests are in flight\n${this.output}`,
    );
  }

  private failIfEnded(pattern: RegExp): null {
    if (isAlive(this.pid)) return null;
    if (pattern.test(this.stdout + this.stderr)) return null;
    throw new Error(`the master ended before it printed ${pattern}\n${this.output}`);
  }

  /** What is left of it: living children, statistics file, pid file. Empty when it cleaned up. */
  leftovers(): string[] {
    return [this.statsFile, this.pidFile].filter((path) => existsSync(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const workers = this.workerPids();
    if (isAlive(this.pid)) this.child.kill("SIGKILL");
    await this.exited;
    for (const pid of workers) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Requests one after the other, each on a new connection, until `stop`; every failure is kept. */
export class SteadyClient {
  readonly answers: Identity[] = [];
  readonly failures: string[] = [];
  private isRunning = true;
  private readonly loops: Promise<void>[];

  constructor(
    private readonly master: Pick<MasterUnderTest, "get" | "port">,
    clients = 4,
  ) {
    this.loops = Array.from({ length: clients }, () => this.loop());
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    const port = this.master.port;
    while (this.isRunning) {
      try {
        this.answers.push(await this.master.get("/", port));
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const octets of stream) add(decoder.decode(octets, { stream: true }));
}

/** A socket that takes as many octets as a test allows, and a server behind it: connections without a network. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Socket } from "bun";
import { loadSettings } from "../../src/config/load-settings.ts";
import { createAccessLog } from "../../src/log/access-log.ts";
import { createErrorLog } from "../../src/log/error-log.ts";
import { Counter, Gauge, SlotState } from "../../src/stats/layout.ts";
import { createSegment } from "../../src/stats/segment.ts";
import { Connection } from "../../src/worker/connection.ts";
import { Server } from "../../src/worker/server.ts";
import { until } from "../support/deadline.ts";

export class SlowSocket {
  readonly remoteAddress: string = "127.0.0.1";
  readonly localPort = 8080;
  /** No descriptor: asking the kernel about it gives nothing. */
  readonly fd = -1;
  taken = Buffer.alloc(0);
  isGone = false;
  connection: Connection | null = null;

  /** `room`: octets that it takes before it is full. */
  constructor(public room = Number.POSITIVE_INFINITY) {}

  write(octets: Buffer, start: number, octetCount: number): number {
    if (this.isGone) return -1;
    const count = Math.min(octetCount, this.room);
    this.room -= count;
    this.taken = Buffer.concat([this.taken, octets.subarray(start, start + count)]);
    return count;
  }

  /** The client has read: there is room for more. */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    this.connection!.writable();
  }

  pause(): void {}
  resume(): void {}
  shutdown(): void {}
  close(): void {
    this.terminate();
  }
  terminate(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.connection!.closed();
  }
}

export interface BenchServerOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly config?: string;
}

/** A server without listeners, with an access log. */
export class ServerUnderTest implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "saker-exchange-"));
  readonly server: Server;
  readonly #logPath = join(this.folder, "access.log");
  readonly #log;

  constructor({ files, flags = [], config = "" }: BenchServerOptions) {
    const root = join(this.folder, "site");
    mkdirSync(root);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    const configFile = join(this.folder, "saker.toml");
    writeFileSync(configFile, config);
    const settings = loadSettings({
      argv: [root, "--config", configFile, "--cache-revalidate-ms", "1000000", "--access-log", this.#logPath, ...flags],
      env: {},
      cwd: this.folder,
    });
    const segment = createSegment(join(this.folder, "stats"), { slotCount: 2, workersConfigured: 1 });
    this.#log = createAccessLog({ target: this.#logPath, format: settings.access_log_format })!;
    const slot = segment.slot(segment.claimSlot(0, 1));
    slot.adopt(process.pid);
    slot.state = SlotState.Ready;
    this.server = new Server({
      settings,
      segment,
      slot,
      accessLog: this.#log,
      log: createErrorLog({ target: join(this.folder, "error.log"), level: settings.log_level }),
      version: "test",
      commit: "test",
    });
  }

  connect(room?: number): { socket: SlowSocket; connection: Connection } {
    const socket = new SlowSocket(room);
    const connection = new Connection(this.server);
    socket.connection = connection;
    connection.accepted(socket as unknown as Socket<Connection>, false);
    if (this.server.gate !== null) connection.enter(this.server.gate, true);
    return { socket, connection };
  }

  /** Asks until the answer comes from the cache. */
  async warm(octets: string): Promise<void> {
    const { values } = this.server.slot;
    const before = values[Counter.CacheHits]!;
    await until(async () => {
      const { socket, connection } = this.connect();
      connection.received(Buffer.from(octets, "latin1"));
      await until(() => socket.taken.length > 0, "an answer");
      socket.terminate();
      return values[Counter.CacheHits]! > before;
    }, "an answer from the cache");
    this.lines();
  }

  /** The log's lines since the last call. */
  lines(): string[] {
    this.#log.flush();
    const lines = readFileSync(this.#logPath, "utf8").split("\n").slice(0, -1);
    return lines.slice(this.#linesSeen, (this.#linesSeen = lines.length));
  }
  #linesSeen = 0;

  /** Requests that have finished, were aborted, or are under way. */
  get counts(): { finished: number; aborted: number; inFlight: number } {
    const { values } = this.server.slot;
    const [requests, aborted, inFlight] = [
      values[Counter.Requests]!,
      values[Counter.RequestsAborted]!,
      values[Gauge.RequestsInFlight]!,
    ];
    return { finished: requests - aborted - inFlight, aborted, inFlight };
  }

  [Symbol.dispose](): void {
    this.#log.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

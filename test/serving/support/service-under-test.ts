/** Everything that a worker serves with but its listeners: connections on fake links, with an access log. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings } from "../../../src/config/load-settings.ts";
import { createAccessLog } from "../../../src/log/access-log.ts";
import { createErrorLog } from "../../../src/log/error-log.ts";
import { Counter, Gauge, SlotState } from "../../../src/stats/layout.ts";
import { createSegment } from "../../../src/stats/segment.ts";
import type { Proofs } from "../../../src/process/proofs.ts";
import type { OwnPorts } from "../../../src/process/https-url.ts";
import { Service } from "../../../src/process/service.ts";
import { Client } from "../../../src/serving/client.ts";
import { H1Connection } from "../../../src/serving/h1-connection.ts";
import type { HostContexts } from "../../../src/tls/host-contexts.ts";
import { until } from "../../support/deadline.ts";
import { FakeLink } from "./fake-link.ts";

export interface ServiceOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly config?: string;
  readonly proofs?: Proofs;
  /** Of HTTPS. */
  readonly contexts?: HostContexts;
  readonly ports?: OwnPorts;
}

export class ServiceUnderTest implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "saker-exchange-"));
  readonly service: Service;
  readonly #logPath = join(this.folder, "access.log");
  readonly #log;

  constructor({ files, flags = [], config = "", proofs, contexts, ports }: ServiceOptions) {
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
    this.service = new Service({
      settings,
      segment,
      slot,
      accessLog: this.#log,
      log: createErrorLog({ target: join(this.folder, "error.log"), level: settings.log_level }),
      version: "test",
      commit: "test",
      proofs,
      contexts,
      ports,
    });
  }

  /** A client has connected. `room`: octets that it takes before it is full. */
  connect(room = Number.POSITIVE_INFINITY): { link: FakeLink; connection: H1Connection } {
    const link = new FakeLink();
    link.remoteAddress = "127.0.0.1";
    link.room = room;
    const parts = this.service.partsFor(false);
    const connection = new H1Connection(parts, link, new Client(parts, link));
    link.owner = connection;
    connection.opened(true);
    return { link, connection };
  }

  /** Asks until the answer comes from the cache. */
  async warm(octets: string): Promise<void> {
    const { values } = this.service.slot;
    const before = values[Counter.CacheHits]!;
    await until(async () => {
      const { link, connection } = this.connect();
      connection.received(Buffer.from(octets, "latin1"));
      await until(() => link.octets.length > 0, "an answer");
      link.leave();
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
    const { values } = this.service.slot;
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

/**
 * The load generator: a process of its own, so that neither the experiment nor the server's parent disturbs its clock.
 *
 * In:    `LoadOptions` as the first argument (JSON); any message over the channel ends the load.
 * Out:   the message `started`, then at the end one `LoadReport`.
 * Keeps: closed loop: every client always has a request under way. Open loop (`ratePerSecond`): requests fall due by the
 *        clock; one that finds no free client waits for one, and its time counts from when it was due.
 */
import { readFileSync } from "node:fs";
import { H2LoadClient, H2LoadPool } from "./h2-load-client.ts";
import { H1LoadClient, type LoadClient, type LoadClientOwner, LoadOutcome, type Request } from "./load-client.ts";
import { ANSWER_MS_MAX, type LoadOptions, type LoadReport, quantileOf } from "./load-report.ts";

/** After a refused connection a client of a closed loop waits this long, or it would only measure the loop. */
const REFUSED_PAUSE_MS = 5;

class Generator implements LoadClientOwner {
  readonly port: number;
  readonly isPerRequest: boolean;
  readonly isSecure: boolean;
  private readonly requests: readonly Request[];
  private readonly clients: LoadClient[];
  private readonly free: LoadClient[] = [];
  private readonly due: number[] = [];
  private dueCount = 0;
  private turn = 0;
  private isStopping = false;
  private latencies = new Float32Array(1 << 16);
  private readonly startedMs = performance.now();
  private lastOkMs = this.startedMs;
  private readonly report: LoadReport = {
    ok: 0,
    statuses: {},
    refused: 0,
    handshakesCut: 0,
    unanswered: 0,
    cut: 0,
    wrong: 0,
    timedOut: 0,
    retried: 0,
    connections: 0,
    closedBetween: 0,
    seconds: 0,
    p50Ms: 0,
    p99Ms: 0,
    maxMs: 0,
    longestGapMs: 0,
  };

  constructor(private readonly options: LoadOptions) {
    this.port = options.port;
    this.isPerRequest = options.connections === "per-request";
    this.isSecure = options.protocol !== "http";
    this.requests = options.targets.map(({ target, file }) => ({
      target,
      octets: Buffer.from(
        `GET ${target} HTTP/1.1\r\nHost: torture.example\r\n${this.isPerRequest ? "Connection: close\r\n" : ""}\r\n`,
      ),
      content: file === null ? null : readFileSync(file),
    }));
    const pool = new H2LoadPool(this);
    this.clients = Array.from({ length: options.clients }, () =>
      options.protocol === "h2" ? new H2LoadClient(this, pool) : new H1LoadClient(this),
    );
    setInterval(() => this.giveUpLate(), 250);
    if (options.ratePerSecond === 0) for (const client of this.clients) this.next(client, performance.now());
    else this.paceBy(options.ratePerSecond);
  }

  connected(): void {
    this.report.connections++;
  }

  closedBetween(): void {
    this.report.closedBetween++;
  }

  retried(): void {
    this.report.retried++;
  }

  done(client: LoadClient, outcome: LoadOutcome, status: number): void {
    const nowMs = performance.now();
    const { report } = this;
    if (outcome === LoadOutcome.Refused) report.refused++;
    else if (outcome === LoadOutcome.HandshakeCut) report.handshakesCut++;
    else if (outcome === LoadOutcome.Unanswered) report.unanswered++;
    else if (outcome === LoadOutcome.Cut) report.cut++;
    else if (outcome === LoadOutcome.Wrong) report.wrong++;
    else if (status !== 200) report.statuses[status] = (report.statuses[status] ?? 0) + 1;
    else this.noteOk(nowMs, nowMs - client.dueMs);
    this.proceed(client, outcome, nowMs);
  }

  /** Lets requests under way finish, then reports. */
  async stop(): Promise<LoadReport> {
    const stoppedMs = performance.now();
    this.isStopping = true;
    while (this.clients.some(({ request }) => request !== null)) await Bun.sleep(5);
    const { report } = this;
    report.longestGapMs = Math.max(report.longestGapMs, stoppedMs - this.lastOkMs);
    report.seconds = (stoppedMs - this.startedMs) / 1000;
    const sorted = this.latencies.subarray(0, report.ok).sort();
    report.p50Ms = quantileOf(sorted, 0.5);
    report.p99Ms = quantileOf(sorted, 0.99);
    report.maxMs = quantileOf(sorted, 1);
    return report;
  }

  private noteOk(nowMs: number, latencyMs: number): void {
    const { report } = this;
    report.longestGapMs = Math.max(report.longestGapMs, nowMs - this.lastOkMs);
    this.lastOkMs = nowMs;
    if (report.ok === this.latencies.length) {
      const grown = new Float32Array(2 * this.latencies.length);
      grown.set(this.latencies);
      this.latencies = grown;
    }
    this.latencies[report.ok++] = latencyMs;
  }

  private proceed(client: LoadClient, outcome: LoadOutcome, nowMs: number): void {
    if (this.isStopping) return;
    if (this.options.ratePerSecond > 0) {
      if (this.dueCount === 0) return void this.free.push(client);
      this.dueCount--;
      return this.next(client, this.due.shift()!);
    }
    if (outcome === LoadOutcome.Answered && !this.isPerRequest) return this.next(client, nowMs);
    // By way of the event loop: a socket that is being closed is no longer on the stack then.
    setTimeout(
      () => (this.isStopping ? undefined : this.next(client, performance.now())),
      outcome === LoadOutcome.Refused || outcome === LoadOutcome.HandshakeCut ? REFUSED_PAUSE_MS : 0,
    );
  }

  private next(client: LoadClient, dueMs: number): void {
    client.start(this.requests[this.turn++ % this.requests.length]!, dueMs);
  }

  private paceBy(ratePerSecond: number): void {
    this.free.push(...this.clients);
    let issued = 0;
    setInterval(() => {
      if (this.isStopping) return;
      const nowMs = performance.now();
      const target = Math.floor(((nowMs - this.startedMs) / 1000) * ratePerSecond);
      for (; issued < target; issued++) {
        const dueMs = this.startedMs + ((issued + 1) * 1000) / ratePerSecond;
        const client = this.free.pop();
        if (client !== undefined) this.next(client, dueMs);
        else {
          this.due.push(dueMs);
          this.dueCount++;
        }
      }
    }, 1);
  }

  private giveUpLate(): void {
    const oldest = performance.now() - ANSWER_MS_MAX;
    for (const client of this.clients) {
      if (client.request === null || client.sentMs > oldest) continue;
      client.drop();
      this.report.timedOut++;
      this.proceed(client, LoadOutcome.Refused, performance.now());
    }
  }
}

const generator = new Generator(JSON.parse(process.argv[2]!) as LoadOptions);
process.on("message", async () => {
  process.send!(await generator.stop());
  setTimeout(() => process.exit(0), 20);
});
process.on("disconnect", () => process.exit(0));
process.send!("started");

/** An HTTP/1.1 connection on a fake link, with an application that the test plays. */
import { OctetsContent } from "../../../src/http/content.ts";
import type { Limits } from "../../../src/http/limits.ts";
import { textOf } from "../../../src/http/octets.ts";
import { Reply } from "../../../src/http/reply.ts";
import { RequestHead } from "../../../src/http/request-head.ts";
import { buildResponseHead } from "../../../src/http/response-head.ts";
import { type Application, ContentWish, Exemption } from "../../../src/serving/application.ts";
import { Clock } from "../../../src/serving/clock.ts";
import type { Exchange } from "../../../src/serving/exchange.ts";
import { ExchangeRecords } from "../../../src/serving/exchange-record.ts";
import { Client } from "../../../src/serving/client.ts";
import { H1Connection, type H1Parts } from "../../../src/serving/h1-connection.ts";
import { HeadRoom } from "../../../src/serving/head-room.ts";
import { HeldRequest } from "../../../src/serving/held-request.ts";
import { KeepAlive } from "../../../src/serving/keep-alive.ts";
import { COPY_OCTETS } from "../../../src/serving/piece-transfer.ts";
import { Pool } from "../../../src/serving/pool.ts";
import { RefusalLog } from "../../../src/serving/refusal-log.ts";
import { createErrorLog } from "../../../src/log/error-log.ts";
import { Turns } from "../../../src/serving/turns.ts";
import { UnfinishedExchanges } from "../../../src/serving/unfinished.ts";
import { Outbox } from "../../../src/socket/outbox.ts";
import { TimerWheel } from "../../../src/socket/timer-wheel.ts";
import { WaitingList } from "../../../src/socket/waiting-list.ts";
import { createSegment } from "../../../src/stats/segment.ts";
import { FakeLink } from "./fake-link.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Milliseconds, Seconds } from "../../../src/units.ts";

/** `/known…` is answered at once, everything else when the test says so. */
export class FakeApplication implements Application {
  wish = ContentWish.Discard;
  readonly exchanges: Exchange[] = [];
  /** What to do with an exchange when it comes. */
  onAnswer: (exchange: Exchange) => void = () => {};
  /** What is known of a path that begins with /known. */
  known: (path: string) => Reply = (path) => textReply(200, path);

  respond(request: RequestHead): Reply | null {
    const path = textOf(request.bytes, request.pathStart, request.pathEnd);
    return path.startsWith("/known") ? this.known(path) : null;
  }

  contentWish(): ContentWish {
    return this.wish;
  }

  exemptionOf(): Exemption {
    return Exemption.Nobody;
  }

  refusal(status: number): Reply {
    return textReply(status, "");
  }

  answer(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.onAnswer(exchange);
  }
}

export function textReply(status: number, text: string): Reply {
  const content = Buffer.from(text, "latin1");
  const head = buildResponseHead(status, [["Content-Length", String(content.length)]], content);
  return new Reply(head, new OctetsContent(head.h1.octets, head.h1.end));
}

const folder = mkdtempSync(join(tmpdir(), "saker-h1-"));
const segment = createSegment(join(folder, "stats"), { slotCount: 1, workersConfigured: 1 });
const slot = segment.slot(segment.claimSlot(0, 1));
rmSync(folder, { recursive: true });

const LIMITS: Limits = { headOctetsMax: 1024, targetOctetsMax: 512, fieldCountMax: 20, contentOctetsMax: 2 ** 40 };

/** What settings would say; seconds, octets per second, requests. */
const DEFAULTS = {
  headSeconds: 10,
  contentSeconds: 30,
  receiveRateMin: 1,
  writeSeconds: 30,
  sendRateMin: 0,
  deferSeconds: 1,
  idleSeconds: 60,
  requestsMax: Number.POSITIVE_INFINITY,
};

export class H1Bench {
  readonly link = new FakeLink();
  readonly application = new FakeApplication();
  readonly parts: H1Parts;
  readonly connection: H1Connection;
  readonly clock = new Clock();
  readonly wheel = new TimerWheel();
  readonly errors: unknown[] = [];

  constructor(options: Partial<typeof DEFAULTS> = {}) {
    const limits = { ...DEFAULTS, ...options };
    slot.values.fill(0);
    const { clock } = this;
    const records = new ExchangeRecords(slot, clock, null, null);
    this.parts = {
      application: this.application,
      isAdmin: false,
      http2: null,
      gate: null,
      clientLogging: null,
      requestIds: null,
      refusals: new RefusalLog(createErrorLog({ target: "/dev/null", level: "error" })),
      limits: LIMITS,
      head: new RequestHead(LIMITS.fieldCountMax),
      requests: new Pool(() => new HeldRequest(LIMITS), 10),
      clock,
      outbox: new Outbox(),
      records,
      unfinished: new UnfinishedExchanges(records),
      headRoom: new HeadRoom(16 * 1024),
      pieceRoom: Buffer.allocUnsafe(COPY_OCTETS),
      turns: new Turns(),
      counters: slot.values,
      wheel: this.wheel,
      keptAlive: new WaitingList(),
      silent: new WaitingList(),
      timeouts: {
        headSeconds: Seconds(limits.headSeconds),
        contentSeconds: Seconds(limits.contentSeconds),
        receiveRateMin: limits.receiveRateMin,
        writeSeconds: Seconds(limits.writeSeconds),
        sendRateMin: limits.sendRateMin,
        deferSeconds: Seconds(limits.deferSeconds),
      },
      makeRoomFor: () => true,
      keepAlive: new KeepAlive(limits.requestsMax, Seconds(limits.idleSeconds)),
      onError: (error) => this.errors.push(error),
    };
    this.connection = new H1Connection(this.parts, this.link, new Client(this.parts, this.link));
    this.link.owner = this.connection;
    this.connection.opened(true);
  }

  /** The client sends octets; what the server has answered by then. */
  send(text: string): string {
    if (this.link.isPaused) throw new Error("the client's octets aren't read");
    this.connection.received(Buffer.from(text, "latin1"));
    return this.link.take();
  }

  /** Seconds go by; the next event tells the true time again. */
  wait(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.clock.nowMs = Milliseconds(this.clock.nowMs + 1000);
      this.wheel.advance();
    }
  }
}

/**
 * What a worker serves with: its applications, and the parts that all its connections share.
 *
 * In:    settings; the worker's slot, logs and tables of clients.
 * Out:   parts for the connections to each kind of listener.
 * Keeps: built once when the worker starts, from the settings and nothing else; a reload starts another worker.
 */
import { fitOpenFiles } from "../cache/open-file.ts";
import type { Settings } from "../config/settings.ts";
import { RequestHead } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { Clock } from "../serving/clock.ts";
import { ClientGate } from "../serving/client-gate.ts";
import { ExchangeRecords } from "../serving/exchange-record.ts";
import type { H1Parts } from "../serving/h1-connection.ts";
import type { H1Timeouts } from "../serving/h1-deadline.ts";
import { SMALL_FILE_OCTETS_MAX } from "../serving/h1-writer.ts";
import { HeadRoom } from "../serving/head-room.ts";
import { HeldRequest } from "../serving/held-request.ts";
import { COPY_OCTETS } from "../serving/piece-transfer.ts";
import type { KeepAlive } from "../serving/keep-alive.ts";
import { Pool } from "../serving/pool.ts";
import { RefusalLog } from "../serving/refusal-log.ts";
import { RequestIds } from "../serving/request-ids.ts";
import { Turns } from "../serving/turns.ts";
import { UnfinishedExchanges } from "../serving/unfinished.ts";
import { Outbox } from "../socket/outbox.ts";
import { TimerWheel } from "../socket/timer-wheel.ts";
import { Transmitter } from "../socket/transmitter.ts";
import { Counter } from "../stats/layout.ts";
import type { Slot } from "../stats/slot.ts";
import { DEFER_ACCEPT_SECONDS } from "../sys/listen-socket.ts";
import { canTransmit } from "../sys/transmit.ts";
import { Applications, type ApplicationsOptions } from "./applications.ts";
import { Crowd } from "./crowd.ts";
import { keepAliveOf } from "./keep-alive-of.ts";
import { limitsOf } from "./limits-of.ts";
import { privateQuotas, type Quotas } from "./quotas.ts";
import { SkippedPaths } from "./skipped-paths.ts";
import { Seconds } from "../units.ts";

/** Expired connections handled before others get their turn: to drop a full send buffer takes 0.3 ms. */
const EXPIRIES_PER_TURN = 8;

/** Clients may pause for a moment: `min_send_rate` is an average over this long. */
const RATE_SPAN_SECONDS = 5;

/** Requests that are held at a time, whose buffers are kept for the next burst. */
const POOL_SIZE_MAX = 1024;

export interface ServiceOptions extends ApplicationsOptions {
  readonly accessLog: AccessLog | null;
  /** Descriptors this process may have open; Infinity where there is no limit. */
  readonly descriptorLimit?: number;
  /** What is known of clients, shared with other workers; without it, of this worker alone. */
  readonly quotas?: Quotas;
}

export class Service {
  readonly settings: Settings;
  readonly slot: Slot;
  readonly accessLog: AccessLog | null;
  readonly log: ErrorLog;
  readonly applications: Applications;
  readonly crowd: Crowd;
  readonly transmitter: Transmitter;
  /** Every response from now on is the last of its connection. */
  isDraining = false;
  private readonly clock = new Clock();
  private readonly wheel = new TimerWheel();
  private readonly timeouts: H1Timeouts;
  private readonly keepAlive: KeepAlive;
  private readonly refusals: RefusalLog;
  private readonly gate: ClientGate | null;
  private readonly shared: Omit<H1Parts, "application" | "isAdmin" | "makeRoomFor">;

  /** Throws when a document root can't be entered, unless others serve already. */
  constructor(options: ServiceOptions) {
    const { descriptorLimit = Number.POSITIVE_INFINITY, log, settings, slot } = options;
    this.settings = settings;
    this.slot = slot;
    this.accessLog = options.accessLog;
    this.log = log;
    fitOpenFiles(descriptorLimit);
    this.applications = new Applications(
      options,
      () => this.clock.nowMs,
      (error) => this.noteError(error),
    );
    const quotas = options.quotas ?? privateQuotas(settings);
    this.gate = ClientGate.from(settings, quotas, this.applications.refusals, slot.values);
    this.transmitter = new Transmitter((message) => log.warn(message));
    this.refusals = new RefusalLog(log);
    this.timeouts = timeoutsOf(settings);
    this.keepAlive = keepAliveOf(settings);
    this.crowd = new Crowd(settings.max_connections, descriptorLimit, this.wheel, slot.values);
    this.shared = this.sharedParts();
  }

  /** For connections to a listener. `isAdmin`: one where nothing but the admin endpoints is served. */
  partsFor(isAdmin: boolean): H1Parts {
    const { shared } = this;
    // Spelt out: in an object that is spread from another, each request pays for a detour to every part.
    return {
      application: isAdmin ? this.applications.admin : this.applications.site,
      isAdmin,
      makeRoomFor: (connection) => this.crowd.makeRoomFor(connection),
      clock: shared.clock,
      wheel: shared.wheel,
      keptAlive: shared.keptAlive,
      silent: shared.silent,
      timeouts: shared.timeouts,
      keepAlive: shared.keepAlive,
      counters: shared.counters,
      limits: shared.limits,
      head: shared.head,
      requests: shared.requests,
      outbox: shared.outbox,
      records: shared.records,
      unfinished: shared.unfinished,
      headRoom: shared.headRoom,
      pieceRoom: shared.pieceRoom,
      turns: shared.turns,
      gate: shared.gate,
      clientLogging: shared.clientLogging,
      requestIds: shared.requestIds,
      refusals: shared.refusals,
      onError: shared.onError,
    };
  }

  /** The server is going away. `idleSeconds`: how long a connection may wait for its next request from now on. */
  drain(idleSeconds: Seconds): void {
    this.isDraining = true;
    this.applications.coder.stop();
    this.keepAlive.drain(idleSeconds);
  }

  /** Once a second: deadlines, and the purge of the cache that another process may have asked for. */
  tick(): void {
    this.clock.update();
    if (!this.wheel.advance(EXPIRIES_PER_TURN)) this.expireMoreLater();
    this.refusals.tick();
    this.gate?.tick(this.clock.wallMs);
    this.applications.tick(this.clock.nowMs);
  }

  /** An exception in saker's own code; the client being served is disconnected or gets a 500. */
  noteError(error: unknown): void {
    this.slot.values[Counter.HandlerErrors]! += 1;
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  private sharedParts(): Omit<H1Parts, "application" | "isAdmin" | "makeRoomFor"> {
    const { accessLog, clock, crowd, refusals, settings, slot, timeouts, wheel } = this;
    const limits = limitsOf(settings);
    const skipped = SkippedPaths.from(settings.access_log_skip);
    const records = new ExchangeRecords(slot, clock, accessLog, skipped);
    const clientLogging = accessLog === null ? null : { hasPort: accessLog.format === "vhost_combined" };
    return {
      clock,
      wheel,
      keptAlive: crowd.keptAlive,
      silent: crowd.silent,
      timeouts,
      counters: slot.values,
      limits,
      head: new RequestHead(limits.fieldCountMax),
      requests: new Pool(() => new HeldRequest(limits), POOL_SIZE_MAX),
      outbox: new Outbox(),
      records,
      unfinished: new UnfinishedExchanges(records),
      headRoom: new HeadRoom(SMALL_FILE_OCTETS_MAX),
      pieceRoom: Buffer.allocUnsafeSlow(COPY_OCTETS),
      turns: new Turns(),
      gate: this.gate,
      clientLogging,
      requestIds: RequestIds.from(settings.request_id, accessLog?.format === "json"),
      refusals,
      keepAlive: this.keepAlive,
      onError: (error) => this.noteError(error),
    };
  }

  /** Thousands that arrived together expire together: others get their turns in between. */
  private expireMoreLater(): void {
    setImmediate(() => {
      this.clock.update();
      if (!this.wheel.proceed(EXPIRIES_PER_TURN)) this.expireMoreLater();
    });
  }
}

function timeoutsOf(settings: Settings): H1Timeouts {
  const sendRateMin = canTransmit ? settings.min_send_rate : 0; // without FFI it can't be known what a client has received
  return {
    headSeconds: Seconds(settings.header_timeout_seconds),
    contentSeconds: Seconds(settings.timeout_seconds),
    receiveRateMin: settings.min_receive_rate,
    writeSeconds: Seconds(Math.min(settings.timeout_seconds, sendRateMin > 0 ? RATE_SPAN_SECONDS : Infinity)),
    sendRateMin,
    deferSeconds: Seconds(DEFER_ACCEPT_SECONDS),
  };
}

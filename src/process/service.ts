/**
 * What a worker serves with: its applications, and the parts that all its connections share.
 *
 * In:    settings; the worker's slot, logs and tables of clients.
 * Out:   parts for the connections to each kind of listener.
 * Keeps: built once when the worker starts, from the settings and nothing else; a reload starts another worker.
 */
import { fitOpenFiles } from "../cache/open-file.ts";
import type { Settings } from "../config/settings.ts";
import { RequestHead, Scheme } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Application } from "../serving/application.ts";
import { Clock } from "../serving/clock.ts";
import { ClientGate } from "../serving/client-gate.ts";
import { ExchangeRecords } from "../serving/exchange-record.ts";
import type { Client } from "../serving/client.ts";
import { H1Connection, type H1Parts } from "../serving/h1-connection.ts";
import { SMALL_FILE_OCTETS_MAX } from "../serving/h1-writer.ts";
import { H2Connection } from "../serving/h2-connection.ts";
import type { H2Parts } from "../serving/h2-session.ts";
import { HeadRoom } from "../serving/head-room.ts";
import { HeldRequest } from "../serving/held-request.ts";
import { COPY_OCTETS } from "../serving/piece-transfer.ts";
import { KeepAlive } from "../serving/keep-alive.ts";
import { Pool } from "../serving/pool.ts";
import { RefusalLog } from "../serving/refusal-log.ts";
import { RequestIds } from "../serving/request-ids.ts";
import type { Timeouts } from "../serving/timeouts.ts";
import { Turns } from "../serving/turns.ts";
import { UnfinishedExchanges } from "../serving/unfinished.ts";
import type { Link } from "../socket/link.ts";
import { Outbox } from "../socket/outbox.ts";
import { TimerWheel } from "../socket/timer-wheel.ts";
import { Transmitter } from "../socket/transmitter.ts";
import { Counter } from "../stats/layout.ts";
import type { Slot } from "../stats/slot.ts";
import { DEFER_ACCEPT_SECONDS } from "../sys/listen-socket.ts";
import { canTransmit } from "../sys/transmit.ts";
import type { HostContexts } from "../tls/host-contexts.ts";
import { alpnOf } from "./alpn.ts";
import { Applications, type ApplicationsOptions } from "./applications.ts";
import { Crowd } from "./crowd.ts";
import { H2Shared } from "./h2-parts.ts";
import { keepAliveOf } from "./keep-alive-of.ts";
import { limitsOf } from "./limits-of.ts";
import type { Proofs } from "./proofs.ts";
import { privateQuotas, type Quotas } from "./quotas.ts";
import { SecuredClients } from "./secured-client.ts";
import { SkippedPaths } from "./skipped-paths.ts";
import type { ArrivalParts } from "./tls-arrival.ts";
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

/** What connections to all listeners have in common. */
type SharedParts = Omit<H1Parts, "application" | "isAdmin" | "makeRoomFor" | "http2">;

export class Service {
  readonly settings: Settings;
  readonly slot: Slot;
  readonly accessLog: AccessLog | null;
  readonly log: ErrorLog;
  readonly applications: Applications;
  readonly crowd: Crowd;
  readonly transmitter: Transmitter;
  readonly contexts: HostContexts | null;
  /** Null where saker gets no certificates. */
  readonly proofs: Proofs | null;
  /** Every response from now on is the last of its connection. */
  isDraining = false;
  private readonly clock = new Clock();
  private readonly wheel = new TimerWheel();
  private readonly timeouts: Timeouts;
  private readonly keepAlive: KeepAlive;
  private readonly refusals: RefusalLog;
  private readonly gate: ClientGate | null;
  private readonly shared: SharedParts;
  /** The same for connections with TLS: their requests are held in heads that say so. */
  private readonly sharedSecure: SharedParts;
  private readonly sharedHttp2: H2Shared;

  /** Throws when a document root can't be entered, unless others serve already. */
  constructor(options: ServiceOptions) {
    const { descriptorLimit = Number.POSITIVE_INFINITY, log, settings, slot } = options;
    this.settings = settings;
    this.slot = slot;
    this.accessLog = options.accessLog;
    this.log = log;
    this.contexts = options.contexts ?? null;
    this.proofs = options.proofs ?? null;
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
    this.sharedSecure = { ...this.shared, ...this.headParts(Scheme.Https) };
    this.sharedHttp2 = new H2Shared(limitsOf(settings), settings.http2.max_concurrent_streams);
  }

  /** For connections to a listener. `isAdmin`: one where nothing but the admin endpoints is served. */
  partsFor(isAdmin: boolean): H1Parts {
    const { applications, settings, shared, sharedHttp2 } = this;
    const parts = this.partsWith(isAdmin ? applications.admin : applications.site, isAdmin, shared, null);
    if (isAdmin || !settings.http2.cleartext) return parts;
    return this.partsWith(applications.site, false, shared, sharedHttp2.partsFor(parts, Scheme.Http));
  }

  /** For connections to a listener of HTTPS, where there is one. */
  arrivalParts(contexts: HostContexts = this.contexts!): ArrivalParts {
    const { accessLog, crowd, refusals, shared, slot, timeouts, wheel } = this;
    const secure = this.partsWith(this.applications.secureSite, false, this.sharedSecure, null);
    const secureHttp2 = this.sharedHttp2.partsFor(secure, Scheme.Https);
    const { badCertificateRefusal, plainTextRefusal } = this.applications;
    const keepAlive = new KeepAlive(0, Seconds(0)); // the answer is the connection's last
    const plain = { ...this.partsWith(plainTextRefusal!, false, shared, null), keepAlive };
    const refusing = { ...this.partsWith(badCertificateRefusal, false, this.sharedSecure, null), keepAlive };
    const refusingHttp2 = this.sharedHttp2.partsFor(refusing, Scheme.Https);
    return {
      contexts,
      clients: new SecuredClients(contexts),
      protocols: this.settings.http2.enabled ? alpnOf("h2", "http/1.1") : alpnOf("http/1.1"),
      refusalProtocols: alpnOf("http/1.1"),
      wheel,
      silent: crowd.silent,
      timeouts,
      keepAlive: this.keepAlive,
      counters: slot.values,
      refusals,
      gate: shared.gate,
      clientLogging: shared.clientLogging,
      proofs: this.settings.tls.acme?.challenge === "tls-alpn-01" ? this.proofs : null,
      logsTls: accessLog?.format === "json",
      isDraining: () => this.isDraining,
      connectionFor: (spoken, link, client) => {
        switch (spoken) {
          case "h2":
            return new H2Connection(secureHttp2, link, client);
          case "h2 refusal":
            return new H2Connection(refusingHttp2, link, client);
          case "http/1.1":
            return new H1Connection(secure, link, client);
          case "http/1.1 refusal":
            return new H1Connection(refusing, link, client);
          case "plain":
            return new H1Connection(plain, link, client);
        }
      },
      makeRoomFor: (connection) => crowd.makeRoomFor(connection),
      onError: (error) => this.noteError(error),
    };
  }

  /** `http2`: for clients that speak it without asking; null: they mustn't. */
  private partsWith(application: Application, isAdmin: boolean, shared: SharedParts, http2: H2Parts | null): H1Parts {
    // Spelt out: in an object that is spread from another, each request pays for a detour to every part.
    return {
      application,
      isAdmin,
      http2: http2 === null ? null : (link: Link, client: Client) => new H2Connection(http2, link, client),
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

  /**
   * Once a second: deadlines, the purge of the cache that another process may have asked for, and certificates that have changed
   * without a message, because the master is another program now.
   */
  tick(): void {
    this.contexts?.refresh();
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

  /** What requests by one scheme are held in. */
  private headParts(scheme: Scheme.Http | Scheme.Https): Pick<H1Parts, "head" | "requests"> {
    const limits = limitsOf(this.settings);
    return {
      head: new RequestHead(limits.fieldCountMax, scheme),
      requests: new Pool(() => new HeldRequest(limits, scheme), POOL_SIZE_MAX),
    };
  }

  private sharedParts(): SharedParts {
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
      ...this.headParts(Scheme.Http),
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

function timeoutsOf(settings: Settings): Timeouts {
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

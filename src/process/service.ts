/**
 * What a worker serves, and with what: the site and the admin endpoints, and the parts that all its connections share.
 *
 * In:    settings; the worker's slot, logs and tables of clients.
 * Out:   an application for each kind of listener, and parts for connections to it.
 * Keeps: built once when the worker starts, from the settings and nothing else; a reload starts another worker.
 */
import { AdminApplication } from "../admin/admin-application.ts";
import { fitOpenFiles } from "../cache/open-file.ts";
import type { ResponseCache } from "../cache/response-cache.ts";
import type { OwnFile } from "../config/own-files.ts";
import type { Settings } from "../config/settings.ts";
import { RequestHead } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Application } from "../serving/application.ts";
import { Clock } from "../serving/clock.ts";
import { ClientGate } from "../serving/client-gate.ts";
import { ExchangeRecords } from "../serving/exchange-record.ts";
import type { H1Parts } from "../serving/h1-connection.ts";
import type { H1Timeouts } from "../serving/h1-deadline.ts";
import { SMALL_FILE_OCTETS_MAX } from "../serving/h1-writer.ts";
import { HeadRoom } from "../serving/head-room.ts";
import { HeldRequest } from "../serving/held-request.ts";
import { COPY_OCTETS } from "../serving/piece-transfer.ts";
import { Pool } from "../serving/pool.ts";
import { RefusalLog } from "../serving/refusal-log.ts";
import { RequestIds } from "../serving/request-ids.ts";
import { Turns } from "../serving/turns.ts";
import { UnfinishedExchanges } from "../serving/unfinished.ts";
import { buildSite, cacheFor } from "../site/build-site.ts";
import type { Coder } from "../site/coding/coder.ts";
import type { Entry } from "../site/entry.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import { SiteApplication } from "../site/site-application.ts";
import { Outbox } from "../socket/outbox.ts";
import { TimerWheel } from "../socket/timer-wheel.ts";
import { Transmitter } from "../socket/transmitter.ts";
import { Counter } from "../stats/layout.ts";
import type { Segment } from "../stats/segment.ts";
import type { Slot } from "../stats/slot.ts";
import { DEFER_ACCEPT_SECONDS } from "../sys/listen-socket.ts";
import { canTransmit } from "../sys/transmit.ts";
import { Crowd } from "./crowd.ts";
import { hiddenPages } from "./hidden-pages.ts";
import { isLastRequest } from "./last-request.ts";
import { limitsOf } from "./limits-of.ts";
import { LoadCounts } from "./load-counts.ts";
import { MainApplication } from "./main-application.ts";
import { privateQuotas, type Quotas } from "./quotas.ts";
import { SkippedPaths } from "./skipped-paths.ts";

/** Expired connections handled before others get their turn: to drop a full send buffer takes 0.3 ms. */
const EXPIRIES_PER_TURN = 8;

/** Clients may pause for a moment: `min_send_rate` is an average over this long. */
const RATE_SPAN_SECONDS = 5;

/** Requests that are held at a time, whose buffers are kept for the next burst. */
const POOL_SIZE_MAX = 1024;

export interface ServiceOptions {
  readonly settings: Settings;
  readonly segment: Segment;
  readonly slot: Slot;
  readonly accessLog: AccessLog | null;
  readonly log: ErrorLog;
  readonly version: string;
  readonly commit: string;
  /** Descriptors this process may have open; Infinity where there is no limit. */
  readonly descriptorLimit?: number;
  /** What is known of clients, shared with other workers; without it, of this worker alone. */
  readonly quotas?: Quotas;
  /** As in StartMessage. */
  readonly isSuccessor?: boolean;
  /** The server's own files, which are never sent. */
  readonly ownFiles?: readonly OwnFile[];
  /** As in StartMessage. */
  readonly ruleFiles?: RuleFilesByRoot;
}

export class Service {
  readonly settings: Settings;
  readonly slot: Slot;
  readonly accessLog: AccessLog | null;
  readonly log: ErrorLog;
  /** Warnings: what differs from the configuration. */
  readonly notes: readonly string[];
  /** What is as configured, and perhaps not as expected. */
  readonly advice: readonly string[];
  /** Document roots that weren't there, for a successor. */
  readonly rootsMissing: ReadonlySet<string>;
  readonly crowd: Crowd;
  readonly transmitter: Transmitter;
  /** Content coding of the site's files. */
  readonly coder: Coder;
  /** Every response from now on is the last of its connection. */
  isDraining = false;
  private readonly site: Application;
  private readonly admin: Application;
  private readonly gate: ClientGate | null;
  private readonly timeouts: H1Timeouts;
  private readonly clock = new Clock();
  private readonly wheel = new TimerWheel();
  private readonly refusals: RefusalLog;
  private readonly shared: Omit<H1Parts, "application" | "isAdmin" | "makeRoomFor">;
  private readonly counts: LoadCounts;
  private readonly cache: ResponseCache<Entry>;
  private readonly segment: Segment;
  private cacheGeneration: number;

  /** Throws when a document root can't be entered, unless others serve already. */
  constructor(options: ServiceOptions) {
    const { log, segment, settings, slot } = options;
    this.settings = settings;
    this.slot = slot;
    this.accessLog = options.accessLog;
    this.log = log;
    this.segment = segment;
    this.cacheGeneration = segment.cacheGeneration;
    const descriptorLimit = options.descriptorLimit ?? Number.POSITIVE_INFINITY;
    fitOpenFiles(descriptorLimit);
    this.cache = cacheFor(settings);
    const { ownFiles, ruleFiles, isSuccessor = false } = options;
    const warn = (message: string): void => log.warn(message);
    const codingCounts = slot.values.subarray(Counter.CodedGzip, Counter.CodingMicroseconds + 1);
    const surroundings = { ownFiles, ruleFiles, mayLackRoots: isSuccessor, warn };
    const built = buildSite(settings, this.cache, surroundings, codingCounts);
    this.rootsMissing = built.rootsMissing;
    this.coder = built.coder;
    this.notes = [...built.notes, ...hiddenPages(settings, built.hosts)];
    this.advice = built.advice;
    this.gate = ClientGate.from(settings, options.quotas ?? privateQuotas(settings), built.site, slot.values);
    this.counts = new LoadCounts(slot.values, this.cache, log);
    const site = new SiteApplication(built.site, {
      places: settings.threads_per_worker,
      queueSize: settings.queue_size,
      sharesLoads: !this.cache.isOff,
      report: this.counts,
      now: () => this.clock.nowMs,
    });
    const endpoints = new AdminApplication({
      prefix: settings.admin_prefix,
      allow: settings.admin_allow,
      segment,
      version: options.version,
      commit: options.commit,
      serverField: settings.server_header,
      errors: built.errors,
      onError: (error) => this.noteError(error),
    });
    this.site = settings.admin_listen === null ? new MainApplication(site, endpoints) : site;
    this.admin = endpoints;
    this.transmitter = new Transmitter(warn);
    this.refusals = new RefusalLog(log);
    this.timeouts = timeoutsOf(settings);
    this.crowd = new Crowd(settings.max_connections, descriptorLimit, this.wheel, slot.values);
    this.shared = this.sharedParts();
  }

  /** For connections to a listener. `isAdmin`: one where nothing but the admin endpoints is served. */
  partsFor(isAdmin: boolean): H1Parts {
    return {
      ...this.shared,
      isAdmin,
      application: isAdmin ? this.admin : this.site,
      makeRoomFor: (connection) => this.crowd.makeRoomFor(connection),
    };
  }

  /** The server is going away. `idleSeconds`: how long a connection may wait for its next request from now on. */
  drain(idleSeconds: number): void {
    this.isDraining = true;
    this.coder.stop();
    this.timeouts.idleSeconds = Math.min(this.timeouts.idleSeconds, idleSeconds);
  }

  /** Once a second: deadlines, and the purge of the cache that another process may have asked for. */
  tick(): void {
    this.clock.update();
    if (!this.wheel.advance(EXPIRIES_PER_TURN)) this.expireMoreLater();
    this.coder.tick(this.clock.nowMs);
    this.refusals.tick();
    this.gate?.tick(this.clock.wallMs);
    const generation = this.segment.cacheGeneration;
    if (generation === this.cacheGeneration) return;
    this.cacheGeneration = generation;
    this.cache.clear();
    this.counts.loaded();
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
      isLastRequest: (count) => this.isDraining || isLastRequest(settings, count),
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
    headSeconds: settings.header_timeout_seconds,
    contentSeconds: settings.timeout_seconds,
    receiveRateMin: settings.min_receive_rate,
    writeSeconds: Math.min(settings.timeout_seconds, sendRateMin > 0 ? RATE_SPAN_SECONDS : Infinity),
    sendRateMin,
    deferSeconds: DEFER_ACCEPT_SECONDS,
    idleSeconds: settings.keepalive_timeout_seconds,
  };
}

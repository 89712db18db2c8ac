/**
 * What all connections of a worker share: settings, the site, the cache, statistics, logs, timers, buffers.
 *
 * Keeps: built once when the worker starts, from the settings and nothing else; a reload starts another worker.
 */
import { fitOpenFiles } from "../cache/open-file.ts";
import type { ResponseCache } from "../cache/response-cache.ts";
import type { OwnFile } from "../config/own-files.ts";
import type { Settings } from "../config/settings.ts";
import type { Limits } from "../http/limits.ts";
import { CacheOutcome } from "../http/reply.ts";
import { RequestHead } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import type { ErrorLog } from "../log/error-log.ts";
import { buildSite, cacheFor } from "../site/build-site.ts";
import type { Coder } from "../site/coding/coder.ts";
import type { Entry } from "../site/entry.ts";
import type { ErrorReplies } from "../site/error-replies.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Site } from "../site/site.ts";
import { Counter, Gauge } from "../stats/layout.ts";
import type { Segment } from "../stats/segment.ts";
import type { Slot } from "../stats/slot.ts";
import { canTransmit } from "../sys/transmit.ts";
import { AdminEndpoint } from "./admin-endpoint.ts";
import { Clock } from "./clock.ts";
import { ClientGate } from "./client-gate.ts";
import { Connection } from "./connection.ts";
import { ConnectionRoom } from "./connection-room.ts";
import { Exchange } from "./exchange.ts";
import { ExchangeRecords } from "./exchange-record.ts";
import { FileTransfer } from "./file-transfer.ts";
import { hiddenPages } from "./hidden-pages.ts";
import { isLastRequest } from "./last-request.ts";
import { limitsOf } from "./limits-of.ts";
import { OpenConnections } from "./open-connections.ts";
import { Outbox } from "./outbox.ts";
import { Pool } from "./pool.ts";
import { privateQuotas, type Quotas } from "./quotas.ts";
import { RefusalLog } from "./refusal-log.ts";
import type { ReplySender } from "./reply-sender.ts";
import { RequestIds } from "./request-ids.ts";
import { SkippedPaths } from "./skipped-paths.ts";
import { SlowPath } from "./slow-path.ts";
import { Transmitter } from "./transmitter.ts";
import { UnfinishedExchanges } from "./unfinished.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** Expired connections handled before others get their turn: to drop a full send buffer takes 0.3 ms. */
const EXPIRIES_PER_TURN = 8;

/** Clients may pause for a moment: `min_send_rate` is an average over this long. */
const RATE_SPAN_SECONDS = 5;

/** Idle objects kept for the next burst. */
const POOL_SIZE_MAX = 1024;

export interface ServerParts {
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

export class Server {
  readonly settings: Settings;
  readonly slot: Slot;
  readonly accessLog: AccessLog | null;
  readonly log: ErrorLog;
  readonly limits: Limits;
  readonly clock = new Clock();
  readonly outbox = new Outbox();
  readonly records: ExchangeRecords;
  readonly unfinished: UnfinishedExchanges;
  readonly refusals: RefusalLog;
  /** Null where requests have none. */
  readonly requestIds: RequestIds | null;
  readonly wheel: TimerWheel = new TimerWheel((node) => this.expire(node as Connection));
  /** The head of the request that is being parsed. */
  readonly head: RequestHead;
  readonly errors: ErrorReplies;
  readonly site: Site;
  /** Warnings: what differs from the configuration. */
  readonly notes: readonly string[];
  /** What is as configured, and perhaps not as expected. */
  readonly advice: readonly string[];
  /** Document roots that weren't there, for a successor. */
  readonly rootsMissing: ReadonlySet<string>;
  readonly slowPath: SlowPath;
  readonly connections = new OpenConnections<Connection>();
  readonly room: ConnectionRoom;
  /** Null where every client is admitted without limit. */
  readonly gate: ClientGate | null;
  readonly exchanges: Pool<Exchange>;
  readonly transmitter: Transmitter = new Transmitter((message) => this.log.warn(message));
  readonly transfers = new Pool(() => new FileTransfer(this.transmitter), POOL_SIZE_MAX);
  readonly pool = new Pool(() => new Connection(this), POOL_SIZE_MAX);
  /** Every response from now on is the last of its connection. */
  isDraining = false;
  /** How long a connection may wait for its next request. */
  idleSeconds: number;
  /** Octets per second that a client must receive; 0 = no limit. */
  readonly sendRateMin: number;
  /** How long a client may receive nothing, or the period over which its rate is measured. */
  readonly writeSeconds: number;
  /** Content coding of the site's files. */
  readonly coder: Coder;
  private readonly segment: Segment;
  private readonly cache: ResponseCache<Entry>;
  private cacheGeneration: number;
  /** Connections whose file was sent for long enough, in the order of their next turn. */
  private turns: ReplySender[] = [];

  /** Throws when a document root can't be entered, unless others serve already. */
  constructor(parts: ServerParts) {
    const { settings } = parts;
    this.settings = settings;
    this.idleSeconds = settings.keepalive_timeout_seconds;
    this.sendRateMin = canTransmit ? settings.min_send_rate : 0; // without FFI it can't be known what a client has received
    this.writeSeconds = Math.min(settings.timeout_seconds, this.sendRateMin > 0 ? RATE_SPAN_SECONDS : Infinity);
    this.slot = parts.slot;
    this.segment = parts.segment;
    this.accessLog = parts.accessLog;
    this.log = parts.log;
    const skipped = SkippedPaths.from(settings.access_log_skip);
    this.records = new ExchangeRecords(parts.slot, this.clock, parts.accessLog, skipped);
    this.requestIds = RequestIds.from(settings.request_id, parts.accessLog?.format === "json");
    this.unfinished = new UnfinishedExchanges(this.records);
    this.refusals = new RefusalLog(parts.log);
    this.limits = limitsOf(settings);
    const descriptorLimit = parts.descriptorLimit ?? Number.POSITIVE_INFINITY;
    fitOpenFiles(descriptorLimit);
    this.room = new ConnectionRoom(settings.max_connections, descriptorLimit);
    this.head = new RequestHead(this.limits.fieldCountMax);
    this.exchanges = new Pool(() => new Exchange(this.limits), POOL_SIZE_MAX);
    this.cacheGeneration = parts.segment.cacheGeneration;
    this.cache = cacheFor(settings);
    const codingCounts = parts.slot.values.subarray(Counter.CodedGzip, Counter.CodingMicroseconds + 1);
    const { ownFiles, ruleFiles, isSuccessor = false } = parts;
    const warn = (message: string): void => this.log.warn(message);
    const surroundings = { ownFiles, ruleFiles, mayLackRoots: isSuccessor, warn };
    const built = buildSite(settings, this.cache, surroundings, codingCounts);
    this.rootsMissing = built.rootsMissing;
    this.site = built.site;
    this.errors = built.errors;
    this.coder = built.coder;
    this.notes = [...built.notes, ...hiddenPages(settings, built.hosts)];
    this.advice = built.advice;
    const quotas = parts.quotas ?? privateQuotas(settings);
    this.gate = ClientGate.from(settings, quotas, this.site, parts.slot.values);
    const admin = new AdminEndpoint({
      prefix: settings.admin_prefix,
      allow: settings.admin_allow,
      isOnMain: settings.admin_listen === null,
      segment: parts.segment,
      version: parts.version,
      commit: parts.commit,
      serverField: settings.server_header,
      errors: this.errors,
      onError: (error) => this.noteError(error),
    });
    const { site, errors, slot, log } = this;
    this.slowPath = new SlowPath(
      { site, admin, errors, slot, log, sharesLoads: !this.cache.isOff, onLoaded: () => this.publishCache() },
      settings.threads_per_worker,
      settings.queue_size,
    );
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
    this.publishCache();
  }

  /** Thousands that arrived together expire together: others get their turns in between. */
  private expireMoreLater(): void {
    setImmediate(() => {
      this.clock.update();
      if (!this.wheel.proceed(EXPIRIES_PER_TURN)) this.expireMoreLater();
    });
  }

  /** Makes room for a connection, perhaps by closing an idle one; false when it was refused. */
  makeRoomFor(connection: Connection): boolean {
    const { room } = this;
    const { values } = this.slot;
    const count = this.connections.size;
    if (room.holds(count)) return true;
    const waiting = room.takeLongestWaiting(this.wheel.tick);
    if (waiting !== null) {
      values[Counter.ConnectionsDisplaced]! += 1;
      waiting.giveWay();
      return true;
    }
    values[Counter.ConnectionsRejectedMax]! += 1;
    connection.reject(503, room.allowsGoodbye(count));
    return false;
  }

  /** Whether the response to a connection's `count`th request is its last. */
  isLastRequest(count: number): boolean {
    return this.isDraining || isLastRequest(this.settings, count);
  }

  countOutcome(outcome: CacheOutcome): void {
    if (outcome === CacheOutcome.Hit) this.slot.values[Counter.CacheHits]! += 1;
    else if (outcome === CacheOutcome.Miss) this.slot.values[Counter.CacheMisses]! += 1;
  }

  /** Lets others have their turn before `sender` goes on with its file. */
  takeTurnLater(sender: ReplySender): void {
    if (this.turns.length === 0) setImmediate(() => this.takeTurns());
    this.turns.push(sender);
  }

  /** Forgets what is in the outbox: its connection is given up. */
  discardOutput(): void {
    this.outbox.clear();
    this.unfinished.abandon(this.clock.update());
  }

  /** An exception in saker's own code; the client being served is disconnected or gets a 500. */
  noteError(error: unknown): void {
    this.slot.values[Counter.HandlerErrors]! += 1;
    this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  /** An exception in saker's own code while a connection was served ends that connection, and no other. */
  giveUp(connection: ReplySender, error: unknown): void {
    this.noteError(error);
    this.discardOutput();
    connection.socket?.terminate();
  }

  private expire(connection: Connection): void {
    try {
      connection.expired();
    } catch (error) {
      this.giveUp(connection, error);
    }
  }

  private takeTurns(): void {
    const { turns } = this;
    this.turns = [];
    for (const sender of turns) {
      try {
        sender.takeTurn();
      } catch (error) {
        this.giveUp(sender, error);
      }
    }
  }

  private publishCache(): void {
    const { values } = this.slot;
    values[Gauge.CacheOctets] = this.cache.octets;
    values[Gauge.CacheEntries] = this.cache.count;
    values[Counter.CacheEvictions] = this.cache.evictions;
    values[Counter.CacheStale] = this.cache.stale;
  }
}

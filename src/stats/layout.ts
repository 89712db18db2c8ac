/**
 * Layout of the shared statistics file: ONE table of cells for the header and one for a slot.
 *
 * In:    nothing. Out: enums of cell indexes for hot code, tables of the same cells for readers, docs and tests.
 * Units: cells are Float64 (8 octets, aligned, so a store never tears); words are Int32 for `Atomics`; offsets in octets.
 * Keeps: counters (what only grows) fill cells [0, COUNTER_COUNT) of a slot, and the header's base totals have the same
 *        order, so folding is one loop. A change of meaning or place raises LAYOUT_VERSION; a new counter takes an
 *        unused cell below StatusFirst (which readers of the same version see as 0).
 *        Integers are exact to 2^53.
 */

import { HISTOGRAM_BUCKETS } from "./histogram.ts";
import { LAG_BUCKETS } from "./lag-histogram.ts";

/** First eight octets of the file. */
export const MAGIC = "SAKERSTA";
export const LAYOUT_VERSION = 2;
export const PAGE_OCTETS = 4096;
const CELL_OCTETS = 8;

/** Life of a slot, in order. A worker writes Ready and Draining, the master the rest. */
export enum SlotState {
  Free,
  Starting,
  Ready,
  Draining,
  Dead,
}

/** What only grows. Index into `Slot.values` and into the header's base totals. */
export enum Counter {
  ConnectionsAccepted = 0,
  ConnectionsRejectedMax = 1,
  ConnectionsAborted = 2,
  ConnectionsCut = 3,
  Requests = 4,
  RequestsAborted = 5,
  OctetsIn = 6,
  OctetsOut = 7,
  LatencyMicroseconds = 8,
  CacheHits = 9,
  CacheMisses = 10,
  CacheEvictions = 11,
  CacheStale = 12,
  SendfileCalls = 13,
  SendfileOctets = 14,
  QueueAdmissions = 15,
  QueueRejections = 16,
  ParseErrors = 17,
  TimeoutsHeader = 18,
  TimeoutsIdle = 19,
  TimeoutsKeepalive = 20,
  HandlerErrors = 21,
  ConnectionsDisplaced = 22,
  TimeoutsSendRate = 23,
  /** Content coding: cells in the order of `CodingCount` (site/coding/coding-counts.ts; a test compares them). */
  CodedGzip = 25,
  CodedBr = 26,
  CodedZstd = 27,
  CodingSavedOctets = 28,
  CodingsMade = 29,
  CodingsUpgraded = 30,
  CodingMicroseconds = 31,
  /** Cell of http `Method` 0; the other methods follow in the order of that enum. */
  MethodFirst = 32,
  RejectedRateLimit = 44,
  RejectedConnectionsPerIp = 45,
  RejectedDeny = 46,
  RejectedProxyHeader = 47,
  /** Cell of status code 100; the cell of status s is `StatusFirst + s - 100`. */
  StatusFirst = 48,
  /** Cell of histogram bucket 0. */
  HistogramFirst = 548,
  LagMicroseconds = 1061,
  PausesCollection = 1062,
  PausesOther = 1063,
  /** Cell of lag histogram bucket 0. */
  LagFirst = 1064,
}

/** Number of counter cells, and of base totals. */
export const COUNTER_COUNT = 1128;

export const STATUS_MIN = 100;
export const STATUS_MAX = 599;
const STATUS_COUNT = STATUS_MAX - STATUS_MIN + 1;

/** Names of the cells from `Counter.MethodFirst`, in the order of http's `Method` (a test compares them). */
export const METHOD_NAMES = [
  "UNKNOWN",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
] as const;

/** The owner of a slot. Index into `Slot.values`. */
export enum Identity {
  State = 1136,
  Pid = 1137,
  HeartbeatMs = 1138,
  StartedMs = 1139,
  Generation = 1140,
  WorkerIndex = 1141,
  Restarts = 1142,
  RingNext = 1143,
}

/** What goes up and down. Index into `Slot.values`. */
export enum Gauge {
  ConnectionsActive = 1152,
  RequestsInFlight = 1153,
  QueueDepth = 1154,
  SlowPathBusy = 1155,
  CacheOctets = 1156,
  CacheEntries = 1157,
  RssOctets = 1158,
  LoopLagMs = 1159,
  LoopLagMsMax = 1160,
}

/** Cells of a slot before its request ring. */
export const SLOT_CELLS = 1184;

/** The request ring: the last requests of a slot, one record each; `request-ring.ts` says what a record holds. */
export const RING_RECORDS = 256;
export const RING_RECORD_OCTETS = 128;
export const RING_OFFSET = SLOT_CELLS * CELL_OCTETS;
export const SLOT_OCTETS = alignToPage(RING_OFFSET + RING_RECORDS * RING_RECORD_OCTETS);

/** Cells of the header. Index into `Segment.header`. Only the master writes them, except for the two of the last scrape. */
export enum HeaderCell {
  Magic = 0,
  LayoutVersion = 1,
  SegmentOctets = 2,
  SlotCount = 3,
  SlotOctets = 4,
  MasterPid = 5,
  StartedMs = 6,
  WorkersConfigured = 7,
  SamplesTaken = 8,
  ScrapeResponses = 9,
  ScrapeLatencyMicroseconds = 10,
  /** RATE_SAMPLES pairs: time (ms), requests. */
  SampleFirst = 128,
  /** Base totals: one cell a counter, same order. */
  BaseFirst = 512,
  /** Restarts of each worker index, WORKERS_MAX cells. */
  RestartsFirst = 2048,
}

/** Words of the header that more than one process may change. Index into `Segment.words`; 64 octets apart. */
export enum HeaderWord {
  /** Seqlock of the base totals: odd while the master folds. */
  Sequence = 128,
  /** Raised to make every worker drop its cache. */
  CacheGeneration = 144,
  /** Pid of the process that is updating the cells of the last scrape, or 0. */
  ScrapeLock = 160,
}

/** Samples of the request total, one a second: 60 s and a few to spare for readers that are overtaken. */
export const RATE_SAMPLES = 64;
/** More than any machine has cores; it bounds the header. */
export const WORKERS_MAX = 1024;
export const HEADER_OCTETS = alignToPage((HeaderCell.RestartsFirst + WORKERS_MAX) * CELL_OCTETS);

/** Octets of a whole file. */
export function segmentOctets(slotCount: number): number {
  return HEADER_OCTETS + slotCount * SLOT_OCTETS;
}

function alignToPage(octets: number): number {
  return Math.ceil(octets / PAGE_OCTETS) * PAGE_OCTETS;
}

/** One row of the layout: `count` cells from `index` (its offset in octets is 8 times that). */
export interface Cell {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly kind: "counter" | "gauge" | "identity";
  readonly unit: string;
  readonly meaning: string;
}

function row(kind: Cell["kind"], index: number, name: string, unit: string, meaning: string, count = 1): Cell {
  return { kind, index, name, unit, meaning, count };
}

/** Every cell of a slot. */
export const SLOT_TABLE: readonly Cell[] = [
  row("counter", Counter.ConnectionsAccepted, "ConnectionsAccepted", "connections", "taken from the listening socket"),
  row(
    "counter",
    Counter.ConnectionsRejectedMax,
    "ConnectionsRejectedMax",
    "connections",
    "closed: over max_connections",
  ),
  row(
    "counter",
    Counter.ConnectionsAborted,
    "ConnectionsAborted",
    "connections",
    "peer gone during a request or response",
  ),
  row("counter", Counter.ConnectionsCut, "ConnectionsCut", "connections", "cut when shutdown_timeout_seconds ran out"),
  row("counter", Counter.Requests, "Requests", "requests", "started"),
  row(
    "counter",
    Counter.RequestsAborted,
    "RequestsAborted",
    "requests",
    "started, but the response was never completed",
  ),
  row("counter", Counter.OctetsIn, "OctetsIn", "octets", "read from clients"),
  row("counter", Counter.OctetsOut, "OctetsOut", "octets", "written to clients"),
  row("counter", Counter.LatencyMicroseconds, "LatencyMicroseconds", "microseconds", "sum over finished requests"),
  row("counter", Counter.CacheHits, "CacheHits", "lookups", "answered from the cache"),
  row("counter", Counter.CacheMisses, "CacheMisses", "lookups", "not in the cache"),
  row("counter", Counter.CacheEvictions, "CacheEvictions", "entries", "dropped for room"),
  row("counter", Counter.CacheStale, "CacheStale", "entries", "dropped because the file changed or by a purge"),
  row("counter", Counter.SendfileCalls, "SendfileCalls", "calls", "sendfile(2)"),
  row("counter", Counter.SendfileOctets, "SendfileOctets", "octets", "taken by sendfile(2); part of OctetsOut"),
  row("counter", Counter.QueueAdmissions, "QueueAdmissions", "requests", "let into the slow path"),
  row("counter", Counter.QueueRejections, "QueueRejections", "requests", "503: the queue was full"),
  row("counter", Counter.ParseErrors, "ParseErrors", "requests", "malformed, refused with 4xx or 5xx"),
  row("counter", Counter.TimeoutsHeader, "TimeoutsHeader", "connections", "header_timeout_seconds ran out"),
  row(
    "counter",
    Counter.TimeoutsIdle,
    "TimeoutsIdle",
    "connections",
    "timeout_seconds ran out while reading or writing",
  ),
  row("counter", Counter.TimeoutsKeepalive, "TimeoutsKeepalive", "connections", "keepalive_timeout_seconds ran out"),
  row("counter", Counter.TimeoutsSendRate, "TimeoutsSendRate", "connections", "slower than min_send_rate"),
  row("counter", Counter.HandlerErrors, "HandlerErrors", "requests", "500: an exception of ours"),
  row(
    "counter",
    Counter.ConnectionsDisplaced,
    "ConnectionsDisplaced",
    "connections",
    "closed while they waited for a request: others needed their place",
  ),
  row("counter", Counter.CodedGzip, "CodedGzip", "responses", "with content in gzip"),
  row("counter", Counter.CodedBr, "CodedBr", "responses", "with content in br"),
  row("counter", Counter.CodedZstd, "CodedZstd", "responses", "with content in zstd"),
  row("counter", Counter.CodingSavedOctets, "CodingSavedOctets", "octets", "by which those were shorter"),
  row("counter", Counter.CodingsMade, "CodingsMade", "representations", "compressed here while a client waited"),
  row("counter", Counter.CodingsUpgraded, "CodingsUpgraded", "representations", "made anew at the best level"),
  row("counter", Counter.CodingMicroseconds, "CodingMicroseconds", "microseconds", "compressing took"),
  row("counter", Counter.MethodFirst, "Method", "requests", "started, by method", METHOD_NAMES.length),
  row("counter", Counter.RejectedRateLimit, "RejectedRateLimit", "requests", "429: over [rate_limit]"),
  row(
    "counter",
    Counter.RejectedConnectionsPerIp,
    "RejectedConnectionsPerIp",
    "connections",
    "429: over max_connections_per_ip",
  ),
  row("counter", Counter.RejectedDeny, "RejectedDeny", "both", "closed, or 403: by [deny] or [allow]"),
  row("counter", Counter.RejectedProxyHeader, "RejectedProxyHeader", "connections", "closed: no PROXY header"),
  row("counter", Counter.StatusFirst, "Status", "responses", "started, by status code from 100", STATUS_COUNT),
  row("counter", Counter.HistogramFirst, "Histogram", "responses", "finished, by duration", HISTOGRAM_BUCKETS),
  row("counter", Counter.LagMicroseconds, "LagMicroseconds", "microseconds", "sum over measurements of lag"),
  row("counter", Counter.PausesCollection, "PausesCollection", "pauses", "over 5 ms, with a garbage collection"),
  row("counter", Counter.PausesOther, "PausesOther", "pauses", "over 5 ms, without"),
  row("counter", Counter.LagFirst, "Lag", "measurements", "of how late the event loop is, by duration", LAG_BUCKETS),
  row("identity", Identity.State, "State", "SlotState", "where the slot is in its life"),
  row("identity", Identity.Pid, "Pid", "pid", "of the worker"),
  row("identity", Identity.HeartbeatMs, "HeartbeatMs", "ms since 1970", "last sign of life"),
  row("identity", Identity.StartedMs, "StartedMs", "ms since 1970", "when the slot was claimed"),
  row("identity", Identity.Generation, "Generation", "reloads", "generation of the configuration it serves"),
  row("identity", Identity.WorkerIndex, "WorkerIndex", "index", "which of the configured workers it is"),
  row("identity", Identity.Restarts, "Restarts", "restarts", "of this worker index when the slot was claimed"),
  row("identity", Identity.RingNext, "RingNext", "sequence", "sequence number the next request gets"),
  row("gauge", Gauge.ConnectionsActive, "ConnectionsActive", "connections", "open now"),
  row("gauge", Gauge.RequestsInFlight, "RequestsInFlight", "requests", "started and neither finished nor aborted"),
  row("gauge", Gauge.QueueDepth, "QueueDepth", "requests", "waiting for the slow path"),
  row("gauge", Gauge.SlowPathBusy, "SlowPathBusy", "slots", "of threads_per_worker in use"),
  row("gauge", Gauge.CacheOctets, "CacheOctets", "octets", "held by the cache"),
  row("gauge", Gauge.CacheEntries, "CacheEntries", "entries", "in the cache"),
  row("gauge", Gauge.RssOctets, "RssOctets", "octets", "resident set size"),
  row("gauge", Gauge.LoopLagMs, "LoopLagMs", "ms", "how late the last heartbeat came"),
  row("gauge", Gauge.LoopLagMsMax, "LoopLagMsMax", "ms", "how late the event loop was at worst"),
];

/** Every cell of the header; the words (`HeaderWord`) lie in cells 64 to 127. */
export const HEADER_TABLE: readonly Cell[] = [
  row("identity", HeaderCell.Magic, "Magic", "ASCII", `the octets ${MAGIC}`),
  row("identity", HeaderCell.LayoutVersion, "LayoutVersion", "version", "of this table"),
  row("identity", HeaderCell.SegmentOctets, "SegmentOctets", "octets", "size of the file"),
  row("identity", HeaderCell.SlotCount, "SlotCount", "slots", "after the header"),
  row("identity", HeaderCell.SlotOctets, "SlotOctets", "octets", "from one slot to the next"),
  row("identity", HeaderCell.MasterPid, "MasterPid", "pid", "of the master"),
  row("identity", HeaderCell.StartedMs, "StartedMs", "ms since 1970", "when the master started"),
  row("identity", HeaderCell.WorkersConfigured, "WorkersConfigured", "workers", "that ought to be alive"),
  row("counter", HeaderCell.SamplesTaken, "SamplesTaken", "samples", "of the request total so far"),
  row("gauge", HeaderCell.ScrapeResponses, "ScrapeResponses", "responses", "finished at the last scrape"),
  row(
    "gauge",
    HeaderCell.ScrapeLatencyMicroseconds,
    "ScrapeLatencyMicroseconds",
    "microseconds",
    "sum at the last scrape",
  ),
  row("gauge", 64, "Words", "Int32", "HeaderWord: seqlock, cache generation, scrape lock", 64),
  row("gauge", HeaderCell.SampleFirst, "Samples", "ms, requests", "request total, one pair a second", 2 * RATE_SAMPLES),
  row("counter", HeaderCell.BaseFirst, "Base", "as the counter", "counters of slots folded in", COUNTER_COUNT),
  row("counter", HeaderCell.RestartsFirst, "Restarts", "restarts", "by worker index", WORKERS_MAX),
];

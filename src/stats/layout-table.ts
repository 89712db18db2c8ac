/**
 * The cells of the statistics file as tables: name, place, count, unit and meaning of each.
 *
 * Keeps: a test compares the tables with the enums of layout.ts: every member has one row, and rows don't overlap.
 */
import { HISTOGRAM_BUCKETS } from "./histogram.ts";
import { LAG_BUCKETS } from "./lag-histogram.ts";
import {
  Counter,
  COUNTER_COUNT,
  Gauge,
  HeaderCell,
  Identity,
  MAGIC,
  METHOD_NAMES,
  RATE_SAMPLES,
  STATUS_MAX,
  STATUS_MIN,
  WORKERS_MAX,
} from "./layout.ts";

const STATUS_COUNT = STATUS_MAX - STATUS_MIN + 1;

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

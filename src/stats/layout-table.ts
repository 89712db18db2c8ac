/**
 * The cells of the statistics file as tables: name, place, count, unit and meaning of each, and where it is published: as a metric
 * (metric-families.ts) and in /stats.
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
import { FAMILIES, type Family } from "./metric-families.ts";

const STATUS_COUNT = STATUS_MAX - STATUS_MIN + 1;

/** One row of the layout: `count` cells from `index` (its offset in octets is 8 times that). */
export interface Cell {
  readonly name: string;
  readonly index: number;
  readonly count: number;
  readonly kind: "counter" | "gauge" | "identity";
  readonly unit: string;
  readonly meaning: string;
  readonly shown: Shown;
}

/** Where a cell is published. */
export interface Shown {
  readonly family?: Family;
  /**
   * Which sample of the family it is: the value of its label (values of its labels, separated by commas); where the label is "le" or
   * the cells are many, what they are to the family.
   */
  readonly sample?: string;
  /** Why no metric shows it. */
  readonly without?: string;
  /** Paths in the JSON of /stats, below the total and each worker. None for what is derived there from more than one cell. */
  readonly json?: readonly string[];
}

function row(
  kind: Cell["kind"],
  index: number,
  name: string,
  unit: string,
  meaning: string,
  shown: Shown = {},
  count = 1,
): Cell {
  return { kind, index, name, unit, meaning, shown, count };
}

/** Every cell of a slot. */
export const SLOT_TABLE: readonly Cell[] = [
  row("counter", Counter.ConnectionsAccepted, "ConnectionsAccepted", "connections", "taken from the listening socket", {
    family: FAMILIES.accepted,
    json: ["connections.accepted"],
  }),
  row(
    "counter",
    Counter.ConnectionsRejectedMax,
    "ConnectionsRejectedMax",
    "connections",
    "closed: over max_connections",
    { family: FAMILIES.rejected, sample: "max_connections", json: ["requests.rejected.max_connections"] },
  ),
  row(
    "counter",
    Counter.ConnectionsAborted,
    "ConnectionsAborted",
    "connections",
    "peer gone during a request or response",
    { family: FAMILIES.brokenOff, json: ["connections.aborted"] },
  ),
  row("counter", Counter.ConnectionsCut, "ConnectionsCut", "connections", "cut when shutdown_timeout_seconds ran out", {
    family: FAMILIES.cut,
    json: ["connections.cut"],
  }),
  row("counter", Counter.Requests, "Requests", "requests", "started", {
    family: FAMILIES.requests,
    json: ["requests.total"],
  }),
  row(
    "counter",
    Counter.RequestsAborted,
    "RequestsAborted",
    "requests",
    "started, but the response was never completed",
    { family: FAMILIES.aborted, json: ["requests.aborted"] },
  ),
  row("counter", Counter.OctetsIn, "OctetsIn", "octets", "read from clients", {
    family: FAMILIES.received,
    json: ["received_bytes"],
  }),
  row("counter", Counter.OctetsOut, "OctetsOut", "octets", "written to clients", {
    family: FAMILIES.sent,
    json: ["sent_bytes"],
  }),
  row("counter", Counter.LatencyMicroseconds, "LatencyMicroseconds", "microseconds", "sum over finished requests", {
    family: FAMILIES.duration,
    sample: "sum",
  }),
  row("counter", Counter.CacheHits, "CacheHits", "lookups", "answered from the cache", {
    family: FAMILIES.hits,
    json: ["cache.hits"],
  }),
  row("counter", Counter.CacheMisses, "CacheMisses", "lookups", "not in the cache", {
    family: FAMILIES.misses,
    json: ["cache.misses"],
  }),
  row("counter", Counter.CacheEvictions, "CacheEvictions", "entries", "dropped for room", {
    family: FAMILIES.evictions,
    json: ["cache.evictions"],
  }),
  row("counter", Counter.CacheStale, "CacheStale", "entries", "dropped because the file changed or by a purge", {
    family: FAMILIES.stale,
    json: ["cache.stale"],
  }),
  row("counter", Counter.SendfileCalls, "SendfileCalls", "calls", "sendfile(2)", {
    family: FAMILIES.sendfileCalls,
    json: ["sendfile.calls"],
  }),
  row("counter", Counter.SendfileOctets, "SendfileOctets", "octets", "taken by sendfile(2); part of OctetsOut", {
    family: FAMILIES.sendfileBytes,
    json: ["sendfile.bytes"],
  }),
  row("counter", Counter.QueueAdmissions, "QueueAdmissions", "requests", "let into the slow path", {
    without: "the hits and misses of the cache tell how many ask for it",
    json: ["queue.admissions"],
  }),
  row("counter", Counter.QueueRejections, "QueueRejections", "requests", "503: the queue was full", {
    family: FAMILIES.rejected,
    sample: "queue_full",
    json: ["requests.rejected.queue_full", "queue.rejections"],
  }),
  row("counter", Counter.ParseErrors, "ParseErrors", "requests", "malformed, refused with 4xx or 5xx", {
    family: FAMILIES.rejected,
    sample: "malformed",
    json: ["requests.rejected.malformed"],
  }),
  row("counter", Counter.TimeoutsHeader, "TimeoutsHeader", "connections", "header_timeout_seconds ran out", {
    family: FAMILIES.timeouts,
    sample: "header",
    json: ["timeouts.header"],
  }),
  row(
    "counter",
    Counter.TimeoutsIdle,
    "TimeoutsIdle",
    "connections",
    "timeout_seconds ran out while reading or writing",
    { family: FAMILIES.timeouts, sample: "idle", json: ["timeouts.idle"] },
  ),
  row("counter", Counter.TimeoutsKeepalive, "TimeoutsKeepalive", "connections", "keepalive_timeout_seconds ran out", {
    family: FAMILIES.timeouts,
    sample: "keepalive",
    json: ["timeouts.keepalive"],
  }),
  row("counter", Counter.TimeoutsSendRate, "TimeoutsSendRate", "connections", "slower than min_send_rate", {
    family: FAMILIES.timeouts,
    sample: "send_rate",
    json: ["timeouts.send_rate"],
  }),
  row("counter", Counter.HandlerErrors, "HandlerErrors", "requests", "500: an exception of ours", {
    family: FAMILIES.errors,
    json: ["errors"],
  }),
  row(
    "counter",
    Counter.ConnectionsDisplaced,
    "ConnectionsDisplaced",
    "connections",
    "closed while they waited for a request: others needed their place",
    { family: FAMILIES.displaced },
  ),
  row("counter", Counter.CodedGzip, "CodedGzip", "responses", "with content in gzip", {
    family: FAMILIES.coded,
    sample: "gzip",
    json: ["compression.responses.gzip"],
  }),
  row("counter", Counter.CodedBr, "CodedBr", "responses", "with content in br", {
    family: FAMILIES.coded,
    sample: "br",
    json: ["compression.responses.br"],
  }),
  row("counter", Counter.CodedZstd, "CodedZstd", "responses", "with content in zstd", {
    family: FAMILIES.coded,
    sample: "zstd",
    json: ["compression.responses.zstd"],
  }),
  row("counter", Counter.CodingSavedOctets, "CodingSavedOctets", "octets", "by which those were shorter", {
    family: FAMILIES.saved,
    json: ["compression.saved_bytes"],
  }),
  row("counter", Counter.CodingsMade, "CodingsMade", "representations", "compressed here while a client waited", {
    family: FAMILIES.made,
    sample: "request",
    json: ["compression.made.request"],
  }),
  row("counter", Counter.CodingsUpgraded, "CodingsUpgraded", "representations", "made anew at the best level", {
    family: FAMILIES.made,
    sample: "upgrade",
    json: ["compression.made.upgrade"],
  }),
  row("counter", Counter.CodingMicroseconds, "CodingMicroseconds", "microseconds", "compressing took", {
    family: FAMILIES.compressing,
    json: ["compression.seconds"],
  }),
  row(
    "counter",
    Counter.MethodFirst,
    "Method",
    "requests",
    "started, by method",
    { family: FAMILIES.byMethod, sample: "each" },
    METHOD_NAMES.length,
  ),
  row("counter", Counter.RejectedRateLimit, "RejectedRateLimit", "requests", "429: over [rate_limit]", {
    family: FAMILIES.rejected,
    sample: "rate_limit",
    json: ["requests.rejected.rate_limit"],
  }),
  row(
    "counter",
    Counter.RejectedConnectionsPerIp,
    "RejectedConnectionsPerIp",
    "connections",
    "429: over max_connections_per_ip",
    { family: FAMILIES.rejected, sample: "max_connections_per_ip", json: ["requests.rejected.max_connections_per_ip"] },
  ),
  row("counter", Counter.RejectedDeny, "RejectedDeny", "both", "closed, or 403: by [deny] or [allow]", {
    family: FAMILIES.rejected,
    sample: "deny",
    json: ["requests.rejected.deny"],
  }),
  row("counter", Counter.RejectedProxyHeader, "RejectedProxyHeader", "connections", "closed: no PROXY header", {
    family: FAMILIES.rejected,
    sample: "proxy_protocol",
    json: ["requests.rejected.proxy_protocol"],
  }),
  row(
    "counter",
    Counter.StatusFirst,
    "Status",
    "responses",
    "started, by status code from 100",
    { family: FAMILIES.byStatus, sample: "each" },
    STATUS_COUNT,
  ),
  row(
    "counter",
    Counter.HistogramFirst,
    "Histogram",
    "responses",
    "finished, by duration",
    { family: FAMILIES.duration, sample: "bucket" },
    HISTOGRAM_BUCKETS,
  ),
  row("counter", Counter.LagMicroseconds, "LagMicroseconds", "microseconds", "sum over measurements of lag", {
    family: FAMILIES.lag,
    sample: "sum",
  }),
  row("counter", Counter.PausesCollection, "PausesCollection", "pauses", "over 5 ms, with a garbage collection", {
    family: FAMILIES.pauses,
    sample: "gc",
    json: ["loop_lag_ms.pauses.gc"],
  }),
  row("counter", Counter.PausesOther, "PausesOther", "pauses", "over 5 ms, without", {
    family: FAMILIES.pauses,
    sample: "other",
    json: ["loop_lag_ms.pauses.other"],
  }),
  row(
    "counter",
    Counter.LagFirst,
    "Lag",
    "measurements",
    "of how late the event loop is, by duration",
    { family: FAMILIES.lag, sample: "bucket" },
    LAG_BUCKETS,
  ),
  row("counter", Counter.TlsHandshakes12, "TlsHandshakes12", "handshakes", "complete, with TLS 1.2", {
    family: FAMILIES.handshakes,
    sample: "1.2,false",
    json: ["tls.handshakes.tls_1_2.full"],
  }),
  row(
    "counter",
    Counter.TlsHandshakes12Resumed,
    "TlsHandshakes12Resumed",
    "handshakes",
    "the same, of a known session",
    {
      family: FAMILIES.handshakes,
      sample: "1.2,true",
      json: ["tls.handshakes.tls_1_2.resumed"],
    },
  ),
  row("counter", Counter.TlsHandshakes13, "TlsHandshakes13", "handshakes", "complete, with TLS 1.3", {
    family: FAMILIES.handshakes,
    sample: "1.3,false",
    json: ["tls.handshakes.tls_1_3.full"],
  }),
  row(
    "counter",
    Counter.TlsHandshakes13Resumed,
    "TlsHandshakes13Resumed",
    "handshakes",
    "the same, of a known session",
    {
      family: FAMILIES.handshakes,
      sample: "1.3,true",
      json: ["tls.handshakes.tls_1_3.resumed"],
    },
  ),
  row("counter", Counter.TlsFailedTimeout, "TlsFailedTimeout", "handshakes", "failed: header_timeout_seconds ran out", {
    family: FAMILIES.handshakeFailures,
    sample: "timeout",
    json: ["tls.handshake_failures.timeout"],
  }),
  row("counter", Counter.TlsFailedLeft, "TlsFailedLeft", "handshakes", "failed: the client left", {
    family: FAMILIES.handshakeFailures,
    sample: "left",
    json: ["tls.handshake_failures.left"],
  }),
  row("counter", Counter.TlsFailedVersion, "TlsFailedVersion", "handshakes", "failed: no version in common", {
    family: FAMILIES.handshakeFailures,
    sample: "version",
    json: ["tls.handshake_failures.version"],
  }),
  row(
    "counter",
    Counter.TlsFailedAlgorithms,
    "TlsFailedAlgorithms",
    "handshakes",
    "failed: no cipher suite, group or signature in common",
    {
      family: FAMILIES.handshakeFailures,
      sample: "algorithms",
      json: ["tls.handshake_failures.algorithms"],
    },
  ),
  row("counter", Counter.TlsFailedAlpn, "TlsFailedAlpn", "handshakes", "failed: no protocol in common", {
    family: FAMILIES.handshakeFailures,
    sample: "alpn",
    json: ["tls.handshake_failures.alpn"],
  }),
  row(
    "counter",
    Counter.TlsFailedClientCertificate,
    "TlsFailedClientCertificate",
    "handshakes",
    "failed: no client certificate that is trusted",
    {
      family: FAMILIES.handshakeFailures,
      sample: "client_certificate",
      json: ["tls.handshake_failures.client_certificate"],
    },
  ),
  row("counter", Counter.TlsFailedAlert, "TlsFailedAlert", "handshakes", "failed: the client says that it refuses", {
    family: FAMILIES.handshakeFailures,
    sample: "alert",
    json: ["tls.handshake_failures.alert"],
  }),
  row(
    "counter",
    Counter.TlsFailedPlainHttp,
    "TlsFailedPlainHttp",
    "handshakes",
    "failed: it was a request in plain text",
    {
      family: FAMILIES.handshakeFailures,
      sample: "plain_http",
      json: ["tls.handshake_failures.plain_http"],
    },
  ),
  row("counter", Counter.TlsFailedOther, "TlsFailedOther", "handshakes", "failed: anything else", {
    family: FAMILIES.handshakeFailures,
    sample: "other",
    json: ["tls.handshake_failures.other"],
  }),
  row("counter", Counter.RequestsHttp2, "RequestsHttp2", "requests", "of Requests, those by HTTP/2", {
    family: FAMILIES.byProtocol,
    sample: "HTTP/2",
  }),
  row("counter", Counter.Http2StreamsReset, "Http2StreamsReset", "streams", "reset by the client, or because of it", {
    family: FAMILIES.streamsReset,
    json: ["http2.streams_reset"],
  }),
  row("counter", Counter.Http2Calmed, "Http2Calmed", "connections", "ended with ENHANCE_YOUR_CALM", {
    family: FAMILIES.calmed,
    json: ["http2.calmed"],
  }),
  row("identity", Identity.State, "State", "SlotState", "where the slot is in its life"),
  row("identity", Identity.Pid, "Pid", "pid", "of the worker"),
  row("identity", Identity.HeartbeatMs, "HeartbeatMs", "ms since 1970", "last sign of life"),
  row("identity", Identity.StartedMs, "StartedMs", "ms since 1970", "when the slot was claimed"),
  row("identity", Identity.Generation, "Generation", "reloads", "generation of the configuration it serves"),
  row("identity", Identity.WorkerIndex, "WorkerIndex", "index", "which of the configured workers it is"),
  row("identity", Identity.Restarts, "Restarts", "restarts", "of this worker index when the slot was claimed"),
  row("identity", Identity.RingNext, "RingNext", "sequence", "sequence number the next request gets"),
  row("gauge", Gauge.ConnectionsActive, "ConnectionsActive", "connections", "open now", {
    family: FAMILIES.active,
    json: ["connections.active"],
  }),
  row("gauge", Gauge.RequestsInFlight, "RequestsInFlight", "requests", "started and neither finished nor aborted", {
    family: FAMILIES.inFlight,
    json: ["requests.in_flight"],
  }),
  row("gauge", Gauge.QueueDepth, "QueueDepth", "requests", "waiting for the slow path", {
    family: FAMILIES.queueDepth,
    json: ["queue.depth"],
  }),
  row("gauge", Gauge.SlowPathBusy, "SlowPathBusy", "slots", "of threads_per_worker in use", {
    without: "it is bounded by a setting; what waits for it, queueDepth, tells when that is too little",
    json: ["queue.busy"],
  }),
  row("gauge", Gauge.CacheOctets, "CacheOctets", "octets", "held by the cache", {
    family: FAMILIES.cacheBytes,
    json: ["cache.bytes"],
  }),
  row("gauge", Gauge.CacheEntries, "CacheEntries", "entries", "in the cache", {
    family: FAMILIES.cacheEntries,
    json: ["cache.entries"],
  }),
  row("gauge", Gauge.Http2StreamsOpen, "Http2StreamsOpen", "streams", "of HTTP/2, open now", {
    family: FAMILIES.streamsOpen,
    json: ["http2.streams_open"],
  }),
  row("gauge", Gauge.RssOctets, "RssOctets", "octets", "resident set size", {
    family: FAMILIES.rss,
    sample: "worker",
    json: ["rss_bytes"],
  }),
  row("gauge", Gauge.LoopLagMs, "LoopLagMs", "ms", "how late the last heartbeat came", {
    family: FAMILIES.lastLag,
    sample: "worker",
    json: ["loop_lag_ms.last"],
  }),
  row("gauge", Gauge.LoopLagMsMax, "LoopLagMsMax", "ms", "how late the event loop was at worst", {
    family: FAMILIES.worstLag,
    sample: "worker",
    json: ["loop_lag_ms.max"],
  }),
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
  row("gauge", 64, "Words", "Int32", "HeaderWord: seqlock, cache generation, scrape lock", {}, 64),
  row(
    "gauge",
    HeaderCell.SampleFirst,
    "Samples",
    "ms, requests",
    "request total, one pair a second",
    {},
    2 * RATE_SAMPLES,
  ),
  row("counter", HeaderCell.BaseFirst, "Base", "as the counter", "counters of slots folded in", {}, COUNTER_COUNT),
  row("counter", HeaderCell.RestartsFirst, "Restarts", "restarts", "by worker index", {}, WORKERS_MAX),
];

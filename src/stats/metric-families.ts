/**
 * The families of /metrics that show cells: name, help and label of each, in the order in which they are shown.
 *
 * Units: base units of Prometheus in the names (seconds, bytes).
 * Keeps: names are a contract with dashboards; add, do not rename. Which cells a family shows, layout-table.ts says.
 */

/** Parts of /metrics. What is derived from more than one cell stands between them (admin/metrics.ts). */
export type Section = "traffic" | "tls" | "latency" | "cache" | "compression" | "loop lag" | "worker";

export interface Family {
  readonly section: Section;
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** The label that tells its samples apart (or labels, separated by commas); "" where there is only one. */
  readonly label: string;
}

const of =
  (type: Family["type"]) =>
  (section: Section, name: string, help: string, label = ""): Family => ({ section, name, help, type, label });
const counter = of("counter");
const gauge = of("gauge");
const histogram = of("histogram");

export const FAMILIES = {
  requests: counter("traffic", "http_requests_total", "Requests started"),
  byMethod: counter("traffic", "http_requests_by_method_total", "Requests started, by method", "method"),
  byProtocol: counter(
    "traffic",
    "http_requests_by_protocol_total",
    "Requests started, by major version of HTTP",
    "protocol",
  ),
  aborted: counter("traffic", "http_requests_aborted_total", "Requests whose response was never completed"),
  inFlight: gauge("traffic", "http_requests_in_flight", "Requests being answered"),
  byStatus: counter("traffic", "http_responses_total", "Responses, by status code", "code"),
  sent: counter("traffic", "http_sent_bytes_total", "Bytes written to clients"),
  received: counter("traffic", "http_received_bytes_total", "Bytes read from clients"),
  active: gauge("traffic", "http_connections_active", "Connections open"),
  accepted: counter("traffic", "http_connections_accepted_total", "Connections accepted"),
  brokenOff: counter("traffic", "http_connections_aborted_total", "Connections the peer broke off"),
  displaced: counter(
    "traffic",
    "http_connections_displaced_total",
    "Idle connections closed because others needed their place",
  ),
  cut: counter("traffic", "http_connections_cut_total", "Connections cut at the end of a drain"),
  rejected: counter("traffic", "http_requests_rejected_total", "Refused, by reason", "reason"),
  timeouts: counter("traffic", "saker_timeouts_total", "Connections ended by a time limit", "kind"),
  errors: counter("traffic", "saker_handler_errors_total", "Requests answered 500 because of an exception"),
  queueDepth: gauge("traffic", "saker_queue_depth", "Requests waiting for the slow path"),
  sendfileCalls: counter("traffic", "saker_sendfile_calls_total", "Calls of sendfile(2)"),
  sendfileBytes: counter("traffic", "saker_sendfile_bytes_total", "Bytes sent by sendfile(2)"),
  handshakes: counter("tls", "saker_tls_handshakes_total", "TLS handshakes completed", "version,resumed"),
  handshakeFailures: counter(
    "tls",
    "saker_tls_handshake_failures_total",
    "TLS handshakes that failed, by reason",
    "reason",
  ),
  streamsOpen: gauge("tls", "saker_http2_streams_open", "HTTP/2 streams that are being answered"),
  streamsReset: counter(
    "tls",
    "saker_http2_streams_reset_total",
    "HTTP/2 streams reset by clients, or because of them",
  ),
  calmed: counter("tls", "saker_http2_calmed_total", "HTTP/2 connections ended with ENHANCE_YOUR_CALM"),
  duration: histogram("latency", "http_request_duration_seconds", "Time to answer a request", "le"),
  hits: counter("cache", "saker_cache_hits_total", "Lookups answered from the cache"),
  misses: counter("cache", "saker_cache_misses_total", "Lookups not in the cache"),
  evictions: counter("cache", "saker_cache_evictions_total", "Entries dropped for room"),
  stale: counter("cache", "saker_cache_stale_total", "Entries dropped because their file changed, or by a purge"),
  cacheBytes: gauge("cache", "saker_cache_bytes", "Bytes held by the caches"),
  cacheEntries: gauge("cache", "saker_cache_entries", "Entries in the caches"),
  coded: counter("compression", "saker_compression_responses_total", "Responses with compressed content", "coding"),
  saved: counter("compression", "saker_compression_saved_bytes_total", "Bytes that compressed content was shorter by"),
  made: counter(
    "compression",
    "saker_compression_made_total",
    "Representations compressed here: for a request, or better ones later",
    "for",
  ),
  compressing: counter("compression", "saker_compression_seconds_total", "Time compressing took"),
  lag: histogram(
    "loop lag",
    "saker_event_loop_lag_seconds",
    "How late the event loops are, measured every 5 ms while requests come",
    "le",
  ),
  pauses: counter("loop lag", "saker_event_loop_pauses_total", "Lags over 5 ms, by what was seen meanwhile", "cause"),
  rss: gauge("worker", "saker_worker_rss_bytes", "Resident set size", "worker"),
  lastLag: gauge("worker", "saker_worker_loop_lag_seconds", "How late the worker's last heartbeat came", "worker"),
  worstLag: gauge(
    "worker",
    "saker_worker_loop_lag_max_seconds",
    "How late the worker's event loop was at worst",
    "worker",
  ),
} as const satisfies Record<string, Family>;

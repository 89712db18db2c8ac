/**
 * Layout of the shared statistics file: where the cells of the header and of a slot lie.
 *
 * Out:   enums of cell indexes; layout-table.ts describes the same cells (name, count, unit, meaning).
 * Units: cells are Float64 (8 octets, aligned, so a store never tears); words are Int32 for `Atomics`; offsets in octets.
 * Keeps: counters (what only grows) fill cells [0, COUNTER_COUNT) of a slot, and the header's base totals have the same
 *        order, so folding is one loop. A change of meaning or place raises LAYOUT_VERSION; a new counter takes an
 *        unused cell below StatusFirst (which readers of the same version see as 0).
 *        Integers are exact to 2^53.
 */
/** First eight octets of the file. */
export const MAGIC = "SAKERSTA";
export const LAYOUT_VERSION = 3;
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
  TlsHandshakes12 = 1128,
  TlsHandshakes12Resumed = 1129,
  TlsHandshakes13 = 1130,
  TlsHandshakes13Resumed = 1131,
  TlsFailedTimeout = 1132,
  TlsFailedLeft = 1133,
  TlsFailedVersion = 1134,
  TlsFailedAlgorithms = 1135,
  TlsFailedAlpn = 1136,
  TlsFailedClientCertificate = 1137,
  TlsFailedAlert = 1138,
  TlsFailedPlainHttp = 1139,
  TlsFailedOther = 1140,
  RequestsHttp2 = 1141,
  Http2StreamsReset = 1142,
  Http2Calmed = 1143,
}

/** Number of counter cells, and of base totals. */
export const COUNTER_COUNT = 1144;

export const STATUS_MIN = 100;
export const STATUS_MAX = 599;

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
  State = 1168,
  Pid = 1169,
  HeartbeatMs = 1170,
  StartedMs = 1171,
  Generation = 1172,
  WorkerIndex = 1173,
  Restarts = 1174,
  RingNext = 1175,
}

/** What goes up and down. Index into `Slot.values`. */
export enum Gauge {
  ConnectionsActive = 1184,
  RequestsInFlight = 1185,
  QueueDepth = 1186,
  SlowPathBusy = 1187,
  CacheOctets = 1188,
  CacheEntries = 1189,
  Http2StreamsOpen = 1190,
  RssOctets = 1191,
  LoopLagMs = 1192,
  LoopLagMsMax = 1193,
}

/** Cells of a slot before its request ring. */
export const SLOT_CELLS = 1216;

/** The request ring: the last requests of a slot, one record each; `ring-record.ts` says what a record holds. */
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

/**
 * One worker's slot of the shared statistics file, as its worker writes it.
 *
 * In:    what happens to requests. Out: cells of the slot (`layout.ts`) and records of its ring (`ring-record.ts`).
 * Units: microseconds for durations, ms since 1970 for points in time, octets.
 * Keeps: one writer, so plain stores suffice; `requestStarted` and `requestFinished` allocate nothing (test/stats/
 *        allocation.test.ts) and cost a few tens of nanoseconds (bench/micro/histogram.bench.ts). At any time
 *        Requests = finished (the histogram's count) + RequestsAborted + RequestsInFlight.
 */

import { assert } from "../assert.ts";
import { bucketOf } from "./histogram.ts";
import {
  Counter,
  Gauge,
  Identity,
  RING_OFFSET,
  RING_RECORD_OCTETS,
  RING_RECORDS,
  SLOT_CELLS,
  SlotState,
  STATUS_MAX,
  STATUS_MIN,
} from "./layout.ts";
import {
  RING_PATH_OCTETS_MAX,
  RING_SEQUENCE_MASK,
  RecordCell,
  RecordOctet,
  RecordState,
  RecordWord,
} from "./ring-record.ts";

const RECORD_CELLS = RING_RECORD_OCTETS / 8;
const RECORD_WORDS = RING_RECORD_OCTETS / 4;
const INDEX_MASK = RING_RECORDS - 1;

/**
 * Longer paths are copied natively: a call costs 10 to 20 ns whatever the length, the loop 0.5 ns per octet
 * (bench/micro/histogram.bench.ts, "path copy").
 */
const LOOP_COPY_OCTETS_MAX = 16;
const nativeCopy = Buffer.prototype.copy;

export class Slot {
  /** Number of the slot in the file. */
  readonly index: number;
  /** All cells: `slot.values[Counter.CacheHits]! += 1`. */
  readonly values: Float64Array;
  readonly ringCells: Float64Array;
  readonly ringWords: Int32Array;
  readonly ringOctets: Uint8Array;

  constructor(buffer: ArrayBufferLike, offset: number, index: number) {
    this.index = index;
    this.values = new Float64Array(buffer, offset, SLOT_CELLS);
    this.ringCells = new Float64Array(buffer, offset + RING_OFFSET, RING_RECORDS * RECORD_CELLS);
    this.ringWords = new Int32Array(buffer, offset + RING_OFFSET, RING_RECORDS * RECORD_WORDS);
    this.ringOctets = new Uint8Array(buffer, offset + RING_OFFSET, RING_RECORDS * RING_RECORD_OCTETS);
  }

  get state(): SlotState {
    return this.values[Identity.State]!;
  }

  /** Its life goes on in the order of the states, however many it leaves out, and from each of them to Free. */
  set state(state: SlotState) {
    assert(state === SlotState.Free || state >= this.state, "a slot's life doesn't go back");
    this.values[Identity.State] = state;
  }

  /** The worker's first act: this process now owns the slot, which stays `Starting` until it sets `Ready`. */
  adopt(pid: number): void {
    this.values[Identity.Pid] = pid;
    this.heartbeat();
  }

  /** Shows that the event loop is running. Call it at least once a second: after 5 s of silence the worker counts as dead. */
  heartbeat(nowMs: number = Date.now()): void {
    this.values[Identity.HeartbeatMs] = nowMs;
  }

  /**
   * Counts a request and records it as in flight; to be called before it is handled, so that a crash shows it.
   * `method` is http's `Method`; the path is `bytes[pathStart, pathEnd)`, copied at once and cut to 100 octets; an
   * empty range does for a malformed request. Returns the record's sequence number for `requestFinished`.
   */
  requestStarted(nowMs: number, method: number, bytes: Uint8Array, pathStart: number, pathEnd: number): number {
    const values = this.values;
    const octets = this.ringOctets;
    const sequence = values[Identity.RingNext]! | 0;
    const record = sequence & INDEX_MASK;
    const octet = record * RING_RECORD_OCTETS;
    octets[octet + RecordOctet.State] = RecordState.Empty;
    this.ringCells[record * RECORD_CELLS + RecordCell.TimeMs] = nowMs;
    this.ringWords[record * RECORD_WORDS + RecordWord.Sequence] = sequence;
    octets[octet + RecordOctet.Method] = method;
    let count = pathEnd - pathStart;
    octets[octet + RecordOctet.Truncated] = count > RING_PATH_OCTETS_MAX ? 1 : 0;
    if (count > RING_PATH_OCTETS_MAX) count = RING_PATH_OCTETS_MAX;
    octets[octet + RecordOctet.PathOctets] = count;
    const target = octet + RecordOctet.Path;
    if (count <= LOOP_COPY_OCTETS_MAX) for (let i = 0; i < count; i++) octets[target + i] = bytes[pathStart + i]!;
    else nativeCopy.call(bytes as Buffer, octets, target, pathStart, pathStart + count);
    octets[octet + RecordOctet.State] = RecordState.InFlight;
    values[Identity.RingNext] = (sequence + 1) & RING_SEQUENCE_MASK;
    values[Counter.Requests]! += 1;
    values[Counter.MethodFirst + method]! += 1;
    values[Gauge.RequestsInFlight]! += 1;
    return sequence;
  }

  /**
   * Counts the final response of a request (never an interim 1xx) by status. To be called before its first octet is
   * written: a client that has received a response finds it in the totals.
   */
  responseStarted(status: number): void {
    if (status < STATUS_MIN || status > STATUS_MAX) refuseStatus(status);
    this.values[Counter.StatusFirst - STATUS_MIN + status]! += 1;
  }

  /**
   * Counts a request whose response has been handed to the kernel: by duration, and its octets. `sequence` is what
   * `requestStarted` returned; `octetsOut` is what was not yet added to `Counter.OctetsOut`.
   */
  requestFinished(sequence: number, status: number, microseconds: number, octetsOut: number): void {
    const values = this.values;
    values[Counter.HistogramFirst + bucketOf(microseconds)]! += 1;
    values[Counter.LatencyMicroseconds]! += microseconds;
    values[Counter.OctetsOut]! += octetsOut;
    this.closeRecord(sequence, RecordState.Done, status, microseconds);
  }

  /** Counts a request whose response was not completed: the peer went away, or it was abandoned. */
  requestAborted(sequence: number, microseconds: number, octetsOut: number): void {
    this.values[Counter.RequestsAborted]! += 1;
    this.values[Counter.OctetsOut]! += octetsOut;
    this.closeRecord(sequence, RecordState.Aborted, 0, microseconds);
  }

  /** Completes a record, unless 256 later requests have taken its place already (long downloads). */
  private closeRecord(sequence: number, state: RecordState, status: number, microseconds: number): void {
    this.values[Gauge.RequestsInFlight]! -= 1;
    const record = sequence & INDEX_MASK;
    const word = record * RECORD_WORDS;
    if (this.ringWords[word + RecordWord.Sequence] !== sequence) return;
    this.ringWords[word + RecordWord.Status] = status;
    this.ringCells[record * RECORD_CELLS + RecordCell.Microseconds] = microseconds;
    this.ringOctets[record * RING_RECORD_OCTETS + RecordOctet.State] = state;
  }
}

/** Apart, so that what is called for every response is small. */
function refuseStatus(status: number): never {
  throw new RangeError(`status ${status} is not in 100..599`);
}

/**
 * The shared statistics file as an object: made by the master, opened by workers and by any process that may read it.
 *
 * In:    a path; for the master also the number of slots and workers.
 * Out:   `Segment`: the header's cells and words, the slots, and what the master does with them.
 * Units: ms since 1970, octets.
 * Keeps: the methods marked "master" are called by the master alone, so base totals have one writer. Folding happens
 *        under a seqlock (`HeaderWord.Sequence`, odd meanwhile): a reader that saw it change reads again, so the sum of
 *        base totals and slots never goes backwards. The file has its full size before it is mapped and is
 *        never truncated.
 * Fails: `SegmentError` with the path and the reason; set-up code only.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { createAnonymousMemory } from "../sys/anonymous-memory.ts";
import { messageOf } from "../sys/errno.ts";
import { createSharedMemory, openSharedMemory } from "../sys/shared-memory.ts";
import {
  COUNTER_COUNT,
  Counter,
  Gauge,
  HEADER_OCTETS,
  HeaderCell,
  HeaderWord,
  Identity,
  LAYOUT_VERSION,
  MAGIC,
  SLOT_CELLS,
  SLOT_OCTETS,
  SlotState,
  WORKERS_MAX,
  segmentOctets,
} from "./layout.ts";
import { Slot } from "./slot.ts";

/** Slots a file can have; with 44 KiB each it bounds the file at 180 MiB. */
export const SLOTS_MAX = 4 * WORKERS_MAX;

/** Where the kernel names the descriptors of a process (proc_pid_fd(5)). */
const DESCRIPTORS = "/proc/self/fd";

/** The file is missing, not saker's, of another layout, or damaged. */
export class SegmentError extends Error {
  override readonly name = "SegmentError";
  constructor(
    readonly path: string,
    reason: string,
    cause?: unknown,
  ) {
    super(`statistics file ${path}: ${reason}`, { cause });
  }
}

export class Segment {
  readonly path: string;
  /** Cells of the header (`HeaderCell`). */
  readonly header: Float64Array;
  /** The same memory as words (`HeaderWord`), for `Atomics`. */
  readonly words: Int32Array;
  /** Base totals: counters of slots that were folded in, by `Counter`. */
  readonly base: Float64Array;
  readonly slots: readonly Slot[];

  /** Checks the header; throws `SegmentError`. `memory` is the whole file. */
  constructor(path: string, memory: Uint8Array) {
    checkHeader(path, memory);
    this.path = path;
    this.header = new Float64Array(memory.buffer, memory.byteOffset, HEADER_OCTETS / 8);
    this.words = new Int32Array(memory.buffer, memory.byteOffset, HEADER_OCTETS / 4);
    this.base = this.header.subarray(HeaderCell.BaseFirst, HeaderCell.BaseFirst + COUNTER_COUNT);
    const count = this.header[HeaderCell.SlotCount]!;
    this.slots = Array.from({ length: count }, (_, index) => {
      return new Slot(memory.buffer, memory.byteOffset + HEADER_OCTETS + index * SLOT_OCTETS, index);
    });
  }

  get masterPid(): number {
    return this.header[HeaderCell.MasterPid]!;
  }

  get startedMs(): number {
    return this.header[HeaderCell.StartedMs]!;
  }

  get workersConfigured(): number {
    return this.header[HeaderCell.WorkersConfigured]!;
  }

  /** Master: how many workers should be alive (changes with a reload). */
  set workersConfigured(workers: number) {
    checkCount(this.path, "workers", workers, WORKERS_MAX);
    this.header[HeaderCell.WorkersConfigured] = workers;
  }

  /** Compare with the value seen last: a different one means "drop all entries". A plain read would do too. */
  get cacheGeneration(): number {
    return Atomics.load(this.words, HeaderWord.CacheGeneration);
  }

  /** Makes every worker drop its cache at its next check. Any process may call it. Returns the new generation. */
  raiseCacheGeneration(): number {
    return Atomics.add(this.words, HeaderWord.CacheGeneration, 1) + 1;
  }

  slot(index: number): Slot {
    const slot = this.slots[index];
    if (slot === undefined) throw new RangeError(`slot ${index} is not in 0..${this.slots.length - 1}`);
    return slot;
  }

  /** Master: takes a free slot for a worker to be started and empties it. Returns its number, −1 if none is free. */
  claimSlot(workerIndex: number, generation: number, nowMs: number = Date.now()): number {
    const slot = this.slots.find((candidate) => candidate.state === SlotState.Free);
    if (slot === undefined) return -1;
    slot.values.fill(0);
    slot.ringOctets.fill(0);
    slot.values[Identity.StartedMs] = nowMs;
    slot.values[Identity.HeartbeatMs] = nowMs;
    slot.values[Identity.Generation] = generation;
    slot.values[Identity.WorkerIndex] = workerIndex;
    slot.values[Identity.Restarts] = this.restarts(workerIndex);
    slot.state = SlotState.Starting;
    return slot.index;
  }

  /** Master: the worker's process has ended. Its numbers stay visible as they are until `foldSlot`. */
  markDead(index: number): void {
    this.slot(index).state = SlotState.Dead;
  }

  /**
   * Master, after the worker's process has ended: adds the slot's counters to the base totals and frees the slot.
   * What was in flight counts as aborted from here on. The request ring stays until the slot is claimed again.
   */
  foldSlot(index: number): void {
    const slot = this.slot(index);
    if (slot.state === SlotState.Free) return;
    const values = slot.values;
    const base = this.base;
    Atomics.add(this.words, HeaderWord.Sequence, 1);
    values[Counter.RequestsAborted]! += values[Gauge.RequestsInFlight]!;
    values[Counter.ConnectionsAborted]! += values[Gauge.ConnectionsActive]!;
    for (let counter = 0; counter < COUNTER_COUNT; counter++) {
      base[counter]! += values[counter]!;
      values[counter] = 0;
    }
    values.fill(0, Gauge.ConnectionsActive, SLOT_CELLS);
    slot.state = SlotState.Free;
    Atomics.add(this.words, HeaderWord.Sequence, 1);
  }

  /** Restarts of a worker index since the master started. */
  restarts(workerIndex: number): number {
    return this.header[HeaderCell.RestartsFirst + workerIndex] ?? 0;
  }

  /** Master: a worker was started in place of one that died (not for a reload). Call it before `claimSlot`. */
  noteRestart(workerIndex: number): void {
    checkCount(this.path, "worker index + 1", workerIndex + 1, WORKERS_MAX);
    this.header[HeaderCell.RestartsFirst + workerIndex]! += 1;
  }
}

/**
 * Slots worth having for so many workers: during a reload old and new workers live side by side, and slow drains of
 * earlier reloads and a higher number of workers need room too.
 */
export function slotCountFor(workers: number): number {
  return Math.min(Math.max(16, 4 * workers), SLOTS_MAX);
}

export interface SegmentOptions {
  /** Slots, more than workers; see `slotCountFor`. */
  readonly slotCount: number;
  readonly workersConfigured: number;
  /** Default: this process. */
  readonly masterPid?: number;
  /** Default: now. */
  readonly startedMs?: number;
}

/** Master: creates the file (0640, full size, replacing a stale one) and maps it. */
export function createSegment(path: string, options: SegmentOptions): Segment {
  return makeSegment(path, options, (octets) => ({ path, memory: createSharedMemory(path, octets, 0o640) }));
}

/** Master: the same without a file; its path means something in this process alone (anonymous-memory.ts). */
export function createAnonymousSegment(options: SegmentOptions): Segment {
  return makeSegment("in memory", options, (octets) => createAnonymousMemory("saker-statistics", octets));
}

type Place = { readonly path: string; readonly memory: Uint8Array };

function makeSegment(what: string, options: SegmentOptions, create: (octets: number) => Place): Segment {
  checkCount(what, "slots", options.slotCount, SLOTS_MAX);
  const octets = segmentOctets(options.slotCount);
  let place: Place;
  try {
    place = create(octets);
  } catch (cause) {
    throw new SegmentError(what, `cannot be created with ${octets} octets: ${messageOf(cause)}`, cause);
  }
  const { path, memory } = place;
  const header = new Float64Array(memory.buffer, memory.byteOffset, HeaderCell.RestartsFirst);
  header[HeaderCell.LayoutVersion] = LAYOUT_VERSION;
  header[HeaderCell.SegmentOctets] = octets;
  header[HeaderCell.SlotCount] = options.slotCount;
  header[HeaderCell.SlotOctets] = SLOT_OCTETS;
  header[HeaderCell.MasterPid] = options.masterPid ?? process.pid;
  header[HeaderCell.StartedMs] = options.startedMs ?? Date.now();
  Buffer.from(MAGIC, "latin1").copy(memory, HeaderCell.Magic);
  const segment = new Segment(path, memory);
  segment.workersConfigured = options.workersConfigured;
  return segment;
}

/**
 * Maps a file that a master of the same layout made. Needs the right to write it; see `snapshotSegment`. `fd`, if there is one, is the
 * file whatever has become of its name.
 */
export function openSegment(path: string, fd?: number): Segment {
  let memory: Uint8Array;
  try {
    const file = fd === undefined || !existsSync(DESCRIPTORS) ? path : `${DESCRIPTORS}/${fd}`;
    checkSize(path, statSync(file).size);
    memory = openSharedMemory(file);
  } catch (cause) {
    if (cause instanceof SegmentError) throw cause;
    throw new SegmentError(path, `cannot be opened: ${messageOf(cause)}`, cause);
  }
  return new Segment(path, memory);
}

/** A copy of the file as it is now, for processes that may read but not write it. Take a new copy for newer numbers. */
export function snapshotSegment(path: string): Segment {
  const attemptsMax = 8; // a fold takes microseconds; if a dead master left the lock closed, the copy is good enough
  for (let attempt = 1; ; attempt++) {
    const copy = new Segment(path, readWhole(path));
    const sequence = copy.words[HeaderWord.Sequence]!;
    const now = new Segment(path, readWhole(path)).words[HeaderWord.Sequence]!;
    if ((sequence === now && sequence % 2 === 0) || attempt === attemptsMax) return copy;
  }
}

function readWhole(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path)); // a copy of its own, so that its buffer is aligned
  } catch (cause) {
    throw new SegmentError(path, `cannot be read: ${messageOf(cause)}`, cause);
  }
}

function checkHeader(path: string, memory: Uint8Array): void {
  checkSize(path, memory.byteLength);
  const magic = Buffer.from(memory.subarray(0, MAGIC.length)).toString("latin1");
  if (magic !== MAGIC) throw new SegmentError(path, "is not a statistics file of saker (no magic)");
  const header = new Float64Array(memory.buffer, memory.byteOffset, HeaderCell.WorkersConfigured + 1);
  const version = header[HeaderCell.LayoutVersion]!;
  if (version !== LAYOUT_VERSION) {
    throw new SegmentError(path, `has layout version ${version}, this saker knows version ${LAYOUT_VERSION}`);
  }
  const slotCount = header[HeaderCell.SlotCount]!;
  checkCount(path, "slots", slotCount, SLOTS_MAX);
  if (header[HeaderCell.SlotOctets] !== SLOT_OCTETS) {
    throw new SegmentError(path, `has slots of ${header[HeaderCell.SlotOctets]} octets, this saker has ${SLOT_OCTETS}`);
  }
  const octets = segmentOctets(slotCount);
  if (memory.byteLength !== octets || header[HeaderCell.SegmentOctets] !== octets) {
    throw new SegmentError(path, `has ${memory.byteLength} octets where ${slotCount} slots need ${octets}`);
  }
}

function checkSize(path: string, octets: number): void {
  if (octets >= segmentOctets(1)) return;
  throw new SegmentError(path, `is too short (${octets} octets) to be a statistics file of saker`);
}

function checkCount(path: string, what: string, count: number, max: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= max) return;
  throw new SegmentError(path, `number of ${what} must be an integer in 1..${max}, not ${count}`);
}

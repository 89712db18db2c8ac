/**
 * The ring of a slot's last requests: reading its records (ring-record.ts) back, and a line of text for each.
 *
 * In:    a segment and a slot's number. Out: entries, oldest first; lines for the master's log when a worker died.
 * Units: ms since 1970, microseconds, octets.
 * Keeps: reading a living worker's ring may show a half-written record; that of a dead worker is exact, except for the
 *        request that was being recorded when it died.
 */

import { Identity, METHOD_NAMES, RING_RECORD_OCTETS, RING_RECORDS } from "./layout.ts";
import {
  RecordCell,
  RecordOctet,
  RecordState,
  RecordWord,
  RING_PATH_OCTETS_MAX,
  RING_SEQUENCE_MASK,
} from "./ring-record.ts";
import type { Segment } from "./segment.ts";

/** One request of the ring. */
export interface RingEntry {
  /** When it started, ms since 1970. */
  readonly timeMs: number;
  readonly method: string;
  /** As received, decoded as Latin-1; cut to 100 octets if `truncated`. */
  readonly path: string;
  readonly truncated: boolean;
  readonly state: "in flight" | "done" | "aborted";
  /** 0 unless done. */
  readonly status: number;
  /** 0 while in flight. */
  readonly microseconds: number;
}

const STATE_NAMES = {
  [RecordState.InFlight]: "in flight",
  [RecordState.Done]: "done",
  [RecordState.Aborted]: "aborted",
} as const;

/** The last requests (at most 256) of a slot, oldest first. */
export function readRequestRing(segment: Segment, slotIndex: number): RingEntry[] {
  const slot = segment.slot(slotIndex);
  const next = slot.values[Identity.RingNext]!;
  const entries: RingEntry[] = [];
  for (let age = RING_RECORDS; age >= 1; age--) {
    const sequence = (next - age) & RING_SEQUENCE_MASK;
    const record = sequence & (RING_RECORDS - 1);
    const octet = record * RING_RECORD_OCTETS;
    const cell = octet / 8;
    const word = octet / 4;
    const state = slot.ringOctets[octet + RecordOctet.State]! as RecordState;
    if (state === RecordState.Empty || slot.ringWords[word + RecordWord.Sequence] !== sequence) continue;
    const pathStart = octet + RecordOctet.Path;
    const pathOctets = Math.min(slot.ringOctets[octet + RecordOctet.PathOctets]!, RING_PATH_OCTETS_MAX);
    const done = state === RecordState.Done;
    entries.push({
      timeMs: slot.ringCells[cell + RecordCell.TimeMs]!,
      method: METHOD_NAMES[slot.ringOctets[octet + RecordOctet.Method]!] ?? "UNKNOWN",
      path: Buffer.from(slot.ringOctets.subarray(pathStart, pathStart + pathOctets)).toString("latin1"),
      truncated: slot.ringOctets[octet + RecordOctet.Truncated] === 1,
      state: STATE_NAMES[state],
      status: done ? slot.ringWords[word + RecordWord.Status]! : 0,
      microseconds: state === RecordState.InFlight ? 0 : slot.ringCells[cell + RecordCell.Microseconds]!,
    });
  }
  return entries;
}

/**
 * One line (without its end) for a log: time, method, path, then `200 in 35 us`, `aborted after 35 us` or `in flight`.
 * Octets outside printable ASCII, and the backslash, are written as \xHH: a client cannot forge a line.
 */
export function formatRingEntry(entry: RingEntry): string {
  const path = entry.path.replace(/[^\x20-\x5b\x5d-\x7e]/g, escapeOctet) + (entry.truncated ? "..." : "");
  const elapsed = `${Math.round(entry.microseconds)} us`;
  const outcome =
    entry.state === "in flight"
      ? "in flight"
      : entry.state === "done"
        ? `${entry.status} in ${elapsed}`
        : `aborted after ${elapsed}`;
  return `${new Date(entry.timeMs).toISOString()} ${entry.method} ${path} ${outcome}`;
}

function escapeOctet(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`;
}

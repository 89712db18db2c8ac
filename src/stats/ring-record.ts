/**
 * What a record of the request ring holds, and where: written by slot.ts, read by request-ring.ts.
 *
 * Units: ms since 1970, microseconds, octets.
 * Keeps: a record is 128 octets: two Float64 cells, two Int32 words, four octets, then up to 100 octets of path.
 */
import { RING_RECORD_OCTETS } from "./layout.ts";

export enum RecordState {
  Empty,
  InFlight,
  Done,
  Aborted,
}

/** Float64 cells of a record. */
export enum RecordCell {
  TimeMs = 0,
  Microseconds = 1,
}

/** Int32 words of a record. */
export enum RecordWord {
  Sequence = 4,
  Status = 5,
}

/** Octets of a record. */
export enum RecordOctet {
  Method = 24,
  State = 25,
  PathOctets = 26,
  Truncated = 27,
  Path = 28,
}

export const RING_PATH_OCTETS_MAX = RING_RECORD_OCTETS - RecordOctet.Path;
/** Sequence numbers are 31 bits, a multiple of the ring's length, so the place of a record is its low 8 bits. */
export const RING_SEQUENCE_MASK = 0x7fff_ffff;

/**
 * The work of content coding, counted in the cells of a worker's slot.
 *
 * In:    cells of a slot (stats/layout.ts).
 */
import { Coding } from "../http/content-coding.ts";
import { type CodingCounts, Compressed } from "../site/coding/coding-counts.ts";
import { Counter } from "../stats/layout.ts";

const MICROSECONDS_PER_MS = 1000;

export class SlotCodingCounts implements CodingCounts {
  constructor(private readonly values: Float64Array) {}

  responded(coding: Coding, octets: number, codedOctets: number): void {
    this.values[counterOf(coding)]! += 1;
    this.values[Counter.CodingSavedOctets]! += octets - codedOctets;
  }

  compressed(cpuMs: number, result: Compressed): void {
    this.values[Counter.CodingMicroseconds]! += cpuMs * MICROSECONDS_PER_MS;
    if (result === Compressed.Made) this.values[Counter.CodingsMade]! += 1;
    else if (result === Compressed.Upgraded) this.values[Counter.CodingsUpgraded]! += 1;
  }
}

function counterOf(coding: Coding): Counter {
  switch (coding) {
    case Coding.Gzip:
      return Counter.CodedGzip;
    case Coding.Br:
      return Counter.CodedBr;
    case Coding.Zstd:
      return Counter.CodedZstd;
    default:
      throw new RangeError(`${Coding[coding]} is no coding of responses`);
  }
}

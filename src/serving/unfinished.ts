/**
 * Exchanges whose responses are in the outbox, in its order: each ends when its last octet has been written.
 *
 * In:    a record for each response that is added to the outbox; what each flush has written.
 * Units: octets.
 * Keeps: no more than the outbox has pieces; allocates nothing unless the client is slower than the server.
 */
import type { ExchangeRecord, ExchangeRecords } from "./exchange-record.ts";

export class UnfinishedExchanges {
  /** The first `count` of these; the others are of the past, and may be in use elsewhere. */
  private readonly queue: ExchangeRecord[] = [];
  private count = 0;

  constructor(private readonly records: ExchangeRecords) {}

  add(record: ExchangeRecord): void {
    this.queue[this.count++] = record;
  }

  /** A flush has written `octets`: whose response is among them has finished. */
  sent(octets: number, nowMs: number): void {
    const { count, queue } = this;
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const record = queue[index]!;
      record.sent(octets);
      if (record.octetsLeft <= 0) this.records.end(record, nowMs);
      else queue[kept++] = record;
    }
    this.count = kept;
  }

  /** What a blocked flush left over; none is here afterwards. */
  takeRest(): ExchangeRecord[] {
    const rest = this.queue.slice(0, this.count);
    this.count = 0;
    return rest;
  }

  /** Takes back, when none is here, what `takeRest` handed over. */
  putBack(rest: readonly ExchangeRecord[]): void {
    for (const record of rest) this.add(record);
  }

  /** What is in the outbox won't be written. */
  abandon(nowMs: number): void {
    for (let index = 0; index < this.count; index++) this.records.end(this.queue[index]!, nowMs);
    this.count = 0;
  }
}

/**
 * The site's work of loading, as the statistics show it, and the error log where requests are refused.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import type { ErrorLog } from "../log/error-log.ts";
import type { Entry } from "../site/entry/entry.ts";
import type { LoadReport } from "../site/places.ts";
import { Counter, Gauge } from "../stats/layout.ts";

/** Rejections between two lines in the log. */
const REJECTIONS_PER_LOG_LINE = 100;

export class LoadCounts implements LoadReport {
  private rejections = 0;

  /** `values`: of this worker's slot. */
  constructor(
    private readonly values: Float64Array,
    private readonly cache: ResponseCache<Entry>,
    private readonly log: Pick<ErrorLog, "warn">,
  ) {}

  admitted(): void {
    this.values[Counter.QueueAdmissions]! += 1;
  }

  rejected(): void {
    this.values[Counter.QueueRejections]! += 1;
    if (this.rejections++ % REJECTIONS_PER_LOG_LINE !== 0) return;
    this.log.warn(`queue full: ${this.rejections} request(s) answered with 503 so far by this worker`);
  }

  occupied(waiting: number, active: number): void {
    this.values[Gauge.QueueDepth] = waiting;
    this.values[Gauge.SlowPathBusy] = active;
  }

  loaded(): void {
    const { cache, values } = this;
    values[Gauge.CacheOctets] = cache.octets;
    values[Gauge.CacheEntries] = cache.count;
    values[Counter.CacheEvictions] = cache.evictions;
    values[Counter.CacheStale] = cache.stale;
  }
}

/**
 * Document roots that didn't exist when a worker replaced another: a deployment may have moved them away for a moment.
 *
 * In:    workers that have become ready; roots that are there again.
 * Out:   which roots are served without being known, so that new workers are started for them (reload.ts).
 * Keeps: the log reports a missing root once, however many workers miss it.
 */
import type { Log } from "./launcher.ts";
import type { Worker } from "./worker.ts";

export class MissingRoots {
  private readonly missed = new Set<string>();

  constructor(private readonly log: Pick<Log, "warn">) {}

  /** As configured. */
  get roots(): ReadonlySet<string> {
    return this.missed;
  }

  note({ index, rootsMissing }: Pick<Worker, "index" | "rootsMissing">): void {
    const news = rootsMissing.filter((root) => !this.missed.has(root));
    if (news.length === 0) return;
    for (const root of news) this.missed.add(root);
    this.log.warn(`document root ${news.join(", ")} missing: worker ${index} answers without until it is back`);
  }

  /** New workers are about to be started for them. */
  forget(roots: readonly string[]): void {
    for (const root of roots) this.missed.delete(root);
  }
}

/**
 * Reload (SIGHUP): read the settings again, keep what can't change without a restart, roll the workers. Only the last step
 * when a document root has become another folder, or the rules in one have changed.
 *
 * In:    the function that reads the settings (it throws what is wrong with them, in one line).
 * Out:   log lines, and a short form for the client that asked; the supervisor's workers replaced, or everything unchanged.
 * Keeps: one at a time, and none beside an upgrade; any number of requests before it begins are one. Never rejects.
 */
import { SETTINGS } from "../config/setting-rows.ts";
import { SETTING_NAMES, type SettingName, type Settings } from "../config/settings.ts";
import type { Log } from "./launcher.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import { identifyRuleFiles, versionsOf } from "../site/rule-files.ts";
import { identifyRoots, RootWatch } from "./root-watch.ts";
import { RuleWatch } from "./rule-watch.ts";
import type { EndpointAddresses } from "./sockets.ts";
import { messageOf } from "../sys/errno.ts";
import type { Supervisor } from "./supervisor.ts";

/**
 * Between two checks of the document roots: workers that have no right to the new one answer 403 meanwhile. However
 * many roots there are, checking takes no more than one part in LOOK_SHARE of a CPU.
 */
const LOOK_MS_MIN = 100;
/** The time for which a new folder has to stay: a deployment's next step comes sooner. */
const SETTLED_MS = 25;
const LOOK_SHARE = 100;

export type ReloaderOptions = {
  readonly supervisor: Supervisor;
  readonly read: () => Settings | Promise<Settings>;
  readonly log: Log;
  readonly turns: OneAtATime;
};

/** The outcome, in one line. */
export type Outcome = { readonly isGood: boolean; readonly line: string };

export class Reloader {
  /** Called with the new settings, and the addresses that are new, once all new workers serve. */
  onChange: (settings: Settings, opened: readonly EndpointAddresses[]) => void = () => {};
  private waiting: Promise<Outcome> | null = null;
  private readonly roots: RootWatch;
  private readonly rules: RuleWatch;

  constructor(private readonly options: ReloaderOptions) {
    const { settings, rules } = options.supervisor;
    this.roots = new RootWatch(identifyRoots(settings));
    this.rules = new RuleWatch(versionsOf(rules));
  }

  reload(): Promise<Outcome> {
    this.waiting ??= this.options.turns.run(() => {
      this.waiting = null;
      return this.reloadOnce();
    });
    return this.waiting;
  }

  /** Another number of workers, until the next reload says otherwise. */
  resize(workers: number): Promise<Outcome> {
    const { turns, supervisor } = this.options;
    return turns.run(() => this.change(() => supervisor.resize(workers)));
  }

  /** Replaces workers that serve a root which no longer exists, or rules that have changed, until the returned function is called. */
  watchRoots(): () => void {
    const look = (): void => {
      const beginMs = performance.now();
      if (!this.options.supervisor.isStopping) this.lookAtRoots();
      const waitMs = this.roots.isUnsettled ? SETTLED_MS : LOOK_MS_MIN;
      timer = setTimeout(look, Math.max(waitMs, (performance.now() - beginMs) * LOOK_SHARE));
    };
    let timer = setTimeout(look, LOOK_MS_MIN);
    return () => clearTimeout(timer);
  }

  private lookAtRoots(): void {
    const { supervisor, turns } = this.options;
    const roots = identifyRoots(supervisor.settings);
    const missed = supervisor.missing.roots;
    const changed = this.roots.look(roots, missed);
    if (changed.length === 0) return this.lookAtRules();
    this.roots.enter(roots); // whatever comes of it, it is tried once
    const isBack = changed.every((root) => missed.has(root));
    supervisor.missing.forget(changed);
    const what = `${changed.join(", ")} is ${isBack ? "there again" : "another folder now"}`;
    void turns.run(() => this.renew(what, "new workers serve it", "the old workers stay"));
  }

  private lookAtRules(): void {
    const { supervisor, turns } = this.options;
    const versions = identifyRuleFiles(supervisor.settings);
    const changed = this.rules.look(versions, performance.now());
    if (changed.length === 0) return;
    this.rules.enter({ ...versionsOf(supervisor.rules), ...versions });
    const what = `${changed.join(", ")} changed`;
    void turns.run(async () => {
      // A reload that was under way may have read them.
      const obeyed = versionsOf(supervisor.rules);
      if (changed.every((path) => obeyed[path] === versions[path])) return;
      await this.renew(what, "all workers obey the new rules", "the old rules stay");
    });
  }

  /** New workers with the same settings. */
  private async renew(what: string, done: string, failed: string): Promise<void> {
    const { supervisor, log } = this.options;
    try {
      await supervisor.replace(supervisor.settings, true); // another root may be missing
      this.rules.enter(versionsOf(supervisor.rules));
      log.info(`${what}: ${done}`);
    } catch (error) {
      if (supervisor.isStopping) return;
      log.error(`${what}, but ${failed}: ${messageOf(error)}`);
    }
  }

  private async reloadOnce(): Promise<Outcome> {
    const { supervisor, read, log } = this.options;
    return await this.change(async () => {
      const { settings, kept } = keepFixed(supervisor.settings, await read());
      if (kept.length > 0) log.warn(`reload: a change of ${kept.join(", ")} needs a restart; the old value stays`);
      const roots = identifyRoots(settings); // before the workers enter them
      const opened = await supervisor.replace(settings);
      this.roots.enter(roots);
      return opened;
    });
  }

  private async change(make: () => Promise<readonly EndpointAddresses[]>): Promise<Outcome> {
    const { supervisor, log } = this.options;
    const startedMs = performance.now();
    try {
      const opened = await make();
      this.rules.enter(versionsOf(supervisor.rules));
      this.onChange(supervisor.settings, opened);
      const elapsedMs = Math.round(performance.now() - startedMs);
      const count = supervisor.workers === 1 ? "1 worker serves" : `${supervisor.workers} workers serve`;
      const line = `${count} the new configuration (after ${elapsedMs} ms)`;
      log.info(`reload: ${line}`);
      return { isGood: true, line };
    } catch (error) {
      const line = messageOf(error);
      if (!supervisor.isStopping) log.error(`reload refused, the old configuration stays: ${line}`);
      return { isGood: false, line };
    }
  }
}

/** The new settings with the old values of those that need a restart, and the names of those that differed. */
export function keepFixed(before: Settings, after: Settings): { settings: Settings; kept: SettingName[] } {
  const kept = SETTING_NAMES.filter((name) => needsRestart(name) && !Bun.deepEquals(before[name], after[name]));
  const old = Object.fromEntries(kept.map((name) => [name, before[name]]));
  return { settings: Object.freeze({ ...after, ...old }), kept };
}

function needsRestart(name: SettingName): boolean {
  return (SETTINGS[name] as { needsRestart?: boolean }).needsRestart === true;
}

/**
 * Reload (SIGHUP): read the settings anew, keep what can't change without a restart, roll the workers.
 *
 * In:    the function that reads the settings (it throws what is wrong with them, in one line).
 * Out:   log lines; the supervisor's workers replaced, or all as it was.
 * Keeps: one reload at a time; any number of requests during one lead to one more. Never rejects.
 */
import { SETTING_NAMES, SETTINGS, type SettingName, type Settings } from "../config/settings.ts";
import type { Log, Supervisor } from "./supervisor.ts";

export type ReloaderOptions = {
  readonly supervisor: Supervisor;
  readonly read: () => Settings | Promise<Settings>;
  readonly log: Log;
  /** Called with the new settings once the first new worker proved them. */
  readonly onChange: (settings: Settings) => void;
};

export class Reloader {
  private isBusy = false;
  private isAskedAgain = false;

  constructor(private readonly options: ReloaderOptions) {}

  async reload(): Promise<void> {
    this.isAskedAgain = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isAskedAgain) {
      this.isAskedAgain = false;
      await this.reloadOnce();
    }
    this.isBusy = false;
  }

  private async reloadOnce(): Promise<void> {
    const { supervisor, read, log, onChange } = this.options;
    const startedMs = performance.now();
    try {
      const { settings, kept } = keepFixed(supervisor.settings, await read());
      if (kept.length > 0) log.warn(`reload: a change of ${kept.join(", ")} needs a restart; the old value stays`);
      await supervisor.replace(settings);
      onChange(settings);
      const elapsedMs = Math.round(performance.now() - startedMs);
      log.info(`reload: ${supervisor.workers} workers serve the new configuration (after ${elapsedMs} ms)`);
    } catch (error) {
      if (supervisor.isStopping) return;
      const reason = error instanceof Error ? error.message : String(error);
      log.error(`reload refused, the old configuration stays: ${reason}`);
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

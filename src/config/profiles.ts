/**
 * Profiles: named bundles of settings, chosen with `--profile NAME` or `SAKER_PROFILE`.
 *
 * Out:   `PROFILES`, the built-in ones.
 * Keeps: a built-in profile only changes defaults: whatever the file says wins over it, because the file was written for
 *        this server. `[profile.NAME]` in a file is the other way round: it wins over the rest of that file. It adds to
 *        the built-in profile of the same name, or makes a new one.
 */
import type { Settings } from "./settings.ts";

export const PROFILES: Readonly<Record<string, { readonly meaning: string; readonly values: Partial<Settings> }>> = {
  dev: {
    meaning:
      "for a person at this machine: reachable from it alone, one worker, every change seen at once, all is logged",
    values: {
      host: "127.0.0.1",
      num_workers: 1,
      cache_revalidate_ms: 0,
      log_level: "debug",
      shutdown_timeout_seconds: 1,
    },
  },
  prod: {
    meaning: "for a busy site: a larger cache that looks at files less often, and an access log for machines",
    values: {
      cache_size_mb: 256,
      cache_revalidate_ms: 5000,
      access_log_format: "json",
    },
  },
  test: {
    meaning: "for automated tests: a free port, reachable from this machine alone, one worker, quiet, quick to stop",
    values: {
      host: "127.0.0.1",
      port: 0,
      num_workers: 1,
      cache_revalidate_ms: 0,
      access_log: false,
      log_level: "warn",
      stats_interval_seconds: 0,
      shutdown_timeout_seconds: 1,
    },
  },
};

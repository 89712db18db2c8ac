/** The processes and what they keep: the rows of the groups Processes and Cache. See setting-rows.ts. */
import { boolean, choice, integer, integerOr, number, optionalPath, optionalString } from "./setting.ts";
import { isAccount } from "./value-forms.ts";
import { DAY_SECONDS } from "../units.ts";

const GIB_IN_KB = 1_048_576;
const TIB_IN_MB = 1_048_576;

/** More CPUs still get so many workers, and no setting or command asks for more. */
export const NUM_WORKERS_MAX = 256;

export const WORKER_ROWS = {
  num_workers: integerOr("auto", {
    default: "auto",
    minimum: 1,
    maximum: NUM_WORKERS_MAX,
    unit: "processes",
    group: "Processes",
    flags: ["-w", "--workers"],
    meaning:
      "Worker processes; `auto` is one per CPU available to the process (affinity and cgroup quota), and no more than its cgroup's memory carries with full caches",
  }),
  threads_per_worker: integer({
    default: 8,
    minimum: 1,
    maximum: 1024,
    unit: "requests",
    group: "Processes",
    meaning: "Slow requests (not answered from the cache) that each worker handles at a time",
  }),
  queue_size: integer({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    unit: "requests",
    group: "Processes",
    meaning: "Slow requests that may wait in each worker; further ones are answered with 503",
  }),
  max_restarts: integer({
    default: 20,
    minimum: 0,
    maximum: 100_000,
    unit: "restarts",
    group: "Processes",
    meaning: "Worker restarts allowed within `restart_window_seconds`; one more ends the server",
  }),
  // With the master's backoff a worker that can't run at all dies 13 times in its first minute, then every 10 s: the
  // defaults end such a server after two minutes, and yet forgive the sudden death of 20 workers at once.
  restart_window_seconds: number({
    default: 180,
    minimum: 1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Processes",
    meaning: "Period over which `max_restarts` are counted",
  }),
  user: optionalString({
    group: "Processes",
    meaning: "User to run as once the sockets are open",
    needsRestart: true,
    form: "a name or a number",
    hasForm: isAccount,
  }),
  group: optionalString({
    group: "Processes",
    meaning: "Group to run as once the sockets are open",
    needsRestart: true,
    form: "a name or a number",
    hasForm: isAccount,
  }),
  confine: choice(["auto", true, false], {
    default: "auto",
    group: "Processes",
    meaning:
      "Take from workers the rights that serving doesn't need (no_new_privs, Landlock, seccomp): `auto` uses what the system supports, true refuses to start without Landlock",
  }),
  cpu_affinity: boolean({
    default: false,
    group: "Processes",
    meaning: "Pin each worker to its own CPU",
  }),
  pid_file: optionalPath({
    group: "Processes",
    meaning: "File that holds the master's process id while it runs",
    needsRestart: true,
  }),

  cache_size_mb: integer({
    default: 50,
    minimum: 0,
    maximum: TIB_IN_MB,
    unit: "MiB",
    group: "Cache",
    meaning: "Memory for cached responses, per worker; 0 turns the cache off",
  }),
  max_cached_file_kb: integer({
    default: 1024,
    minimum: 0,
    maximum: GIB_IN_KB,
    unit: "KiB",
    group: "Cache",
    meaning: "Largest file whose content is cached; larger ones are always sent from disk",
  }),
  cache_revalidate_ms: integer({
    default: 1000,
    minimum: 0,
    maximum: DAY_SECONDS * 1000,
    unit: "milliseconds",
    group: "Cache",
    meaning: "Changed files are noticed within this time; 0 checks at every request",
  }),
  cache_field: choice(["x-cache", "cache-status", "both", "off"], {
    default: "x-cache",
    group: "Cache",
    meaning: "Field that tells whether a response came from the cache: `X-Cache`, or `Cache-Status` (RFC 9211)",
  }),
} as const;

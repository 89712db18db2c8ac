/**
 * The table of settings: every name, type, default, range, unit and meaning, once.
 *
 * Out:   `SETTINGS` (the rows), `Settings` (the type of a loaded configuration, derived from the rows).
 * Units: each row's `unit`; values stay in the unit their name ends with.
 * Keeps: the names are published. TOML key `max_body_bytes` = flag `--max-body-bytes` = variable `SAKER_MAX_BODY_BYTES`.
 *        Parsing, validation, `--help` and the README's table read these rows; nothing repeats them.
 *        A new setting is one new row. A new table is one entry in `tables.ts`.
 */
import { isAddressRange, LOCAL_RANGES } from "../address/address-list.ts";
import { isHost, isHostPort } from "./address.ts";
import {
  boolean,
  choice,
  integer,
  integerOr,
  list,
  log,
  logOrOff,
  map,
  number,
  optionalPath,
  optionalString,
  path,
  string,
} from "./setting.ts";
import {
  FILE_PATH_FORM,
  isErrorStatus,
  isFieldValue,
  isFilePath,
  isTryFile,
  STATUS_FORM,
  TRY_FILES_FORM,
} from "./site-forms.ts";
import type { TableValue } from "./table.ts";
import type { TABLES } from "./tables.ts";
import { isAccount, isExtension, isFileName, isMediaType, isPathPrefix, RANGE_FORM } from "./value-forms.ts";

const DAY_SECONDS = 86_400;
const GIB_IN_KB = 1_048_576;
const TIB_IN_MB = 1_048_576;
const TIB = 1_099_511_627_776;

export const SETTINGS = {
  host: string({
    default: "0.0.0.0",
    group: "Serving",
    placeholder: "ADDRESS",
    meaning: "Address to listen on; `0.0.0.0` is every IPv4 address, `::` every IPv4 and IPv6 address",
    form: "an IP address or a host name",
    hasForm: isHost,
  }),
  port: integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    group: "Serving",
    flags: ["-p"],
    meaning: "TCP port to listen on; 0 lets the system choose a free one",
  }),
  document_root: path({
    default: "static",
    group: "Serving",
    placeholder: "DIR",
    meaning: "Folder to serve; nothing outside it is ever sent",
  }),
  index: list({
    default: ["index.html"],
    group: "Serving",
    meaning: "Files that stand for their folder; the first that exists is sent",
    form: "a file name without slashes",
    hasForm: isFileName,
  }),
  dotfiles: boolean({
    default: false,
    group: "Serving",
    meaning: "Serve files and folders whose name begins with a dot; `.well-known` is always served",
  }),
  directory_listing: boolean({
    default: false,
    group: "Serving",
    meaning: "List what is in a folder that has no index file: HTML, or JSON for clients that prefer it",
  }),
  follow_symlinks: choice(["inside", "always", "never"], {
    default: "inside",
    group: "Serving",
    meaning: "Which symbolic links are followed: those that stay inside the document root, all, or none",
  }),
  media_types: map({
    default: {},
    group: "Serving",
    placeholder: "EXTENSION=TYPE",
    meaning: "Content-Type by a file name's extension, where it shall be another than usual",
    nameForm: 'an extension in lower case, such as "m3u8"',
    hasNameForm: isExtension,
    form: 'a media type such as "text/plain" or "text/html; charset=utf-8"',
    hasForm: isMediaType,
  }),
  server_header: string({
    default: "saker",
    group: "Serving",
    meaning: "Value of the Server field of every response; empty leaves the field out",
    form: "printable ASCII characters",
    hasForm: isFieldValue,
  }),

  clean_urls: boolean({
    default: false,
    group: "Site",
    meaning: "Answer `/about` with `about.html` where there is no file `about`",
  }),
  trailing_slash: choice(["keep", "add", "remove"], {
    default: "keep",
    group: "Site",
    meaning:
      "Slash at the end of pages' paths: `add` and `remove` redirect to the one spelling; `keep` adds it to folders only",
  }),
  try_files: list({
    default: [],
    group: "Site",
    placeholder: "PATHS",
    meaning: "Files that answer a path, the first that exists: `{path}` is the path; none means file, then folder",
    form: TRY_FILES_FORM,
    hasForm: isTryFile,
  }),
  spa_fallback: optionalString({
    group: "Site",
    placeholder: "PATH",
    meaning: "File that answers every path without an extension that nothing else answers, with 200",
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  security_headers: boolean({
    default: false,
    group: "Site",
    meaning: "Send fields that make browsers more careful, where no rule sets them otherwise",
  }),
  netlify_files: boolean({
    default: false,
    group: "Site",
    meaning: "Obey `_redirects` and `_headers` in the root, as Netlify does; they are then not served",
  }),
  error_pages: map({
    default: {},
    group: "Site",
    placeholder: "STATUS=PATH",
    meaning: "Pages of your own for errors, by status",
    nameForm: STATUS_FORM,
    hasNameForm: isErrorStatus,
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  unknown_host: choice(["default", 404, 421], {
    default: "default",
    group: "Site",
    meaning: "Answer for a host no `[[virtual_host]]` names: the site outside of them, or a status",
  }),

  num_workers: integerOr("auto", {
    default: "auto",
    minimum: 1,
    maximum: 256,
    unit: "processes",
    group: "Processes",
    flags: ["-w", "--workers"],
    meaning: "Worker processes; `auto` is one per CPU the process may use (affinity and cgroup quota)",
  }),
  threads_per_worker: integer({
    default: 8,
    minimum: 1,
    maximum: 1024,
    unit: "requests",
    group: "Processes",
    meaning: "Slow requests (not answered from the cache) that a worker handles at the same time",
  }),
  queue_size: integer({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    unit: "requests",
    group: "Processes",
    meaning: "Slow requests that may wait in each worker; when that many wait, the answer is 503",
  }),
  max_restarts: integer({
    default: 20,
    minimum: 0,
    maximum: 100_000,
    unit: "restarts",
    group: "Processes",
    meaning: "More worker restarts than this within `restart_window_seconds` end the server",
  }),
  // With the master's backoff a worker that can't run at all dies 13 times in its first minute, then every 10 s: the
  // defaults end such a server after two minutes, and yet forgive the sudden death of 20 workers at once.
  restart_window_seconds: number({
    default: 180,
    minimum: 1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Processes",
    meaning: "Span in which `max_restarts` are counted",
  }),
  user: optionalString({
    group: "Processes",
    meaning: "User to become once the sockets are open (name or number)",
    needsRestart: true,
    form: "a name or a number",
    hasForm: isAccount,
  }),
  group: optionalString({
    group: "Processes",
    meaning: "Group to become once the sockets are open (name or number)",
    needsRestart: true,
    form: "a name or a number",
    hasForm: isAccount,
  }),
  confine: choice(["auto", true, false], {
    default: "auto",
    group: "Processes",
    meaning:
      "Take from workers what serving doesn't need (no_new_privs, Landlock, seccomp): `auto` is as much as this system can, true refuses to start without Landlock",
  }),
  cpu_affinity: boolean({
    default: false,
    group: "Processes",
    meaning: "Keep each worker on a CPU of its own",
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
    meaning: "Largest file that enters the cache; larger ones go from disk to socket",
  }),
  cache_revalidate_ms: integer({
    default: 1000,
    minimum: 0,
    maximum: DAY_SECONDS * 1000,
    unit: "milliseconds",
    group: "Cache",
    meaning: "How old a look at the file may be: changes are noticed within this time; 0 looks every time",
  }),

  timeout_seconds: number({
    default: 30,
    minimum: 0.1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "Longest pause while a request's content is read or a response is written",
  }),
  header_timeout_seconds: number({
    default: 10,
    minimum: 0.1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "Longest time from a request's first octet to the end of its head",
  }),
  keepalive_timeout_seconds: number({
    default: 65,
    minimum: 0,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "How long an idle connection is kept for its next request; 0 closes after each response",
  }),
  shutdown_timeout_seconds: number({
    default: 30,
    minimum: 0,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "How long responses in flight may take to finish when the server stops or reloads",
  }),

  min_receive_rate: integer({
    default: 240,
    minimum: 0,
    maximum: 1_000_000_000,
    unit: "octets per second",
    group: "Limits",
    meaning: "Slowest rate, averaged over `timeout_seconds`, at which a request's content may come; 0 = any but none",
  }),
  min_send_rate: integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    unit: "octets per second",
    group: "Limits",
    meaning: "Slowest rate, averaged over 5 s, at which a client may take its response; 0 = as slow as it likes",
  }),
  keepalive_requests: integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    unit: "requests",
    group: "Limits",
    meaning: "Requests on one connection before it is closed; 0 is no limit",
  }),
  max_connections: integer({
    default: 16_384,
    minimum: 1,
    maximum: 1_000_000,
    unit: "connections",
    group: "Limits",
    meaning: "Open connections per worker; beyond that the longest idle one makes room, or a new one gets 503",
  }),
  max_header_bytes: integer({
    default: 16_384,
    minimum: 256,
    maximum: 1_048_576,
    unit: "octets",
    group: "Limits",
    meaning: "Largest request head (request line and field lines); a larger one is refused with 431",
  }),
  max_uri_bytes: integer({
    default: 8192,
    minimum: 64,
    maximum: 1_048_576,
    unit: "octets",
    group: "Limits",
    meaning: "Longest request-target; a longer one is refused with 414",
  }),
  max_body_bytes: integer({
    default: 1_048_576,
    minimum: 0,
    maximum: TIB,
    unit: "octets",
    group: "Limits",
    meaning: "Largest request content; a larger one is refused with 413",
  }),

  max_connections_per_ip: integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    unit: "connections",
    group: "Clients",
    meaning:
      "Open connections of one client (IPv4 address, or 64 bits of an IPv6 address) per worker; a further one gets 429; 0 is no limit",
  }),
  trusted_proxies: list({
    default: [],
    group: "Clients",
    placeholder: "RANGES",
    meaning:
      "Proxies whose X-Forwarded-For or Forwarded is believed: the client is the nearest address that is none of them",
    form: RANGE_FORM,
    hasForm: isAddressRange,
  }),
  proxy_protocol: boolean({
    default: false,
    group: "Clients",
    meaning:
      "Every connection begins with a header of the PROXY protocol, v1 or v2, from `trusted_proxies` if that is set; `admin_listen` has none",
  }),

  access_log: logOrOff({
    default: "-",
    group: "Logs",
    meaning: "Where requests are logged: `-` is standard output, a file, or false for nowhere",
  }),
  access_log_format: choice(["combined", "json"], {
    default: "combined",
    group: "Logs",
    meaning: "Form of a line in the access log",
  }),
  error_log: log({
    default: "-",
    group: "Logs",
    meaning: "Where everything else is logged: `-` is standard error, or a file",
  }),
  log_level: choice(["debug", "info", "warn", "error"], {
    default: "info",
    group: "Logs",
    meaning: "Least important kind of line that is still logged",
  }),

  stats_file: optionalPath({
    group: "Statistics and admin endpoints",
    meaning: "Shared file of statistics; when not set, one in /dev/shm or the temporary folder",
    needsRestart: true,
  }),
  stats_interval_seconds: number({
    default: 30,
    minimum: 0,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Statistics and admin endpoints",
    meaning: "Time between two lines of statistics; 0 prints none",
  }),
  admin_allow: list({
    default: LOCAL_RANGES,
    group: "Statistics and admin endpoints",
    placeholder: "RANGES",
    meaning: "Clients that may see /metrics and /stats; everyone else gets 404",
    form: RANGE_FORM,
    hasForm: isAddressRange,
  }),
  admin_listen: optionalString({
    group: "Statistics and admin endpoints",
    placeholder: "ADDRESS:PORT",
    meaning: "Address for /health, /metrics and /stats alone; when not set, they share the main one",
    form: 'an address such as "127.0.0.1:9090", "[::1]:9090" or ":9090"',
    hasForm: isHostPort,
  }),
  admin_prefix: string({
    default: "",
    group: "Statistics and admin endpoints",
    placeholder: "PATH",
    meaning: "Path in front of /health, /metrics and /stats",
    form: '"" or a path such as "/_saker" without a slash at its end',
    hasForm: isPathPrefix,
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

/**
 * A loaded configuration: one value per row under the row's name, one object (or array of them) per table.
 * Frozen; sent to workers as JSON.
 */
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]["default"] } & {
  readonly [Name in keyof typeof TABLES]: TableValue<(typeof TABLES)[Name]>;
};

/** The rows' names, in the table's order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

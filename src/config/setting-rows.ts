/**
 * The table of settings: every name, type, default, range, unit and meaning, once.
 *
 * Out:   `SETTINGS`, the rows. What a loaded configuration is, settings.ts derives from them and from the tables.
 * Units: each row's `unit`; values stay in the unit their name ends with.
 * Keeps: the names are published. TOML key `max_body_bytes` = flag `--max-body-bytes` = variable `SAKER_MAX_BODY_BYTES`.
 *        Parsing, validation, `--help` and docs/settings.md read these rows; nothing repeats them.
 *        A new setting is one new row. A new table is one entry in `tables.ts`.
 */
import { isAddressRange, LOCAL_RANGES } from "../address/address-list.ts";
import { EVERY_ADDRESS, isHost, isHostPort } from "./host-port.ts";
import { isPathPattern, PATTERN_FORM } from "../syntax/path-syntax.ts";
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
import { isFieldValue } from "../syntax/field-syntax.ts";
import { FILE_PATH_FORM, isErrorStatus, isFilePath, isTryFile, STATUS_FORM, TRY_FILES_FORM } from "./site-forms.ts";
import { isAccount, isExtension, isFileName, isMediaType, isPathPrefix, RANGE_FORM } from "./value-forms.ts";

const DAY_SECONDS = 86_400;
const GIB_IN_KB = 1_048_576;
const TIB_IN_MB = 1_048_576;
const TIB = 1_099_511_627_776;

/** More CPUs still get so many workers, and no setting or command asks for more. */
export const NUM_WORKERS_MAX = 256;

export const SETTINGS = {
  host: string({
    default: EVERY_ADDRESS,
    group: "Serving",
    placeholder: "ADDRESS",
    meaning:
      "Address to listen on; `::` is every IPv6 and IPv4 address (IPv4 alone where the system has no IPv6), `0.0.0.0` every IPv4 address, `localhost` both loopback addresses",
    form: "an IP address or a host name",
    hasForm: isHost,
  }),
  port: integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    group: "Serving",
    flags: ["-p"],
    meaning:
      "TCP port to listen on; 0 lets the system choose a free one; where nothing sets it, the variable `PORT` does",
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
    meaning: "Index files of a folder; the first that exists is sent",
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
    meaning: "List the contents of folders that have no index file, as HTML, or as JSON for clients that prefer it",
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
    meaning: "Content-Type by file name extension, in addition to or in place of the built-in ones",
    nameForm: 'an extension in lower case, such as "m3u8"',
    hasNameForm: isExtension,
    form: 'a media type such as "text/plain" or "text/html; charset=utf-8"',
    hasForm: isMediaType,
  }),
  detect_text: boolean({
    default: true,
    group: "Serving",
    meaning:
      "Send files without an extension that begin as UTF-8 text (README, LICENSE) as text/plain, never as anything else",
  }),
  server_header: string({
    default: "saker",
    group: "Serving",
    meaning: "Value of the Server field of every response; an empty string omits the field",
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
    meaning: "Trailing slash of page paths: `add` and `remove` redirect to that form; `keep` has it for folders only",
  }),
  encoded_slashes: choice(["refuse", "decode"], {
    default: "refuse",
    group: "Site",
    meaning:
      "An encoded slash (`%2F`) in a path: `refuse` answers 404, as no file's name holds one; `decode` takes it for a slash",
  }),
  try_files: list({
    default: [],
    group: "Site",
    placeholder: "PATHS",
    meaning:
      "Files to try in order, where `{path}` is the requested path; the first that exists is sent; none means the file, then the folder",
    form: TRY_FILES_FORM,
    hasForm: isTryFile,
  }),
  spa_fallback: optionalString({
    group: "Site",
    placeholder: "PATH",
    meaning:
      "File sent with status 200 for what nothing else answers: paths without an extension, and others where a page is asked for",
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  security_headers: boolean({
    default: false,
    group: "Site",
    meaning: "Send security fields such as X-Frame-Options and Content-Security-Policy where no rule sets them",
  }),
  netlify_files: boolean({
    default: false,
    group: "Site",
    meaning: "Obey `_redirects` and `_headers` in the document root, as Netlify does; they are never served themselves",
  }),
  not_found_page: boolean({
    default: true,
    group: "Site",
    meaning:
      "Show `404.html` in the document root, if it is there, where nothing is found and `error_pages` has no page",
  }),
  error_pages: map({
    default: {},
    group: "Site",
    placeholder: "STATUS=PATH",
    meaning: "Custom error pages by status",
    nameForm: STATUS_FORM,
    hasNameForm: isErrorStatus,
    form: FILE_PATH_FORM,
    hasForm: isFilePath,
  }),
  unknown_host: choice(["default", 404, 421], {
    default: "default",
    group: "Site",
    meaning:
      "Answer for hosts that no `[[virtual_host]]` names: `default` is the site configured outside of them; otherwise a status",
  }),

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

  timeout_seconds: number({
    default: 30,
    minimum: 0.1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "Longest pause while request content is read or a response is written",
  }),
  header_timeout_seconds: number({
    default: 10,
    minimum: 0.1,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Timeouts",
    meaning: "Longest time from the first octet of a request to the end of its head",
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
    meaning:
      "Lowest rate, averaged over `timeout_seconds`, at which a client may send request content; 0 is no limit, except that something must arrive",
  }),
  min_send_rate: integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    unit: "octets per second",
    group: "Limits",
    meaning: "Lowest rate, averaged over 5 s, at which a client may receive a response; 0 is no limit",
  }),
  keepalive_requests: integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    unit: "requests",
    group: "Limits",
    meaning: "Requests per connection before it is closed; 0 is no limit",
  }),
  max_connections: integer({
    default: 16_384,
    minimum: 1,
    maximum: 1_000_000,
    unit: "connections",
    group: "Limits",
    meaning:
      "Open connections per worker; at the limit the longest idle one is closed to make room, or a new one gets 503",
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
      "Open connections per client (IPv4 address, or IPv6 /64 prefix), over all workers; a further one gets 429; 0 is no limit",
  }),
  trusted_proxies: list({
    default: [],
    group: "Clients",
    placeholder: "RANGES",
    meaning:
      "Proxies whose X-Forwarded-For or Forwarded fields are trusted; the client is the nearest address that is not one of them",
    form: RANGE_FORM,
    hasForm: isAddressRange,
  }),
  proxy_protocol: boolean({
    default: false,
    group: "Clients",
    meaning:
      "Expect a PROXY protocol header (v1 or v2) at the start of every connection, from `trusted_proxies` only if that is set; not on `admin_listen`",
  }),

  access_log: logOrOff({
    default: "-",
    group: "Logs",
    meaning: "Where requests are logged: `-` is standard output, otherwise a file; false turns the log off",
  }),
  access_log_format: choice(["combined", "vhost_combined", "json"], {
    default: "combined",
    group: "Logs",
    meaning: "Format of the access log; `vhost_combined` is `combined` after the request's host and port",
  }),
  access_log_skip: list({
    default: [],
    group: "Logs",
    placeholder: "PATHS",
    meaning: "Paths whose requests are not logged while the answer is 2xx or 3xx, such as `/health`",
    form: PATTERN_FORM,
    hasForm: isPathPattern,
  }),
  request_id: choice(["off", "log", "send"], {
    default: "off",
    group: "Logs",
    meaning:
      "Identifier of each request, X-Request-Id from `trusted_proxies` or a random one: `log` shows it in the JSON access log, `send` in the response, too",
  }),
  error_log: log({
    default: "-",
    group: "Logs",
    meaning: "Where everything else is logged: `-` is standard error, otherwise a file",
  }),
  log_level: choice(["debug", "info", "warn", "error"], {
    default: "info",
    group: "Logs",
    meaning: "Least severe level that is logged",
  }),

  stats_file: optionalPath({
    group: "Statistics and admin endpoints",
    meaning:
      "Shared statistics file; when not set, a file in /dev/shm or the temporary folder, or memory alone where neither has room",
    needsRestart: true,
  }),
  stats_interval_seconds: number({
    default: 30,
    minimum: 0,
    maximum: DAY_SECONDS,
    unit: "seconds",
    group: "Statistics and admin endpoints",
    meaning: "Interval between statistics lines in the error log; 0 prints none",
  }),
  admin_allow: list({
    default: LOCAL_RANGES,
    group: "Statistics and admin endpoints",
    placeholder: "RANGES",
    meaning: "Clients that may see /metrics and /stats; others get 404",
    form: RANGE_FORM,
    hasForm: isAddressRange,
  }),
  admin_listen: optionalString({
    group: "Statistics and admin endpoints",
    placeholder: "ADDRESS:PORT",
    meaning: "Separate address for /health, /metrics and /stats; when not set, they are on the main address",
    form: 'an address such as "127.0.0.1:9090", "[::1]:9090" or ":9090"',
    hasForm: isHostPort,
  }),
  admin_prefix: string({
    default: "",
    group: "Statistics and admin endpoints",
    placeholder: "PATH",
    meaning: "Path prefix of /health, /metrics and /stats",
    form: '"" or a path such as "/_saker" without a trailing slash',
    hasForm: isPathPrefix,
  }),
} as const;

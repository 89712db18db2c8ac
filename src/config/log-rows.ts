/** What the server tells of itself: the rows of the groups Logs, and Statistics and admin endpoints. See setting-rows.ts. */
import { isAddressRange, LOCAL_RANGES } from "../address/address-list.ts";
import { isPathPattern, PATTERN_FORM } from "../syntax/path-syntax.ts";
import { isHostPort } from "./host-port.ts";
import { choice, list, log, logOrOff, number, optionalPath, optionalString, string } from "./setting.ts";
import { isPathPrefix, RANGE_FORM } from "./value-forms.ts";
import { DAY_SECONDS } from "../units.ts";

export const LOG_ROWS = {
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

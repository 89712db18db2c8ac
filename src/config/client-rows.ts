/** What clients may do, and how long they may take: the rows of the groups Timeouts, Limits and Clients. See setting-rows.ts. */
import { isAddressRange } from "../address/address-list.ts";
import { boolean, integer, list, number } from "./setting.ts";
import { RANGE_FORM } from "./value-forms.ts";
import { DAY_SECONDS } from "../units.ts";

const TIB = 1_099_511_627_776;

export const CLIENT_ROWS = {
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
} as const;

/**
 * The tables about client addresses: `[rate_limit]`, `[deny]` and `[allow]`.
 *
 * Keeps: the address is that of the peer, or the one that a trusted proxy names (`trusted_proxies`, `proxy_protocol`).
 */
import { isAddressRange } from "../address/address-list.ts";
import { integer, list, number } from "./setting.ts";
import { table } from "./table.ts";
import { RANGE_FORM } from "./value-forms.ts";

const group = "Clients";

const ranges = (meaning: string) =>
  list({ default: [], group, placeholder: "RANGES", meaning, form: RANGE_FORM, hasForm: isAddressRange });

const rateLimit = table("Requests allowed per client; beyond that the answer is 429", {
  requests_per_second: number({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    unit: "requests per second",
    group,
    meaning: "Average rate allowed per client, over all workers; 0 is no limit",
  }),
  burst: integer({
    default: 50,
    minimum: 1,
    maximum: 1_000_000,
    unit: "requests",
    group,
    meaning: "Requests allowed at once, after a pause",
  }),
  allow: ranges("Clients exempt from this limit and from `max_connections_per_ip`"),
  max_clients: integer({
    default: 65_536,
    minimum: 64,
    maximum: 16_777_216,
    unit: "clients",
    group,
    meaning:
      "Clients tracked, at 16 octets each; when there are more, those with the fewest recent requests are forgotten first",
  }),
});

const deny = table("Clients whose connections are closed without an answer", {
  addresses: ranges("Clients to deny, even if `[allow]` names them"),
});

const allow = table("If not empty, the only clients that are served", {
  addresses: ranges("Clients to serve; an empty list allows all"),
});

export const CLIENT_TABLES = { rate_limit: rateLimit, deny, allow };

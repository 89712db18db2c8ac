/**
 * The tables about clients' addresses: `[rate_limit]`, `[deny]` and `[allow]`.
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

const rateLimit = table("How often one client may ask; beyond that the answer is 429", {
  requests_per_second: number({
    default: 0,
    minimum: 0,
    maximum: 1_000_000,
    unit: "requests per second",
    group,
    meaning: "What a client may ask for on average, over all workers; 0 is no limit",
  }),
  burst: integer({
    default: 50,
    minimum: 1,
    maximum: 1_000_000,
    unit: "requests",
    group,
    meaning: "What it may ask for at once, after a pause",
  }),
  allow: ranges("Clients without this limit and `max_connections_per_ip`"),
  max_clients: integer({
    default: 65_536,
    minimum: 64,
    maximum: 16_777_216,
    unit: "clients",
    group,
    meaning: "Clients that are remembered, 16 octets each; when there are more, who has asked least is forgotten first",
  }),
});

const deny = table("Clients that get nothing: their connections are closed without an answer", {
  addresses: ranges("The clients; they are refused even if `[allow]` names them"),
});

const allow = table("The only clients that get anything", {
  addresses: ranges("The clients; none is everybody"),
});

export const CLIENT_TABLES = { rate_limit: rateLimit, deny, allow };

/**
 * Settings about client addresses that admit more than is meant, or less.
 *
 * In:    a loaded configuration. Out: lints.
 */
import { AddressList } from "../../address/address-list.ts";
import type { Configuration } from "../../config/load-settings.ts";
import { becauseOf } from "../../site/rules/because.ts";
import type { Lint } from "./lint.ts";

export function lintClients({ settings, originOf }: Pick<Configuration, "settings" | "originOf">): Lint[] {
  const found: Lint[] = [];
  const warn = (name: string, message: string): number =>
    found.push({ because: becauseOf(...name.split(".")), message });
  const { admin_listen, allow, deny, max_connections_per_ip, proxy_protocol, rate_limit, trusted_proxies } = settings;
  const everyone = trusted_proxies.filter((range) => /\/0+$/.test(range));
  if (everyone.length > 0) {
    warn("trusted_proxies", `trusted_proxies contains ${everyone.join(" and ")}: any client may claim any address`);
  }
  if (proxy_protocol && trusted_proxies.length === 0) {
    const advice = "name the balancers in trusted_proxies";
    warn("proxy_protocol", `proxy_protocol trusts every peer: ${advice}`);
  }
  for (const name of ["burst", "allow", "max_clients"] as const) {
    const isLimited = rate_limit.requests_per_second > 0 || (name === "allow" && max_connections_per_ip > 0);
    if (isLimited || originOf(`rate_limit.${name}`).source === "default") continue;
    warn(`rate_limit.${name}`, `rate_limit.${name} has no effect while requests_per_second is 0`);
  }
  const denied = new AddressList(deny.addresses);
  for (const entry of allow.addresses.filter((range) => !range.includes("/") && denied.includesText(range))) {
    warn("allow.addresses", `${entry} is allowed and denied: [deny] wins`);
  }
  const allowed = new AddressList(allow.addresses);
  const isHealthRefused = denied.includesText(LOOPBACK) || !(allowed.isEmpty || allowed.includesText(LOOPBACK));
  if (isHealthRefused && admin_listen === null) {
    const name = denied.includesText(LOOPBACK) ? "deny.addresses" : "allow.addresses";
    warn(name, `${LOOPBACK} is denied, and with it "saker health" on this machine; see admin_listen`);
  }
  return found;
}

const LOOPBACK = "127.0.0.1";

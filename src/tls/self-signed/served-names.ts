/**
 * For which names saker issues a certificate by itself.
 *
 * In:    settings, the machine's name. Out: host names, wildcards and addresses, canonical, each once.
 * Keeps: pure. Virtual hosts with a certificate of their own are left out; so is `*`, which no certificate can name.
 */
import { isIP } from "node:net";
import type { Settings } from "../../config/settings.ts";
import { EVERY_ADDRESS, EVERY_IPV4_ADDRESS, isHost } from "../../config/host-port.ts";
import { canonicalName } from "../server-name.ts";

/** By these a server is reached on its own machine. */
const LOCAL_NAMES = ["localhost", "127.0.0.1", "::1"];

export function servedNames(
  { host, virtual_host }: Pick<Settings, "host" | "virtual_host">,
  machine: string,
): string[] {
  const own = virtual_host.filter(({ certificate }) => certificate === null).flatMap(({ names }) => names);
  const listened = host === EVERY_ADDRESS || host === EVERY_IPV4_ADDRESS ? [] : [host];
  const hasName = isHost(machine) && isIP(machine) === 0 && machine !== "localhost";
  const machineNames = hasName ? [machine, ...localName(machine)] : [];
  const names = [...own, ...LOCAL_NAMES, ...listened, ...machineNames].filter((name) => name !== "*");
  return [...new Set(names.map(canonicalName))];
}

/** Its name in multicast DNS (RFC 6762 §3), by which phones in the same network find it. */
function localName(machine: string): string[] {
  return machine.includes(".") ? [] : [`${machine}.local`];
}

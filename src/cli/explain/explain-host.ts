/**
 * Which host a request is for, and why (RFC 9110 §7.2, §7.4).
 *
 * In:    the hosts of a configuration, the one outside of virtual hosts first; the request's head.
 * Out:   the parts of the host, or null where the request is refused whatever its path; the decision.
 * Keeps: finds hosts with the table used for serving (site/host-table.ts).
 */
import type { Settings } from "../../config/settings.ts";
import { textOf } from "../../http/octets.ts";
import { type RequestHead, Scheme } from "../../http/request-head.ts";
import type { HostParts } from "../../site/build-site.ts";
import { canonicalHost, HostTable } from "../../site/host-table.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";

export interface HostExplanation {
  readonly parts: HostParts | null;
  readonly decision: Decision;
}

/** `unknownHost`: the setting. `asksForEndpoint`: admin endpoints are served under any host name. */
export function explainHost(
  hosts: readonly HostParts[],
  unknownHost: Settings["unknown_host"],
  head: RequestHead,
  asksForEndpoint: boolean,
  places: Places,
): HostExplanation {
  const [outer, ...named] = hosts;
  const name = head.authorityEnd > head.authorityStart ? textOf(head.bytes, head.authorityStart, head.hostEnd) : "";
  if (head.scheme === Scheme.Https) {
    const why = "421: no TLS here, so an https target is meant for another server (RFC 9110 §7.4)";
    return { parts: null, decision: decisionOf("host", name, why, "", "") };
  }
  const names = named.flatMap((parts) => parts.names.map((hostName) => [hostName, parts] as const));
  const host = name === "" || names.length === 0 ? null : new HostTable(names).find(name);
  if (host !== null) {
    const at = nameThatMatched(host, name);
    const place = places.at("virtual_host", named.indexOf(host), "names", at);
    const what = `virtual host ${JSON.stringify(host.names[at])}`;
    return { parts: host, decision: decisionOf("host", name, what, "virtual_host.names", place) };
  }
  const place = places.at("unknown_host");
  if (unknownHost !== "default" && name !== "") {
    const what = `unknown: ${unknownHost}, except for admin endpoints`;
    return {
      parts: asksForEndpoint ? outer! : null,
      decision: decisionOf("host", name, what, "unknown_host", place),
    };
  }
  const why = names.length === 0 ? "the only site" : "not a virtual host: the main site";
  return { parts: outer!, decision: decisionOf("host", name || "(none)", why, "unknown_host", place) };
}

/** Which of the host's names matched: an exact name before a wildcard. */
function nameThatMatched({ names }: HostParts, name: string): number {
  const exact = names.findIndex((hostName) => canonicalHost(hostName) === canonicalHost(name));
  if (exact !== -1) return exact;
  return names.findIndex((hostName) => new HostTable([[hostName, true]]).find(name) === true);
}

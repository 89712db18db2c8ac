/**
 * Which host a request is for, and why (RFC 9110 §7.2, §7.4), in words.
 *
 * In:    the site that answered; the request's head.
 * Out:   the parts of the host, or null where the request is refused whatever its path; the decision.
 * Keeps: the site itself says which host it is, once more; the name that leads there is looked up as the site does
 *        (site/host-table.ts).
 */
import type { Settings } from "../../config/settings.ts";
import { textOf } from "../../http/octets.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { BuiltSite, HostParts } from "../../site/build-site.ts";
import { HostTable } from "../../site/host-table.ts";
import { isMisdirected } from "../../site/misdirected.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";

export interface HostExplanation {
  readonly parts: HostParts | null;
  readonly decision: Decision;
}

/** `unknownHost`: the setting. `asksForEndpoint`: admin endpoints are served under any host name. */
export function explainHost(
  { hosts, site }: BuiltSite,
  unknownHost: Settings["unknown_host"],
  head: RequestHead,
  asksForEndpoint: boolean,
  places: Places,
): HostExplanation {
  const [outer, ...named] = hosts;
  const name = head.authorityEnd > head.authorityStart ? textOf(head.bytes, head.authorityStart, head.hostEnd) : "";
  if (isMisdirected(head)) {
    const why = "421: a target of the other scheme is meant for another server (RFC 9110 §7.4)";
    return { parts: null, decision: decisionOf("host", name, why, "", "") };
  }
  const host = site.hostOf(head);
  if (host === null) {
    const what = `unknown: ${unknownHost}, except for admin endpoints`;
    const decision = decisionOf("host", name, what, "unknown_host", places.at("unknown_host"));
    return { parts: asksForEndpoint ? outer! : null, decision };
  }
  if (host === site.defaultHost) {
    const why = named.length === 0 ? "the only site" : "not a virtual host: the main site";
    const decision = decisionOf("host", name || "(none)", why, "unknown_host", places.at("unknown_host"));
    return { parts: outer!, decision };
  }
  return namedHost(named, name, places);
}

function namedHost(named: readonly HostParts[], name: string, places: Places): HostExplanation {
  const names = named.flatMap((parts) => parts.names.map((hostName) => [hostName, parts] as const));
  const { host: parts, name: matched } = new HostTable(names).match(name)!;
  const place = places.at("virtual_host", named.indexOf(parts), "names", parts.names.indexOf(matched));
  const what = `virtual host ${JSON.stringify(matched)}`;
  return { parts, decision: decisionOf("host", name, what, "virtual_host.names", place) };
}

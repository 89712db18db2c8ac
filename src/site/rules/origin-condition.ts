/**
 * The host that a rule of `_redirects` is for, where it begins with one: `http://old.example/*`.
 *
 * In:    a rule's first word; the origin that a request is for (RFC 9110 §4.3.1), as far as it is known.
 * Out:   the origin that the rule asks for and its path; whether a request is for that origin.
 * Keeps: hosts are compared without case and final dot. A rule that names no port is for every port, as virtual hosts are: a server
 *        behind a proxy or in a container doesn't know the port that its clients see. A host with `*` is none, as with Netlify.
 */
import { isOrigin } from "../../syntax/path-syntax.ts";
import { canonicalHost } from "../../syntax/host-names.ts";

export type SchemeName = "http" | "https";

/** What a request is for. */
export interface Origin {
  readonly scheme: SchemeName;
  readonly host: string;
  readonly port: number;
}

export interface OriginCondition {
  /** In one spelling, without a port where it names none. */
  readonly text: string;
  readonly scheme: SchemeName;
  readonly host: string;
  /** Null: any. */
  readonly port: number | null;
}

const DEFAULT_PORT: Readonly<Record<SchemeName, number>> = { http: 80, https: 443 };

/** The condition and the path of a rule's first word; null for the condition where it is a path alone, or no origin. */
export function splitOrigin(word: string): { readonly origin: OriginCondition | null; readonly path: string } {
  const match = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(word);
  if (match === null) return { origin: null, path: word };
  const origin = originOf(match[1]!);
  return origin === null ? { origin, path: word } : { origin, path: match[2]! || "/" };
}

/** Names beyond ASCII get the form that requests have (RFC 5891 §4). */
function originOf(text: string): OriginCondition | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== "" || text.includes("@") || !isOrigin(`${url.protocol}//${url.host}`))
    return null;
  const scheme = url.protocol === "https:" ? "https" : "http";
  const host = canonicalHost(url.hostname);
  const port = url.port === "" ? null : Number(url.port);
  return { text: `${scheme}://${host}${port === null ? "" : `:${port}`}`, scheme, host, port };
}

/** Host and port as they were sent (RFC 9110 §7.2); `port`: "" for the scheme's own. */
export function originOfRequest(scheme: SchemeName, host: string, port: string): Origin {
  return { scheme, host: canonicalHost(host), port: port === "" ? DEFAULT_PORT[scheme] : Number(port) };
}

export function isForOrigin(condition: OriginCondition, origin: Origin | null): boolean {
  if (origin === null || origin.host !== condition.host || origin.scheme !== condition.scheme) return false;
  return condition.port === null || condition.port === origin.port;
}

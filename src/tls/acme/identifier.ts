/**
 * What certificates are ordered for (RFC 8555 §9.7.7, RFC 8738): host names, wildcards, IP addresses.
 *
 * Keeps: pure; names are canonical (server-name.ts).
 */
import { isIP } from "node:net";

export interface Identifier {
  readonly type: "dns" | "ip";
  readonly value: string;
}

export const identifierOf = (name: string): Identifier => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name });

export const isWildcard = (name: string): boolean => name.startsWith("*.");

/** The name whose control is proven for a wildcard. */
export const withoutWildcard = (name: string): string => (isWildcard(name) ? name.slice(2) : name);

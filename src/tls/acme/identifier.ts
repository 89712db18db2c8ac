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

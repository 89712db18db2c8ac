/**
 * Which endpoints the settings ask for. Everything else in the master goes through lists of them, whatever their names.
 *
 * In:    settings. Out: for each endpoint what it is for, and where it is wanted. The first one is that by which the server is known.
 * Keeps: a name means the same endpoint in every configuration: from one to the next it keeps the addresses they have in common.
 */
import { parseHostPort } from "../config/host-port.ts";
import { httpsPortOf, servesHttps } from "../config/https.ts";
import type { Settings } from "../config/settings.ts";
import type { EndpointKind } from "../process/messages.ts";
import type { ListenTarget } from "./listeners.ts";

export type EndpointWish = { readonly kind: EndpointKind; readonly target: ListenTarget };

export const SITE: EndpointKind = { name: "site", scheme: "http", application: "site" };

/** The same by HTTPS. */
export const HTTPS: EndpointKind = { name: "https", scheme: "https", application: "site" };

/** An address where nothing but the admin endpoints is served. */
export const ADMIN: EndpointKind = { name: "admin", scheme: "http", application: "admin" };

export function endpointsOf(settings: Settings): readonly EndpointWish[] {
  const { host, port, admin_listen } = settings;
  const wishes: EndpointWish[] = [{ kind: SITE, target: { host, port } }];
  if (servesHttps(settings)) wishes.push({ kind: HTTPS, target: { host, port: httpsPortOf(settings) } });
  const admin = admin_listen === null ? null : parseHostPort(admin_listen);
  if (admin !== null) wishes.push({ kind: ADMIN, target: { host: admin.host || host, port: admin.port } });
  return wishes;
}

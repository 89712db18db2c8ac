/**
 * All listening sockets of the server: the site's, and those of the admin endpoints if `admin_listen` is set.
 *
 * In:    settings. Out: groups of sockets; changes to them that are made ready first and adopted later.
 * Keeps: a change opens everything it needs or nothing.
 */
import { parseHostPort } from "../config/host-port.ts";
import type { Settings } from "../config/settings.ts";
import type { BoundAddress } from "../worker/protocol.ts";
import type { Group } from "./listener-group.ts";
import { awaitLastArrivals } from "./last-arrivals.ts";
import { type ListenChange, Listeners, type ListenTarget, type Served } from "./listeners.ts";

/** What workers of one plan listen on. */
export type SocketGroups = { readonly site: readonly Group[]; readonly admin: readonly Group[] };

export type SocketChange = { readonly site: ListenChange; readonly admin: ListenChange };

/** Addresses that were not listened on before. */
export type OpenedAddresses = { readonly site: readonly BoundAddress[]; readonly admin: readonly BoundAddress[] };

export class Sockets {
  constructor(
    readonly site: Listeners = new Listeners(),
    readonly admin: Listeners = new Listeners(),
  ) {}

  static async open(settings: Settings, workers: number): Promise<Sockets> {
    const sockets = new Sockets();
    sockets.adopt(await sockets.prepare(settings, workers, 0));
    return sockets;
  }

  get canInherit(): boolean {
    return this.site.canInherit;
  }

  get groups(): SocketGroups {
    return { site: this.site.groups, admin: this.admin.groups };
  }

  /** Opens what `settings` need besides what is open, for workers from generation `since` on. */
  async prepare(settings: Settings, workers: number, since: number): Promise<SocketChange> {
    const site = await this.site.prepare({ host: settings.host, port: settings.port }, workers, since);
    try {
      return { site, admin: await this.admin.prepare(adminTarget(settings), workers, since) };
    } catch (error) {
      this.site.abandon(site);
      throw error;
    }
  }

  adopt({ site, admin }: SocketChange): void {
    this.site.adopt(site);
    this.admin.adopt(admin);
  }

  abandon({ site, admin }: SocketChange): void {
    this.site.abandon(site);
    this.admin.abandon(admin);
  }

  closeLeft(): void {
    this.site.closeLeft();
    this.admin.closeLeft();
  }

  /** As soon as this is said, new clients are refused. */
  leave(): void {
    this.site.leave();
    this.admin.leave();
  }

  /** Resolves when every client has come in that was connecting to an address that was left. */
  lastArrivals(): Promise<void> {
    return awaitLastArrivals(new Set([...this.site.leavingPorts, ...this.admin.leavingPorts]));
  }

  steer(served: readonly Served[]): void {
    this.site.steer(served);
    this.admin.steer(served);
  }

  close(): void {
    this.site.close();
    this.admin.close();
  }
}

function adminTarget({ admin_listen, host }: Settings): ListenTarget | null {
  const address = admin_listen === null ? null : parseHostPort(admin_listen);
  return address && { host: address.host || host, port: address.port };
}

export function openedBy({ site, admin }: SocketChange): OpenedAddresses {
  const addressesOf = ({ opened }: ListenChange): BoundAddress[] => opened.map((group) => group.address);
  return { site: addressesOf(site), admin: addressesOf(admin) };
}

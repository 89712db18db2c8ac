/**
 * The addresses of one endpoint, and how they change while the server runs.
 *
 * In:    host (address or name) and port (0 = any), how many workers.
 * Out:   groups of sockets for workers to inherit, and which of them get new connections.
 * Keeps: an address that stays keeps its sockets, at their places, so that a connection that waits in a backlog is never
 *        lost; with fewer workers than sockets the workers left share out the sockets left over among them. Nothing changes
 *        until a change is adopted. An address that is removed is closed to new connections first, and released when the workers
 *        that serve it have been told to end.
 * Without FFI: no sockets here; each worker opens the port itself with `reusePort`.
 * Fails: StartError with one line for people; then all is as it was.
 */
import type { BoundAddress } from "../process/messages.ts";
import { resolveListenHost } from "./listen-address.ts";
import {
  closeGroup,
  closeGroupToNewcomers,
  descriptorsOf,
  type Group,
  growGroup,
  isInUse,
  openGroups,
  shrinkGroup,
  steerGroup,
} from "./listener-group.ts";

/** With port 0 and several addresses: how often to try for a port that is free on all of them. */
const PICK_ATTEMPTS_MAX = 16;

/** As in the settings: `host` may be a name, `port` may be 0. */
export type ListenTarget = { readonly host: string; readonly port: number };

/** Sockets that have been opened for new settings; adopted or abandoned, once. */
export type ListenChange = {
  readonly target: ListenTarget | null;
  /** The addresses after the change: those that stay, and those that were opened. */
  readonly groups: readonly Group[];
  readonly opened: readonly Group[];
  readonly leaving: readonly Group[];
  /** Groups that got more sockets, and how many they had. */
  readonly grown: readonly (readonly [Group, number])[];
};

/** A place that is served, and the generation of the worker that serves it. */
export type Served = { readonly index: number; readonly generation: number };

export class Listeners {
  constructor(
    private target: ListenTarget | null = null,
    private present: readonly Group[] = [],
    private leaving: readonly Group[] = [],
  ) {}

  /** Opens `count` sockets on every address of `host`. */
  static async open(host: string, port: number, count: number): Promise<Listeners> {
    const listeners = new Listeners();
    listeners.adopt(await listeners.prepare({ host, port }, count, 0));
    return listeners;
  }

  get groups(): readonly Group[] {
    return this.present;
  }

  get wanted(): ListenTarget | null {
    return this.target;
  }

  get addresses(): readonly BoundAddress[] {
    return this.present.map((group) => group.address);
  }

  /** Opens what `target` (null = nothing) needs besides what is open, with `count` sockets an address. */
  async prepare(target: ListenTarget | null, count: number, since: number): Promise<ListenChange> {
    const isSame = target?.host === this.target?.host && target?.port === this.target?.port;
    const hosts = isSame || target === null ? [] : await resolveListenHost(target.host);
    const wanted = this.portFor(target);
    const kept = this.present.filter(({ address: { host, port } }) => {
      return isSame || (port === wanted && hosts.includes(host));
    });
    const leaving = this.present.filter((group) => !kept.includes(group));
    const grown = kept.map((group) => [group, group.fds.length] as const);
    const opened: Group[] = [];
    const change = { target, groups: kept, opened, leaving, grown };
    try {
      for (const group of kept) growGroup(group, count);
      const missing = hosts.filter((host) => !kept.some((group) => group.address.host === host));
      if (missing.length > 0) opened.push(...this.openAll(missing, wanted, count, since, kept.length === 0));
    } catch (error) {
      this.abandon(change);
      throw error;
    }
    // Until it is changed: the first worker that gets these sockets is that of the first place.
    if (since > 0) for (const group of opened) steerGroup(group, [0]);
    return { ...change, groups: [...kept, ...opened] };
  }

  /** "Any port" is the one that was chosen before, if there was one: only the host has changed then. */
  private portFor(target: ListenTarget | null): number {
    const chosen = target?.port === 0 && this.target?.port === 0 ? this.present[0]?.address.port : undefined;
    return chosen ?? target?.port ?? 0;
  }

  private openAll(hosts: readonly string[], port: number, count: number, since: number, isNeeded: boolean): Group[] {
    const isShared = port !== 0 && this.present.some((group) => group.address.port === port);
    for (let attempt = 1; ; attempt++) {
      try {
        return openGroups({ hosts, port, count, since, isShared, isNeeded });
      } catch (error) {
        const mayRetry = port === 0 && hosts.length > 1 && attempt < PICK_ATTEMPTS_MAX && isInUse(error);
        if (!mayRetry) throw error;
      }
    }
  }

  /** From now on the groups of the change are listened on; those removed are closed to new connections. */
  adopt({ target, groups, leaving }: ListenChange): void {
    this.target = target;
    this.present = groups;
    this.leaving = leaving;
    leaving.forEach(closeGroupToNewcomers);
  }

  /** Undoes the preparation of a change. */
  abandon({ opened, grown }: ListenChange): void {
    for (const [group, count] of grown) shrinkGroup(group, count);
    opened.forEach(closeGroup);
  }

  /** The ports of the addresses that are closed to new clients and not released yet. */
  get leavingPorts(): readonly number[] {
    return this.leaving.map(({ address }) => address.port);
  }

  /** Releases what was removed, once the workers that serve it are ending. */
  closeLeft(): void {
    this.leaving.forEach(closeGroup);
    this.leaving = [];
  }

  /** New connections go to the places that are served; to all of them while none is. */
  steer(served: readonly Served[]): void {
    for (const group of this.present) {
      const places = served.filter(({ generation }) => generation >= group.since).map(({ index }) => index);
      steerGroup(group, places);
    }
  }

  /** The descriptors for worker `index` of `workers`. */
  descriptorsOf(index: number, workers: number): number[] {
    return descriptorsOf(this.present, index, workers);
  }

  /** Nothing is listened on any more: new clients are refused, those whose handshake has begun still come in. */
  leave(): void {
    this.present.forEach(closeGroupToNewcomers);
    this.leaving = [...this.leaving, ...this.present];
    this.present = [];
  }

  /** Closes all sockets here; they live on as long as a worker holds them. */
  close(): void {
    this.leave();
    this.closeLeft();
  }
}

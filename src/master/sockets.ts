/**
 * All listening sockets of the server, endpoint by endpoint.
 *
 * In:    settings. Out: groups of sockets; changes to them that are made ready first and adopted later.
 * Keeps: a change opens everything it needs or nothing. An endpoint that is wanted no more stays here until its sockets are released.
 */
import type { Settings } from "../config/settings.ts";
import type { BoundAddress, EndpointKind } from "../process/messages.ts";
import { libc } from "../sys/libc.ts";
import { endpointsOf } from "./endpoints.ts";
import type { Group } from "./listener-group.ts";
import { awaitLastArrivals } from "./last-arrivals.ts";
import { type ListenChange, Listeners, type ListenTarget, type Served } from "./listeners.ts";

/** An endpoint, and what workers of one plan listen on there. */
export type EndpointSockets = { readonly kind: EndpointKind; readonly groups: readonly Group[] };

/** The same with what the settings say of it. */
export type EndpointState = EndpointSockets & { readonly target: ListenTarget | null };

export type EndpointAddresses = { readonly kind: EndpointKind; readonly addresses: readonly BoundAddress[] };

type Listening = { readonly kind: EndpointKind; readonly listeners: Listeners };

/** Of every endpoint, those that will be gone too. */
export type SocketChange = readonly (Listening & { readonly change: ListenChange })[];

export class Sockets {
  /** Whether workers inherit descriptors; otherwise they listen by themselves on the addresses. */
  readonly canInherit = libc !== null;

  constructor(private listening: readonly Listening[] = []) {}

  static async open(settings: Settings, workers: number): Promise<Sockets> {
    const sockets = new Sockets();
    sockets.adopt(await sockets.prepare(settings, workers, 0));
    return sockets;
  }

  /** What the previous program in this process listened on. */
  static inherited(states: readonly EndpointState[]): Sockets {
    return new Sockets(states.map(({ kind, target, groups }) => ({ kind, listeners: new Listeners(target, groups) })));
  }

  get endpoints(): readonly EndpointState[] {
    return this.listening
      .map(({ kind, listeners }) => ({ kind, target: listeners.wanted, groups: listeners.groups }))
      .filter(({ groups }) => groups.length > 0);
  }

  get addresses(): readonly EndpointAddresses[] {
    return addressesOf(this.endpoints);
  }

  /** The port by which the server is known. */
  get mainPort(): number {
    return this.addresses[0]!.addresses[0]!.port;
  }

  /** Opens what `settings` need besides what is open, for workers from generation `since` on. */
  async prepare(settings: Settings, workers: number, since: number): Promise<SocketChange> {
    const wishes = endpointsOf(settings);
    const present = new Map(this.listening.map((entry) => [entry.kind.name, entry]));
    const wanted = wishes.map(({ kind, target }) => {
      return { kind, target, listeners: present.get(kind.name)?.listeners ?? new Listeners() };
    });
    const unwanted = this.listening.filter(({ kind }) => !wishes.some((wish) => wish.kind.name === kind.name));
    const prepared: SocketChange[number][] = [];
    try {
      for (const { kind, target, listeners } of [...wanted, ...unwanted.map((entry) => ({ ...entry, target: null }))]) {
        prepared.push({ kind, listeners, change: await listeners.prepare(target, workers, since) });
      }
    } catch (error) {
      this.abandon(prepared);
      throw error;
    }
    return prepared;
  }

  adopt(prepared: SocketChange): void {
    this.listening = prepared.map(({ kind, listeners }) => ({ kind, listeners }));
    for (const { listeners, change } of prepared) listeners.adopt(change);
  }

  abandon(prepared: SocketChange): void {
    for (const { listeners, change } of prepared) listeners.abandon(change);
  }

  closeLeft(): void {
    for (const { listeners } of this.listening) listeners.closeLeft();
    this.listening = this.listening.filter(({ listeners }) => listeners.groups.length > 0);
  }

  /** As soon as this is said, new clients are refused. */
  leave(): void {
    for (const { listeners } of this.listening) listeners.leave();
  }

  /** Resolves when every client has come in that was connecting to an address that was left. */
  lastArrivals(): Promise<void> {
    return awaitLastArrivals(new Set(this.listening.flatMap(({ listeners }) => listeners.leavingPorts)));
  }

  steer(served: readonly Served[]): void {
    for (const { listeners } of this.listening) listeners.steer(served);
  }

  close(): void {
    for (const { listeners } of this.listening) listeners.close();
  }
}

/** What will be listened on. */
export function endpointsAfter(prepared: SocketChange): readonly EndpointSockets[] {
  return prepared.map(({ kind, change: { groups } }) => ({ kind, groups })).filter(({ groups }) => groups.length > 0);
}

/** Addresses that were not listened on before. */
export function openedBy(prepared: SocketChange): readonly EndpointAddresses[] {
  return addressesOf(prepared.map(({ kind, change }) => ({ kind, groups: change.opened })));
}

function addressesOf(endpoints: readonly EndpointSockets[]): readonly EndpointAddresses[] {
  return endpoints.map(({ kind, groups }) => ({ kind, addresses: groups.map(({ address }) => address) }));
}

/**
 * The master's listening sockets: for each address one SO_REUSEPORT group with one socket a worker index.
 *
 * In:    host (address or name), port (0 = any), how many workers.
 * Out:   descriptors for each worker to inherit, the addresses as bound, and who gets new connections.
 * Keeps: a socket stays open, at its place in the group, until the server stops: a connection that waits in its backlog
 *        is never lost. With fewer workers than sockets the workers left share out the sockets left over among them.
 *        The port is claimed before it is shared, so of two servers started at once only one gets it.
 * Without FFI: no sockets here (`canInherit` is false); each worker opens the port itself with `reusePort`.
 * Fails: StartError with one line for people; then nothing stays open.
 */
import { Errno, SystemError } from "../sys/errno.ts";
import { libc } from "../sys/libc.ts";
import { closeListenSocket, isPortFree, openListenSocket, PortSharing, stopDeferring } from "../sys/listen-socket.ts";
import { closeToNewcomers } from "../sys/close-to-newcomers.ts";
import { steerConnections, stopSteering } from "../sys/steer-connections.ts";
import type { BoundAddress } from "../worker/protocol.ts";
import { resolveListenHost } from "./listen-address.ts";
import { explainListenFailure } from "./listen-failure.ts";

/** As many waiting connections as the kernel allows (it cuts this down to net.core.somaxconn). */
const BACKLOG = 65_535;

/** With port 0 and several addresses: how often to try for a port that is free on all of them. */
const PICK_ATTEMPTS_MAX = 16;

type Group = { readonly address: BoundAddress; readonly fds: number[] };

export class Listeners {
  /** Whether workers inherit descriptors; otherwise they listen by themselves on `addresses`. */
  readonly canInherit = libc !== null;
  private steeredTo = "";

  private constructor(private readonly groups: readonly Group[]) {}

  /** Opens `count` sockets on every address of `host`. An address the machine lacks is left out if another works. */
  static async open(host: string, port: number, count: number): Promise<Listeners> {
    const hosts = await resolveListenHost(host);
    for (let attempt = 1; ; attempt++) {
      try {
        return new Listeners(openGroups(hosts, port, count));
      } catch (error) {
        const mayRetry = port === 0 && hosts.length > 1 && attempt < PICK_ATTEMPTS_MAX && isInUse(error);
        if (!mayRetry) throw error;
      }
    }
  }

  get addresses(): readonly BoundAddress[] {
    return this.groups.map((group) => group.address);
  }

  /** Sockets of each group; 0 where they can't be inherited. */
  get count(): number {
    return this.groups[0]?.fds.length ?? 0;
  }

  /** Opens more sockets, up to `count` of each group. They get no connections before `steer` names them. */
  grow(count: number): void {
    if (!this.canInherit || count <= this.count) return;
    if (this.steeredTo === "") this.restrict(this.groups[0]!.fds.map((_, place) => place));
    for (const { address, fds } of this.groups) {
      while (fds.length < count) fds.push(openShared(address));
    }
  }

  /**
   * The descriptors that worker `index` of `workers` serves: its own place in each group, and its part of the places
   * beyond the last worker.
   */
  descriptorsOf(index: number, workers: number): number[] {
    return this.groups.flatMap(({ fds }) => fds.filter((_, place) => place % workers === index));
  }

  /** Lets only these places get new connections; all of them when the list is empty. Costs nothing if nothing changes. */
  steer(places: readonly number[]): void {
    const isAll = places.length === 0 || places.length === this.count;
    if (!isAll) return this.restrict(places);
    if (this.steeredTo === "") return;
    this.steeredTo = "";
    for (const { fds } of this.groups) stopSteering(fds[0]!);
  }

  private restrict(places: readonly number[]): void {
    if (this.steeredTo === places.join() || this.count === 0) return;
    this.steeredTo = places.join();
    // A kernel that can't be told so deals to all sockets, as before: those connections wait, but none is lost.
    for (const { fds } of this.groups) steerConnections(fds[0]!, places);
  }

  /** Lets go of the sockets; they go on as long as a worker holds them, for clients that are on their way in. */
  close(): void {
    for (const { fds } of this.groups) {
      for (const fd of fds) {
        stopDeferring(fd);
        closeToNewcomers(fd);
      }
      fds.splice(0).forEach(closeListenSocket);
    }
  }
}

function openGroups(hosts: readonly string[], port: number, count: number): Group[] {
  const groups: Group[] = [];
  let missing: unknown = null;
  try {
    for (const host of hosts) {
      try {
        groups.push(openGroup(host, groups[0]?.address.port ?? port, count));
      } catch (error) {
        if (hosts.length === 1 || !isMissingAddress(error)) throw error;
        missing = error;
      }
    }
    if (groups.length === 0) throw missing;
  } catch (error) {
    groups.forEach((group) => group.fds.forEach(closeListenSocket));
    throw error;
  }
  return groups;
}

function openGroup(host: string, port: number, count: number): Group {
  try {
    if (libc === null) return { address: pickAddress(host, port), fds: [] };
    const first = openListenSocket({ host, port, backlog: BACKLOG, sharing: PortSharing.Claim });
    const group: Group = { address: { host, port: first.port }, fds: [first.fd] };
    try {
      while (group.fds.length < count) group.fds.push(openShared(group.address));
    } catch (error) {
      group.fds.splice(0).forEach(closeListenSocket);
      // Kernels other than Linux' own (gVisor) judge by what the first socket said when it was bound.
      if (!isInUse(error) || !isPortFree(host, first.port)) throw error;
      while (group.fds.length < count) group.fds.push(openShared(group.address));
    }
    return group;
  } catch (error) {
    throw explainListenFailure(error, host, port);
  }
}

function openShared({ host, port }: BoundAddress): number {
  return openListenSocket({ host, port, backlog: BACKLOG, sharing: PortSharing.Share }).fd;
}

/** Without FFI: the address, checked to be free, with a port chosen if it is 0. Another program may come in between. */
function pickAddress(host: string, port: number): BoundAddress {
  if (port !== 0) {
    if (!isPortFree(host, port)) throw new SystemError("bind", Errno.EADDRINUSE);
    return { host, port };
  }
  const probe = Bun.listen({ hostname: host, port: 0, exclusive: true, socket: { data() {} } });
  probe.stop(true);
  return { host, port: probe.port };
}

function systemErrorOf(error: unknown): SystemError | null {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return inner instanceof SystemError ? inner : null;
}

function isInUse(error: unknown): boolean {
  return systemErrorOf(error)?.errno === Errno.EADDRINUSE;
}

function isMissingAddress(error: unknown): boolean {
  const errno = systemErrorOf(error)?.errno;
  return errno === Errno.EADDRNOTAVAIL || errno === Errno.EAFNOSUPPORT;
}

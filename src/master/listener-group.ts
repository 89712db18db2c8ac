/**
 * One address and its SO_REUSEPORT group of listening sockets: one socket per worker index.
 *
 * In:    IP addresses, port (0 = any), how many sockets.
 * Out:   groups of descriptors. Without FFI a group has no descriptors: each worker opens the address itself.
 * Keeps: a socket's place in `fds` is its place in the kernel's group, so only the last ones may be closed individually.
 *        The port is claimed before it is shared, so of two servers started at once only one gets it.
 * Fails: StartError with one line for people; then nothing stays open.
 */
import { closeToNewcomers } from "../sys/close-to-newcomers.ts";
import { Errno, SystemError } from "../sys/errno.ts";
import { libc } from "../sys/libc.ts";
import { closeListenSocket, isPortFree, openListenSocket, PortSharing } from "../sys/listen-socket.ts";
import { steerConnections, stopSteering } from "../sys/steer-connections.ts";
import type { BoundAddress } from "../process/messages.ts";
import { explainListenFailure } from "./listen-failure.ts";

/** As many waiting connections as the kernel allows (it cuts this down to net.core.somaxconn). */
const BACKLOG = 65_535;

export type Group = {
  readonly address: BoundAddress;
  readonly fds: number[];
  /** The generation whose workers are the first to serve it. */
  readonly since: number;
  /** Places that get new connections; "" is all of them. */
  steeredTo: string;
};

export type GroupWish = {
  readonly hosts: readonly string[];
  readonly port: number;
  /** Sockets a group. */
  readonly count: number;
  readonly since: number;
  /** Another address of this server has the port already: its sockets share it, so it can't be claimed. */
  readonly isShared: boolean;
  /** Whether it is an error when the machine has none of the addresses. */
  readonly isNeeded: boolean;
};

/** Opens a group for each host, all on one port. An address the machine lacks is left out if another works. */
export function openGroups(wish: GroupWish): Group[] {
  const groups: Group[] = [];
  let missing: unknown = null;
  try {
    for (const host of wish.hosts) {
      try {
        groups.push(openGroup(host, groups[0]?.address.port ?? wish.port, wish));
      } catch (error) {
        if ((wish.isNeeded && wish.hosts.length === 1) || !isMissingAddress(error)) throw error;
        missing = error;
      }
    }
    if (groups.length === 0 && wish.isNeeded) throw missing;
  } catch (error) {
    groups.forEach(closeGroup);
    throw error;
  }
  return groups;
}

/** The descriptors that worker `index` of `workers` serves: its own place, and its part of those beyond the last worker. */
export function descriptorsOf(groups: readonly Group[], index: number, workers: number): number[] {
  return groups.flatMap(({ fds }) => fds.filter((_, place) => place % workers === index));
}

/** Opens more sockets, up to `count`. They get no connections before `steerGroup` names them. */
export function growGroup(group: Group, count: number): void {
  const { fds, address } = group;
  if (libc === null || count <= fds.length) return;
  if (group.steeredTo === "") restrictGroup(group, [...fds.keys()]);
  while (fds.length < count) fds.push(openShared(address));
}

/** Closes the sockets beyond `count`, which have been given no connections. */
export function shrinkGroup({ fds }: Group, count: number): void {
  while (fds.length > count) closeListenSocket(fds.pop()!);
}

/** Lets only these places get new connections; all of them when the list is empty. Costs nothing if nothing changes. */
export function steerGroup(group: Group, places: readonly number[]): void {
  if (places.length > 0 && places.length < group.fds.length) return restrictGroup(group, places);
  if (group.steeredTo === "") return;
  group.steeredTo = "";
  stopSteering(group.fds[0]!);
}

function restrictGroup(group: Group, places: readonly number[]): void {
  if (group.fds.length === 0 || group.steeredTo === places.join()) return;
  group.steeredTo = places.join();
  // A kernel without this feature deals to all sockets, as before: those connections wait, but none is lost.
  steerConnections(group.fds[0]!, places);
}

/** From now on no handshake begins here. */
export function closeGroupToNewcomers({ fds }: Group): void {
  for (const fd of fds) closeToNewcomers(fd);
}

/** Closes the sockets here; they live on as long as a worker holds them. */
export function closeGroup({ fds }: Group): void {
  fds.splice(0).forEach(closeListenSocket);
}

function openGroup(host: string, port: number, { count, since, isShared }: GroupWish): Group {
  try {
    if (libc === null) return { address: pickAddress(host, port), fds: [], since, steeredTo: "" };
    const sharing = isShared ? PortSharing.Share : PortSharing.Claim;
    const first = openListenSocket({ host, port, backlog: BACKLOG, sharing });
    const group: Group = { address: { host, port: first.port }, fds: [first.fd], since, steeredTo: "" };
    try {
      while (group.fds.length < count) group.fds.push(openShared(group.address));
    } catch (error) {
      closeGroup(group);
      // Kernels other than Linux itself (gVisor) judge by the options of the first socket when it was bound.
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

/** Without FFI: the address, checked to be free, with a port chosen if it is 0. Another program may take it in between. */
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

export function isInUse(error: unknown): boolean {
  return systemErrorOf(error)?.errno === Errno.EADDRINUSE;
}

function isMissingAddress(error: unknown): boolean {
  const errno = systemErrorOf(error)?.errno;
  return errno === Errno.EADDRNOTAVAIL || errno === Errno.EAFNOSUPPORT;
}

/**
 * Compares what the machine allows with what the configuration needs: processors, memory, descriptors,
 * connections, ports.
 *
 * Keeps: pure. A check is left out where its facts are unknown.
 */
import type { Settings } from "../../config/settings.ts";
import { endpointsOf } from "../../master/endpoints.ts";
import { isEnough, octetsNeeded } from "../../master/worker-count.ts";
import type { Facts } from "./facts.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** What a worker keeps open besides its connections: files of the cache, logs, sockets, what is being read. */
export const OTHER_DESCRIPTORS = 1536;

/** Connections that arrive at once, between two turns of a worker's event loop. */
const BACKLOG_WISHED = 1024;

/** Outgoing connections that a proxy on this machine has ports for. */
const EPHEMERAL_PORTS_WISHED = 10_000;

const MIB = 1024 * 1024;

export function checkLimits(settings: Settings, facts: Facts): Finding[] {
  return [
    ...checkProcessors(settings, facts),
    ...checkMemory(settings, facts),
    ...checkDescriptors(settings, facts),
    ...checkBacklog(facts),
    ...checkTracking(settings, facts),
    ...checkPorts(settings, facts),
    ...checkEphemeralPorts(facts),
  ];
}

function checkProcessors({ num_workers }: Settings, facts: Facts): Finding[] {
  const { workers, workersBy, processors, memoryOctets } = facts;
  const { usable, quota } = processors;
  const limit = quota === Infinity ? "" : `, quota ${Number(quota.toFixed(2))}`;
  const measured = `${counted(workers, "worker")} on ${counted(usable, "CPU")}${limit}`;
  if (workers > usable) {
    const advice = `Workers take turns on the CPUs, and slow requests wait longer: set num_workers = "auto" or ${usable}.`;
    return [warn("CPUs", measured, advice)];
  }
  if (quota < 1) {
    const advice = "The control group is throttled whenever its quota is used up: give it at least one CPU.";
    return [warn("CPUs", measured, advice)];
  }
  if (workersBy === "memory" && memoryOctets !== null) {
    const advice = "Some CPUs stay idle: raise the memory limit, or lower cache_size_mb.";
    return [warn("CPUs", `${measured}: ${mib(memoryOctets)} of memory carry no more full caches`, advice)];
  }
  if (num_workers !== "auto" && workers * 2 <= usable) {
    return [warn("CPUs", measured, 'Most CPUs stay idle: num_workers = "auto" uses all of them.')];
  }
  return [ok("CPUs", measured)];
}

function checkMemory(settings: Settings, { workers, memoryOctets }: Facts): Finding[] {
  if (memoryOctets === null) return [];
  const needed = octetsNeeded(settings, workers);
  const measured = `${mib(needed)} with full caches, of ${mib(memoryOctets)}`;
  if (isEnough(memoryOctets, needed)) return [ok("memory", measured)];
  return [
    warn("memory", measured, "The kernel may end a worker when memory runs out: lower cache_size_mb or num_workers."),
  ];
}

function checkDescriptors({ max_connections }: Settings, { descriptorsMax }: Facts): Finding[] {
  if (descriptorsMax === null) return [];
  const needed = max_connections + OTHER_DESCRIPTORS;
  const measured = `${amount(descriptorsMax)} per process, ${amount(needed)} needed for max_connections`;
  if (descriptorsMax >= needed) return [ok("descriptors", measured)];
  const advice =
    `A worker can't accept max_connections connections: raise the hard limit (ulimit -Hn, LimitNOFILE= in systemd, ` +
    `--ulimit nofile= in Docker), or lower max_connections.`;
  return [warn("descriptors", measured, advice)];
}

function checkBacklog({ backlogMax }: Facts): Finding[] {
  if (backlogMax === null) return [];
  const measured = `net.core.somaxconn is ${backlogMax}`;
  if (backlogMax >= BACKLOG_WISHED) return [ok("backlog", measured)];
  return [warn("backlog", measured, "Some connections of a burst are dropped: sysctl -w net.core.somaxconn=4096.")];
}

function checkTracking({ max_connections }: Settings, { workers, trackedConnectionsMax }: Facts): Finding[] {
  if (trackedConnectionsMax === null) return [];
  const needed = workers * max_connections;
  const measured = `net.netfilter.nf_conntrack_max is ${trackedConnectionsMax}, ${needed} connections are allowed`;
  if (trackedConnectionsMax >= needed) return [ok("tracking", measured)];
  const advice =
    "The firewall drops new connections when its table is full: raise it, or exempt this port from tracking.";
  return [warn("tracking", measured, advice)];
}

function checkPorts(settings: Settings, { ports }: Facts): Finding[] {
  return portsOf(settings).flatMap((port) => {
    const what = `port ${port}`;
    const { unprivilegedFirst, canTakeAny, ephemeral, reserved } = ports;
    if (unprivilegedFirst !== null && port < unprivilegedFirst && !canTakeAny) {
      const advice =
        "Start as root and set user, grant CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start.";
      return [fail(what, `ports below ${unprivilegedFirst} need root`, advice)];
    }
    if (isWithin(port, ephemeral) && !reserved.some((range) => isWithin(port, range))) {
      const advice = `sysctl -w net.ipv4.ip_local_reserved_ports=${port} keeps it free, or choose a port outside of that range.`;
      return [warn(what, `an outgoing connection may hold it (${ephemeral!.join("-")})`, advice)];
    }
    return [ok(what, "this user may listen on it")];
  });
}

function checkEphemeralPorts({ ports: { ephemeral } }: Facts): Finding[] {
  if (ephemeral === null) return [];
  const count = ephemeral[1] - ephemeral[0] + 1;
  const measured = `${ephemeral[0]}-${ephemeral[1]}, ${count} for outgoing connections`;
  if (count >= EPHEMERAL_PORTS_WISHED) return [ok("ephemeral ports", measured)];
  const advice =
    'A proxy on this machine can open no more connections to saker than that: sysctl -w net.ipv4.ip_local_port_range="10240 65535".';
  return [warn("ephemeral ports", measured, advice)];
}

/** The ports that are asked for; 0 is any. */
function portsOf(settings: Settings): number[] {
  return endpointsOf(settings)
    .map(({ target }) => target.port)
    .filter((port) => port !== 0);
}

function isWithin(port: number, range: readonly [number, number] | null): boolean {
  return range !== null && port >= range[0] && port <= range[1];
}

function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}

function amount(count: number): string {
  return count === Infinity ? "no limit" : String(count);
}

function mib(octets: number): string {
  return `${Math.ceil(octets / MIB)} MiB`;
}

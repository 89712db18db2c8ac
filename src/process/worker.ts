/**
 * A worker process: it takes its slot and its sockets from the master, serves until it is told to drain, and ends.
 *
 *   start (message) ─► logs, statistics, Server ─► Bun.listen on each socket ─► ready
 *   drain (message, SIGTERM, or the master is gone) ─► no new connections ─► every response is the last ─► end
 *
 * Source: protocol.ts for the messages; `Bun.listen({ fd })`, not in its types, takes an inherited socket.
 */
import type { SocketHandler, SocketListener, TCPSocketListenOptions } from "bun";
import { ownFilesOf } from "../config/own-files.ts";
import { closeSync } from "node:fs";
import { COMMIT } from "../config/version.ts";
import { createAccessLog } from "../log/access-log.ts";
import { createErrorLog } from "../log/error-log.ts";
import { startHeartbeat } from "../stats/heartbeat.ts";
import { Counter, Gauge, SlotState } from "../stats/layout.ts";
import { startLoopLag } from "../stats/loop-lag.ts";
import { openSegment } from "../stats/segment.ts";
import { enforcedOf } from "../sys/confinement.ts";
import { messageOf } from "../sys/errno.ts";
import { dieWithParent, dropPrivileges, raiseDescriptorLimit } from "../sys/process.ts";
import { waitingConnections } from "../sys/tcp-info.ts";
import { CredentialMemoryReader } from "../tls/credential-memory.ts";
import { ShownProofs } from "../tls/acme/shown-proofs.ts";
import type { CredentialFacts } from "../tls/credential-facts.ts";
import { HostContexts } from "../tls/host-contexts.ts";
import { acmeFiles } from "../tls/acme/wanted-certificates.ts";
import { authorityFiles } from "../tls/self-signed/authority.ts";
import { incompatibilityWith } from "./compatibility.ts";
import { describeConfinement } from "./describe-confinement.ts";
import {
  CLOSE_IDLE_SIGNAL,
  type Endpoint,
  type HandOverMessage,
  type MasterMessage,
  type StartMessage,
  type WorkerMessage,
} from "./messages.ts";
import { openQuotas } from "./quotas.ts";
import type { OwnPorts } from "./https-url.ts";
import { Proofs } from "./proofs.ts";
import { Reception } from "./reception.ts";
import { Service } from "./service.ts";
import { TlsReception } from "./tls-reception.ts";
import { Seconds } from "../units.ts";

/** How often a draining worker checks whether the last connection is gone. */
const DRAIN_CHECK_MS = 5;

/**
 * For how long a draining worker still accepts, and takes requests on connections that are idle: what was on its way comes in.
 * Longer while connections wait to be accepted, but a successor that serves the same sockets is never waited for.
 */
const LAST_ACCEPT_MS = 50;
const LAST_ACCEPT_MS_MAX = 1000;

/** Of one kind of listener; each knows what its sockets carry. */
type Handlers = SocketHandler<unknown, "buffer">;

/** Runs until the worker has ended; never returns normally. */
export function runWorker(): void {
  let worker: Worker | null = null;
  const drain = (timeoutSeconds?: number, idleSeconds = 0): void => {
    if (worker === null) process.exit(0);
    worker.drain(timeoutSeconds ?? worker.service.settings.shutdown_timeout_seconds, idleSeconds);
  };
  /** Another program is about to take the master's place, or has; see HandOverMessage. */
  let handedOver: HandOverMessage | null = null;
  process.on("SIGTERM", () => {
    // A master that listens says when to drain: once the clients that are connecting have come in.
    if (worker !== null && handedOver === null && process.connected) tell({ type: "leaving" });
    else drain(undefined, handedOver?.idleSeconds);
  });
  process.on("disconnect", () => handedOver === null && drain());
  process.on("SIGUSR2", () => handedOver !== null && worker?.reopenLogs());
  process.on(CLOSE_IDLE_SIGNAL, () => {
    if (handedOver === null) return;
    handedOver = { ...handedOver, idleSeconds: 0 };
    if (worker?.service.isDraining === true) drain(undefined, 0);
  });
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("message", (message: MasterMessage) => {
    switch (message.type) {
      case "start":
        try {
          const incompatibility = incompatibilityWith(message);
          if (incompatibility !== null) throw new Error(incompatibility);
          worker = new Worker(message);
          tell({ type: "ready", pid: process.pid, rootsMissing: [...worker.service.applications.rootsMissing] });
        } catch (error) {
          tell({ type: "fatal", message: messageOf(error) });
          process.exit(1);
        }
        break;
      case "drain":
        return drain(message.timeoutSeconds, message.idleSeconds);
      case "reopen-logs":
        return worker?.reopenLogs();
      case "credentials":
        return void worker?.service.contexts?.refresh();
      case "proof-answered":
        return worker?.service.proofs?.answered(message.id);
      case "hand-over":
        handedOver = message;
        return tell({ type: "handed-over" });
    }
  });
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

class Worker {
  readonly service: Service;
  private readonly listeners: SocketListener<unknown>[] = [];
  /** The inherited sockets among them. */
  private readonly listenFds: readonly number[];
  private drainDeadlineMs = Number.POSITIVE_INFINITY;
  /** While it drains: nobody new comes in, and idle connections have been told. */
  private hasStoppedAccepting = false;

  constructor(start: StartMessage) {
    const { settings, isSuccessor = false } = start;
    const { soft: descriptorLimit } = raiseDescriptorLimit();
    const log = createErrorLog({ target: settings.error_log, level: settings.log_level, mayBeMissing: isSuccessor });
    const accessLog = createAccessLog({
      target: settings.access_log,
      format: settings.access_log_format,
      mayBeMissing: isSuccessor,
      onTrouble: (message) => log.warn(message),
    });
    const segment = openSegment(start.statsPath, start.statsFd);
    const quotas = openQuotas(start, segment, log);
    for (const fd of [start.statsFd ?? [], ...Object.values(start.tableFds ?? {})].flat()) closeSync(fd);
    dropPrivileges(settings.user, settings.group);
    // Requested after changing the user, which would make the kernel forget it.
    dieWithParent("SIGTERM", start.masterPid);
    if (process.ppid !== start.masterPid) process.exit(1); // it died before we could ask
    const slot = segment.slot(start.slot);
    slot.adopt(process.pid);
    startHeartbeat(slot);
    startLoopLag(slot);
    const build = { version: start.version, commit: COMMIT };
    this.service = new Service({
      settings,
      segment,
      slot,
      accessLog,
      log,
      ...build,
      descriptorLimit,
      quotas,
      isSuccessor,
      ...credentialsOf(start),
      ruleFiles: start.ruleFiles,
      ports: portsOf(start.endpoints),
      ownFiles: [
        ...ownFilesOf(settings, start.configFiles ?? [], start.statsPath),
        ...authorityFiles(settings, process.env),
        ...acmeFiles(settings, process.env),
      ],
    });
    this.tellOfConfinement(start);
    if (start.workerIndex === 0) this.tellForAll(descriptorLimit);
    setInterval(() => this.service.tick(), 1000);
    this.listenFds = start.endpoints.flatMap(({ fds }) => fds);
    for (const endpoint of start.endpoints) this.listen(endpoint);
    slot.state = SlotState.Ready;
  }

  /**
   * Stops accepting, lets connections finish, and ends the process, at the latest after `timeoutSeconds`. Told again, as when the server
   * stops during a reload, it takes no longer than either call allows.
   */
  drain(timeoutSeconds: number, idleSeconds: number): void {
    const { service } = this;
    const isFirst = !service.isDraining;
    service.drain(Seconds(idleSeconds));
    this.drainDeadlineMs = Math.min(this.drainDeadlineMs, performance.now() + timeoutSeconds * 1000);
    if (!isFirst) {
      if (this.hasStoppedAccepting) service.crowd.forEach((connection) => connection.drain());
      return;
    }
    service.slot.state = SlotState.Draining;
    setTimeout(() => this.stopAccepting(performance.now() + LAST_ACCEPT_MS_MAX), LAST_ACCEPT_MS);
  }

  /** Connections whose handshake is complete are accepted before the sockets are closed. */
  private stopAccepting(giveUpAtMs: number): void {
    const { service } = this;
    const isAwaited = this.listenFds.some((fd) => waitingConnections(fd) > 0) && performance.now() < giveUpAtMs;
    if (isAwaited) return void setTimeout(() => this.stopAccepting(giveUpAtMs), DRAIN_CHECK_MS);
    for (const listener of this.listeners) listener.stop();
    this.hasStoppedAccepting = true;
    service.crowd.forEach((connection) => connection.drain());
    this.endWhenIdle();
  }

  reopenLogs(): void {
    this.service.log.reopen();
    this.service.accessLog?.reopen();
  }

  private endWhenIdle(): void {
    const { service } = this;
    const isOver = performance.now() >= this.drainDeadlineMs;
    if (service.crowd.size > 0 && !isOver) {
      setTimeout(() => this.endWhenIdle(), DRAIN_CHECK_MS);
      return;
    }
    service.slot.values[Counter.ConnectionsCut]! += service.crowd.size;
    service.crowd.forEach((connection) => connection.closed());
    service.slot.values[Gauge.ConnectionsActive] = 0; // cut, and not aborted when the slot is folded
    service.accessLog?.close();
    tell({ type: "drained" });
    process.exit(0);
  }

  private listen(endpoint: Endpoint): void {
    const { addresses, fds } = endpoint;
    const socket = this.handlersFor(endpoint);
    if (fds.length > 0) {
      for (const fd of fds) this.listeners.push(listenOn({ fd, allowHalfOpen: true, socket }));
      return;
    }
    for (const { host, port } of addresses) {
      this.listeners.push(listenOn({ hostname: host, port, reusePort: true, allowHalfOpen: true, socket }));
    }
  }

  private handlersFor({ application, scheme }: Endpoint): Handlers {
    const { service } = this;
    if (scheme === "http") return new Reception(service, application === "admin").handlers as Handlers;
    return new TlsReception(service, service.arrivalParts()).handlers as Handlers;
  }

  /** Throws when the configuration requires what this system doesn't support. */
  private tellOfConfinement({ settings, confinement, workerIndex }: StartMessage): void {
    const enforced = enforcedOf(process.argv);
    const line = describeConfinement(confinement, enforced, settings.confine === false);
    if (settings.confine === true && (enforced?.landlock ?? 0) === 0) throw new Error(`confine = true, but ${line}`);
    if (workerIndex === 0) this.service.log.info(line);
    if (settings.cpu_affinity && enforced?.cpu == null) {
      this.service.log.warn(`worker ${workerIndex} is not pinned to a CPU: the system refused`);
    }
  }

  /** Messages that are the same for all workers: logged by one of them. */
  private tellForAll(descriptorLimit: number): void {
    const { applications, crowd, log, settings } = this.service;
    const { advice, notes } = applications;
    for (const note of notes) log.warn(note);
    for (const hint of advice) log.info(hint);
    if (crowd.room.connectionsMax === settings.max_connections) return;
    log.warn(
      `each worker may open only ${descriptorLimit} descriptors: max_connections is ${crowd.room.connectionsMax} instead of ${settings.max_connections}`,
    );
  }
}

/** What the master has read of certificates, and shows for those that it gets; null where there is no HTTPS, or nothing to get. */
function credentialsOf({ settings, credentialsFd }: StartMessage): {
  contexts: HostContexts | null;
  proofs: Proofs | null;
} {
  if (credentialsFd === undefined) return { contexts: null, proofs: null };
  const memory = new CredentialMemoryReader<CredentialFacts>(credentialsFd);
  const contexts = new HostContexts({ settings, memory });
  if (settings.tls.acme === null) return { contexts, proofs: null };
  const shown = new ShownProofs(memory, () => void contexts.refresh());
  return { contexts, proofs: new Proofs({ shown, ask: (id) => tell({ type: "proof-wanted", id }) }) };
}

/** `Bun.listen`, with the inherited descriptor that its types don't know of. */
function listenOn(
  options: { socket: Handlers; allowHalfOpen: boolean } & (
    { fd: number } | { hostname: string; port: number; reusePort: boolean }
  ),
): SocketListener<unknown> {
  return Bun.listen(options as unknown as TCPSocketListenOptions<unknown>);
}

/** The ports by which the site is known; null where it isn't served by HTTPS. */
function portsOf(endpoints: readonly Endpoint[]): OwnPorts | null {
  const portOf = (wanted: Endpoint["name"]): number | undefined => {
    return endpoints.find(({ name }) => name === wanted)?.addresses[0]?.port;
  };
  const https = portOf("https");
  return https === undefined ? null : { http: portOf("site") ?? 0, https };
}

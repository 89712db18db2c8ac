/**
 * The messages between master and worker over Bun's IPC channel (JSON).
 *
 * Life:  the master starts a worker with `--saker-worker` as its last argument and sends `start`, once, as the first message. The worker
 *        answers `ready` when it accepts connections, or `fatal` and ends. At `drain` the worker stops
 *        listening, finishes what is in flight, says `drained` and ends with exit code 0; another `drain` can only hurry it.
 * Keeps: types, and the protocol's version. The channel's end ("disconnect") means that the master is gone, unless `hand-over`
 *        came before. Master and worker may be of different builds (a reload runs the executable that is now at its path):
 *        a worker refuses a start message of another version.
 * Worker's duties: `dropPrivileges` (if `settings.user`/`group`), then `dieWithParent(SIGTERM, masterPid)`, then the rest;
 *        on "disconnect" drain and end; on SIGTERM, which doesn't come from a master with a channel, say `leaving`, and drain
 *        when the master says so; SIGINT
 *        and SIGHUP of a terminal's process group are the master's to handle and must not end a worker; adopt the slot and beat
 *        from the first moment.
 */
import type { Settings } from "../config/settings.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import type { Confinement } from "../sys/confinement.ts";

/** Raised when a message's meaning changes, or a setting's. */
export const PROTOCOL_VERSION = 3;

/** An IP address and a port (already chosen where the setting says 0). */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

export type EndpointName = "site" | "https" | "admin";

/** What an endpoint is for. */
export interface EndpointKind {
  readonly name: EndpointName;
  readonly scheme: "http" | "https";
  /** What answers its requests. */
  readonly application: "site" | "admin";
}

/** Where a worker takes connections for one purpose. */
export interface Endpoint extends EndpointKind {
  /** What is listened on; with `fds` empty the worker opens each with `Bun.listen({ reusePort: true })`. */
  readonly addresses: readonly BoundAddress[];
  /** Inherited listening descriptors; empty where the platform can't hand them down. */
  readonly fds: readonly number[];
}

/** Everything a worker needs to know, in one message. */
export interface StartMessage {
  readonly type: "start";
  /** PROTOCOL_VERSION of the master. */
  readonly protocol: number;
  readonly settings: Settings;
  /** The rules in document roots that all workers of this generation obey. Builds before don't know it. */
  readonly ruleFiles?: RuleFilesByRoot;
  /** This worker's own slot of the statistics file. */
  readonly slot: number;
  /** Counts reloads; the same for all workers of one configuration. */
  readonly generation: number;
  /** Which of the `num_workers` it is, from 0. A successor has the same one. */
  readonly workerIndex: number;
  /**
   * Others have served with these settings: what is missing at the moment (a document root, a log's folder) is no reason to exit.
   * Builds before don't know it.
   */
  readonly isSuccessor?: boolean;
  readonly endpoints: readonly Endpoint[];
  /** Absolute paths of the configuration files that were read, so that they are never sent. Builds before don't know it. */
  readonly configFiles?: readonly string[];
  readonly statsPath: string;
  /** Inherited: the statistics file, whatever has become of its name. Builds before go by the name. */
  readonly statsFd?: number;
  /** Inherited: tables of quota/ that have no file, by their suffix. Builds before have one for each worker then. */
  readonly tableFds?: Readonly<Record<string, number>>;
  /** Inherited: certificates, their keys and authorities (tls/credential-memory.ts); absent where there is no HTTPS. */
  readonly credentialsFd?: number;
  /** The rights its first stage was told to leave it; null when there was no first stage. */
  readonly confinement: Confinement | null;
  /** When the master started, ms since 1970. */
  readonly startedMs: number;
  readonly masterPid: number;
  readonly version: string;
}

/** Stop listening, finish what is in flight within `timeoutSeconds`, then end. */
export interface DrainMessage {
  readonly type: "drain";
  readonly timeoutSeconds: number;
  /**
   * How long idle connections may take for one more request, which is answered with `Connection: close`: some seconds in a
   * reload, when other workers serve already; 0 (the rest of this second) when the server stops.
   */
  readonly idleSeconds: number;
}

/** Reopen the log files (SIGUSR2). */
export interface ReopenLogsMessage {
  readonly type: "reopen-logs";
}

/** Certificates or authorities have changed: what `credentialsFd` refers to is of this version now. A private key is in no message. */
export interface CredentialsMessage {
  readonly type: "credentials";
  readonly version: number;
}

/** The answer to `proof-wanted`: if there is such a proof, the memory that `credentialsFd` refers to has it now. */
export interface ProofAnsweredMessage {
  readonly type: "proof-answered";
  readonly id: string;
}

/**
 * Another program will take the master's place in its process: the channel's end means nothing from now on. SIGTERM
 * replaces `drain`, CLOSE_IDLE_SIGNAL a `drain` without idle seconds, before or behind it, SIGUSR2 replaces `reopen-logs`.
 */
export interface HandOverMessage {
  readonly type: "hand-over";
  /** As in `drain`, for the SIGTERM to come. */
  readonly idleSeconds: number;
}

/** Builds before ignore it: their idle connections have the seconds of the hand-over. */
export const CLOSE_IDLE_SIGNAL = "SIGUSR1";

export type MasterMessage =
  StartMessage | DrainMessage | ReopenLogsMessage | CredentialsMessage | ProofAnsweredMessage | HandOverMessage;

/** The worker accepts connections. */
export interface ReadyMessage {
  readonly type: "ready";
  readonly pid: number;
  /** Document roots, as configured, that a successor didn't find. */
  readonly rootsMissing?: readonly string[];
}

/** Another process than the master has told the worker to end (SIGTERM). The master answers with `drain`, now or when it stops. */
export interface LeavingMessage {
  readonly type: "leaving";
}

/** The last response is sent and the last connection closed; the process ends now. */
export interface DrainedMessage {
  readonly type: "drained";
}

/** The worker can't start, for a reason that a retry won't change; one line for people. It exits now. */
export interface FatalMessage {
  readonly type: "fatal";
  readonly message: string;
}

/** An authority looks for a proof that this worker doesn't know: perhaps another machine that shares the storage has ordered. */
export interface ProofWantedMessage {
  readonly type: "proof-wanted";
  /** As tls/acme/proof-pieces.ts makes it. */
  readonly id: string;
}

/** The answer to `hand-over`. */
export interface HandedOverMessage {
  readonly type: "handed-over";
}

export type WorkerMessage =
  ReadyMessage | LeavingMessage | DrainedMessage | FatalMessage | ProofWantedMessage | HandedOverMessage;

/**
 * The facts that the doctor judges: plain values, so that every check is a function that tests can feed.
 *
 * Units: octets; milliseconds since 1970. null = unknown on this system.
 */
import type { WorkerChoice } from "../../master/worker-count.ts";
import type { Confinement } from "../../sys/confinement.ts";
import type { Warning } from "../../tls/warning.ts";
import type { KernelFeatures } from "../../sys/kernel-features.ts";
import type { Account, Permission } from "./account.ts";

export interface Facts {
  /** Worker processes that the configuration leads to, and what decides about their number. */
  readonly workers: number;
  readonly workersBy: WorkerChoice["by"];
  readonly processors: ProcessorFacts;
  /** Open descriptors that a process may have once it has raised its own limit. */
  readonly descriptorsMax: number | null;
  /** net.core.somaxconn */
  readonly backlogMax: number | null;
  /** net.netfilter.nf_conntrack_max; null also where connections aren't tracked. */
  readonly trackedConnectionsMax: number | null;
  readonly ports: PortFacts;
  /** What this process and its children may use. */
  readonly memoryOctets: number | null;
  readonly identity: IdentityFacts;
  readonly roots: readonly RootFacts[];
  readonly files: readonly FileFacts[];
  readonly certificates: readonly CertificateFileFacts[];
  readonly statistics: StatisticsFacts;
  readonly platform: PlatformFacts;
  /** What workers would be left; null = they can't be confined. */
  readonly confined: Confinement | null;
  readonly clock: ClockFacts;
}

export interface ProcessorFacts {
  /** By affinity and quota together, at least 1. */
  readonly usable: number;
  /** CPUs' worth of time that the control group may use; Infinity = no limit. */
  readonly quota: number;
}

export interface PortFacts {
  /** net.ipv4.ip_local_port_range: what outgoing connections take their ports from. */
  readonly ephemeral: readonly [first: number, last: number] | null;
  /** net.ipv4.ip_local_reserved_ports, as ranges. */
  readonly reserved: readonly (readonly [first: number, last: number])[];
  /** net.ipv4.ip_unprivileged_port_start */
  readonly unprivilegedFirst: number | null;
  /** This process may listen on any port. */
  readonly canTakeAny: boolean;
}

export interface IdentityFacts {
  readonly isRoot: boolean;
  /** The account the workers will have; null when the configured user or group isn't known here. */
  readonly worker: Account | null;
  /** Why the configured user or group can't be found; "" when it can. */
  readonly problem: string;
}

export interface RootFacts {
  /** `document_root`, or the virtual host it is the root of. */
  readonly what: string;
  readonly path: string;
  /** Why this process can't serve it; "" when it can. */
  readonly problem: string;
  /** Every folder from `/` down to the root itself. */
  readonly way: readonly Permission[];
  /** Some of what lies in it. */
  readonly sample: readonly Permission[];
}

export interface FileFacts {
  readonly setting: string;
  readonly path: string;
  /** Why it can't be written; "" when it can. */
  readonly problem: string;
}

/** A file of certificates, its key's beside it. */
export interface CertificateFileFacts {
  readonly what: "certificate" | "client_ca" | "client_crl";
  readonly path: string;
  /** Why it can't be served; "" when it can. */
  readonly problem: string;
  /** What clients may stumble over. */
  readonly warnings: readonly Warning[];
  /** What is in it. */
  readonly summary: string;
  /** The kind of its key; "" where there is none. */
  readonly keyText: string;
}

export interface StatisticsFacts {
  /** The folder its file will be in. */
  readonly folder: string;
  /** Named by the settings. If not, and no folder will do, the statistics are in memory without a name. */
  readonly isConfigured: boolean;
  readonly isInMemory: boolean;
  readonly problem: string;
  readonly freeOctets: number | null;
  readonly neededOctets: number;
}

export interface PlatformFacts {
  readonly isLinux: boolean;
  readonly release: string;
  readonly hasForeignFunctions: boolean;
  /** SAKER_NO_FFI=1 */
  readonly areTurnedOff: boolean;
  readonly kernel: KernelFeatures;
}

export interface ClockFacts {
  readonly nowMs: number;
  /** The latest modification time among files that were surely there before: the executable's and the roots'. */
  readonly newestFileMs: number;
  readonly isSynchronized: boolean | null;
}

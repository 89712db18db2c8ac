/**
 * The suites: what is measured together, by whom, and what must be reached.
 *
 * Out:   `SUITES`: `http` is plain HTTP/1.1, `tls` is TLS and HTTP/2.
 */
import type { Contender } from "./contender.ts";
import { allContenders, tlsContenders } from "./contenders/all.ts";
import type { SakerChoice } from "./contenders/saker.ts";
import { BEYOND_TARGETS, TARGETS, type Target } from "./targets.ts";
import { TLS_TARGETS } from "./tls-targets.ts";
import { TLS_IDLE_WORKLOADS, TLS_WORKLOADS, type IdleWorkload, type Workload } from "./tls-workloads.ts";
import { CLIENTS_WORKLOAD, HOT_WORKLOAD, IDLE_WORKLOAD, LOAD_WORKLOADS, START_UP_WORKLOAD } from "./workloads.ts";

export interface Suite {
  name: string;
  title: string;
  workloads: readonly Workload[];
  idle: readonly IdleWorkload[];
  /** Others, which have modules of their own. */
  others: readonly string[];
  isSecure: boolean;
  contenders(temporaryFolder: string, saker: SakerChoice): Contender[];
  targets: readonly Target[];
  /** For information. */
  beyond: readonly Target[];
  /** Groups that every row of a table is compared with. */
  references: readonly string[];
}

export const HTTP_SUITE: Suite = {
  name: "http",
  title: "plain HTTP/1.1",
  workloads: LOAD_WORKLOADS,
  idle: [{ name: IDLE_WORKLOAD, title: "1 KiB, hot", protocol: "plain", beside: HOT_WORKLOAD, connections: null }],
  others: [START_UP_WORKLOAD, CLIENTS_WORKLOAD],
  isSecure: false,
  contenders: allContenders,
  targets: TARGETS,
  beyond: BEYOND_TARGETS,
  references: ["nginx", "bun-serve", "floor"],
};

export const TLS_SUITE: Suite = {
  name: "tls",
  title: "TLS and HTTP/2",
  workloads: TLS_WORKLOADS,
  idle: TLS_IDLE_WORKLOADS,
  others: [],
  isSecure: true,
  contenders: tlsContenders,
  targets: TLS_TARGETS,
  beyond: [],
  references: ["h2o", "nginx"],
};

export const SUITES: readonly Suite[] = [HTTP_SUITE, TLS_SUITE];

/** In the order in which they run. */
export function workloadNamesOf({ workloads, idle, others }: Suite): string[] {
  return [...workloads.map(({ name }) => name), ...idle.map(({ name }) => name), ...others];
}

/** The suite of this name; that of plain HTTP/1.1 for results that don't name one. */
export function suiteNamed(name: string | undefined): Suite {
  return SUITES.find((suite) => suite.name === name) ?? HTTP_SUITE;
}

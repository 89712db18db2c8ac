/**
 * What one master tells the next one in the same process, and how former builds wrote it.
 *
 * In:    the facts, or what a program of any known format has written. Out: the other one.
 * Keeps: a program gets back what it has handed over in its own format, since it may be the older one. Pure.
 * Fails: an Error that names a format which this build doesn't know; rehearsals have compared formats before.
 */
import type { Settings } from "../config/settings.ts";
import type { AnonymousTables } from "../quota/shared-tables.ts";
import type { RuleFilesByRoot } from "../site/rule-files.ts";
import { ADMIN, SITE } from "./endpoints.ts";
import type { EndpointState } from "./sockets.ts";

/** Raised when a member's meaning changes. */
export const HAND_OVER_FORMAT = 3;

/** Counters by the names of the layout's table; each as many cells as its row says. */
export type NamedTotals = Readonly<Record<string, readonly number[]>>;

export type HandedWorker = {
  readonly pid: number;
  readonly slot: number;
  readonly index: number;
  readonly generation: number;
  /** How long it may still drain (ms); null for one that serves. */
  readonly drainMs: number | null;
};

export type HandOver = {
  /** In which it is written: that of the program which handed over, on the way back too. */
  readonly format: number;
  /** Version of the program that hands over. */
  readonly version: string;
  readonly settings: Settings;
  /** The rules in document roots that its workers obey. Builds before don't know it. */
  readonly rules?: RuleFilesByRoot;
  readonly configFile: string | null;
  readonly generation: number;
  /** The executable that hands over, kept open for the way back, and the path where a newer one is expected. */
  readonly executable: { readonly path: string; readonly fd: number };
  readonly endpoints: readonly EndpointState[];
  /** Of memory without a name, it is good as long as its descriptor is inherited. */
  readonly statsPath: string;
  /** Tables of quota/ that have no file. Builds before don't hand them over. */
  readonly tables?: AnonymousTables;
  /** The memory with certificates and keys, which lie there and not here. Builds before don't know it. */
  readonly credentials?: number;
  readonly startedMs: number;
  readonly totals: NamedTotals;
  readonly workers: readonly HandedWorker[];
  /** Connections of the control socket that wait for the outcome. */
  readonly askers: readonly number[];
  /** Why the program that took over hands back; "" on the way there. */
  readonly failure: string;
};

/** Format 2 is written like the present one; a program of that format would take an endpoint of HTTPS for one of plain HTTP. */
const LIKE_PRESENT = 2;

/** Format 1: two endpoints, each a member of its own, without sockets where it isn't wanted. */
type HandOver1 = Omit<HandOver, "endpoints"> & { readonly site: State1; readonly admin: State1 };

type State1 = Omit<EndpointState, "kind">;

export type WrittenHandOver = HandOver | HandOver1;

const NOT_LISTENING: State1 = { target: null, groups: [] };

/** Whether this build can take over from a program of that format, and hand back to it. */
export function isKnownFormat(format: number): boolean {
  return [HAND_OVER_FORMAT, LIKE_PRESENT, 1].includes(format);
}

export function decodeHandOver(written: WrittenHandOver): HandOver {
  if (!isKnownFormat(written.format)) throw new Error(`hand-over of format ${written.format}`);
  return "endpoints" in written ? written : fromFormat1(written);
}

export function encodeHandOver(handOver: HandOver): WrittenHandOver {
  return handOver.format === 1 ? toFormat1(handOver) : handOver;
}

function fromFormat1({ site, admin, ...others }: HandOver1): HandOver {
  const endpoints = [
    { kind: SITE, ...site },
    { kind: ADMIN, ...admin },
  ];
  return { ...others, endpoints: endpoints.filter(({ groups }) => groups.length > 0) };
}

/** Nothing is left out: there is a way back only to what was handed over, which had these two. */
function toFormat1({ endpoints, ...others }: HandOver): HandOver1 {
  const stateOf = ({ name }: { readonly name: string }): State1 => {
    const found = endpoints.find(({ kind }) => kind.name === name);
    return found === undefined ? NOT_LISTENING : { target: found.target, groups: found.groups };
  };
  return { ...others, site: stateOf(SITE), admin: stateOf(ADMIN) };
}

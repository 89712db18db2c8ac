/**
 * The workloads of TLS and HTTP/2: ONE table of what is asked, over how many connections and streams, and what must come back.
 *
 * Out:   `TLS_WORKLOADS`, timed by wrk (HTTP/1.1), h2load (HTTP/2) or a client of handshakes; `TLS_IDLE_WORKLOADS`.
 * Units: octets.
 * Keeps: pure. Unless it says otherwise a workload is over TLS 1.3.
 */
import { FILES, PAGE_FILES, type ServedFile } from "./document-root.ts";
import { BROWSER_FIELD_LINES, getRequest, whole, WRK_DEFAULTS, type LoadWorkload } from "./workloads.ts";

/** HTTP/2, sent by h2load: GETs of these files in turn, always `streams` of them under way on each connection. */
export interface H2Workload {
  client: "h2load";
  listener: "https" | "h2c";
  name: string;
  title: string;
  connections: number;
  streams: number;
  /** As in LoadWorkload. */
  countBy: "responses" | "octets";
  files: readonly ServedFile[];
  /** Besides the pseudo-header fields and h2load's own user-agent. */
  fieldLines: readonly string[];
}

/** A connection, a full handshake and one request of HTTP/1.1, again and again. */
export interface HandshakeWorkload {
  client: "handshakes";
  listener: "https";
  name: string;
  title: string;
  /** At a time. */
  connections: number;
  countBy: "responses";
  file: ServedFile;
}

export type Workload = LoadWorkload | H2Workload | HandshakeWorkload;

/** Connections that are held open and say nothing, and the load beside them. */
export interface IdleWorkload {
  name: string;
  title: string;
  /** What each of them has had its one response in. */
  protocol: "plain" | "h1" | "h2";
  beside: LoadWorkload | H2Workload;
  /** null: as many as the options say. */
  connections: number | null;
}

/** The octets of one response of a workload whose responses are counted by octets. */
export function octetsOfOne(workload: Workload, port: number): number {
  if (workload.client === "wrk") {
    return workload.exchanges(port, { entityTag: null, lastModified: null })[0]!.octets;
  }
  return workload.client === "h2load" ? workload.files[0]!.octets : workload.file.octets;
}

/** What a server must be able to do before its handshakes are timed. */
export function handshakeCheck({ name, title, file }: HandshakeWorkload): LoadWorkload {
  const exchanges = (port: number) => [whole(file, getRequest(port, file.name, ["Connection: close"]))];
  return { ...WRK_DEFAULTS, listener: "https", name, title, closes: true, exchanges };
}

const H2_DEFAULTS = {
  client: "h2load",
  listener: "https",
  countBy: "responses",
  files: [FILES.hot],
  fieldLines: [],
} as const satisfies Partial<H2Workload>;

/** Of the browser's fields those HTTP/2 may have: 12, with h2load's user-agent replaced (RFC 9113 §8.2.2 forbids Connection). */
export const H2_BROWSER_FIELD_LINES: readonly string[] = BROWSER_FIELD_LINES.filter(
  (line) => !line.startsWith("Connection:"),
);

function h1(name: string, title: string, file: ServedFile, more: Partial<LoadWorkload> = {}): LoadWorkload {
  const exchanges = (port: number) => [whole(file, getRequest(port, file.name))];
  return { ...WRK_DEFAULTS, listener: "https", name, title, exchanges, ...more };
}

const H2_HOT: H2Workload = {
  ...H2_DEFAULTS,
  name: "h2-1k",
  title: "HTTP/2, 1 KiB, 16 connections x 32 streams",
  connections: 16,
  streams: 32,
};

const H1_HOT: LoadWorkload = h1("h1-1k", "HTTP/1.1 over TLS, 1 KiB, 64 connections", FILES.hot);

export const TLS_WORKLOADS: readonly Workload[] = [
  H2_HOT,
  {
    ...H2_DEFAULTS,
    name: "h2-1k-c1",
    title: "HTTP/2, 1 KiB, 1 connection x 100 streams",
    connections: 1,
    streams: 100,
  },
  {
    ...H2_DEFAULTS,
    name: "h2-1k-m1",
    title: "HTTP/2, 1 KiB, 64 connections x 1 stream",
    connections: 64,
    streams: 1,
  },
  {
    ...H2_DEFAULTS,
    name: "h2-page",
    title: "HTTP/2, 200 files of 1 to 10 KiB, a browser's fields, 16 connections x 16 streams",
    connections: 16,
    streams: 16,
    files: PAGE_FILES,
    fieldLines: H2_BROWSER_FIELD_LINES,
  },
  {
    ...H2_DEFAULTS,
    name: "h2-64k",
    title: "HTTP/2, 64 KiB, 16 connections x 8 streams",
    connections: 16,
    streams: 8,
    files: [FILES.medium],
  },
  {
    ...H2_DEFAULTS,
    name: "h2-1m",
    title: "HTTP/2, 1 MiB, 4 connections x 4 streams",
    connections: 4,
    streams: 4,
    countBy: "octets",
    files: [FILES.large],
  },
  {
    ...H2_HOT,
    listener: "h2c",
    name: "h2c-1k",
    title: "HTTP/2 without TLS, 1 KiB, 16 connections x 32 streams",
  },
  H1_HOT,
  h1("h1-1m", "HTTP/1.1 over TLS, 1 MiB, 16 connections", FILES.large, { connections: 16, countBy: "octets" }),
  h1("h1-100m", "HTTP/1.1 over TLS, 100 MiB, 4 connections", FILES.giant, { connections: 4, countBy: "octets" }),
  {
    client: "handshakes",
    listener: "https",
    name: "handshake",
    title: "full handshake (ECDSA P-256, X25519, TLS 1.3) and one request of HTTP/1.1, 1 KiB",
    connections: 16,
    countBy: "responses",
    file: FILES.once,
  },
];

const TLS_IDLE_CONNECTIONS = 4000;

export const TLS_IDLE_WORKLOADS: readonly IdleWorkload[] = [
  {
    name: "idle-h1",
    title: "HTTP/1.1 over TLS, 1 KiB",
    protocol: "h1",
    beside: H1_HOT,
    connections: TLS_IDLE_CONNECTIONS,
  },
  { name: "idle-h2", title: "HTTP/2, 1 KiB", protocol: "h2", beside: H2_HOT, connections: TLS_IDLE_CONNECTIONS },
];

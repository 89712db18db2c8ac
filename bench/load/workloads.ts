/**
 * The workloads of HTTP/1.1: ONE table of what is asked, over how many connections, and what must come back. (Those of TLS and
 * HTTP/2 are in tls-workloads.ts.)
 *
 * In:    the port and the validators a server gave for its file (only the 304 workload uses them).
 * Out:   `LOAD_WORKLOADS` for wrk, and the names of the others (`idle`, `start-up`, `clients`), which have modules of their own.
 * Units: octets.
 * Keeps: pure. Every request is written out octet by octet here, so that all servers get the same ones.
 */
import { ABSENT_NAME, FILES, ZIPF_COUNT, pseudoRandom, zipfFile, type ServedFile } from "./document-root.ts";

/** What a server's 200 said about the representation (RFC 9110 §8.8); null where it said nothing. */
export interface Validators {
  entityTag: string | null;
  lastModified: string | null;
}

export const NO_VALIDATORS: Validators = { entityTag: null, lastModified: null };

/** One request and what its response must be. */
export interface Exchange {
  /** latin1, the whole head. */
  request: string;
  status: number;
  /** The content must be octets [first, first + octets) of this file; null: any content will do. */
  file: ServedFile | null;
  first: number;
  octets: number;
}

/** HTTP/1.1, sent by wrk. */
export interface LoadWorkload {
  client: "wrk";
  listener: "http" | "https";
  name: string;
  title: string;
  connections: number;
  /** Requests written at once on a connection. */
  pipelined: number;
  /** The server closes after each response. */
  closes: boolean;
  /**
   * How responses are counted: "responses" as wrk counts them, "octets" by dividing what was received by the size, so that
   * transfers cut off by the end of the run count by the part that came.
   */
  countBy: "responses" | "octets";
  /** Asks for the validators of this file first. */
  validate: ServedFile | null;
  /** All distinct exchanges. */
  exchanges(port: number, validators: Validators): Exchange[];
  /** Indexes into the exchanges in the order they are sent; null: there is but one. */
  sequence: readonly number[] | null;
}

/** The others: see idle-connections.ts, other-clients.ts and start-up.ts. */
export const IDLE_WORKLOAD = "idle";
export const START_UP_WORKLOAD = "start-up";
export const CLIENTS_WORKLOAD = "clients";

/** The piece of the giant file the range workload asks for; floor.c has the same numbers. */
export const RANGE_FIRST = 50 * 1024 * 1024;
export const RANGE_OCTETS = 1024;

/** A GET with Host and these further field lines. */
export function getRequest(port: number, name: string, fieldLines: readonly string[] = []): string {
  const lines = [`GET /${name} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fieldLines];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** With Host: the 14 fields, about 700 octets in all, a browser sends for an image of a page. */
export const BROWSER_FIELD_LINES: readonly string[] = [
  "Connection: keep-alive",
  'sec-ch-ua: "Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: no-cors",
  "Sec-Fetch-Dest: image",
  "Referer: http://127.0.0.1/articles/2026/on-serving-files.html",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-GB,en;q=0.9,de;q=0.8",
  "Cookie: session=8f14e45fceea167a5a36dedd4bea2543; theme=dark; consent=essential-only",
];

/** The condition that makes an unchanged file a 304: its entity tag, or where there is none its date (RFC 9110 §13.1). */
export function conditionLines({ entityTag, lastModified }: Validators): string[] {
  if (entityTag !== null) return [`If-None-Match: ${entityTag}`];
  return lastModified === null ? [] : [`If-Modified-Since: ${lastModified}`];
}

/** 16 384 indexes, index i as often as Zipf's law with exponent 1 has it: every run sends the same ones. */
export function zipfSequence(count: number, length: number): number[] {
  const cumulative: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) cumulative.push((sum += 1 / rank));
  const next = pseudoRandom(0x7a697066);
  return Array.from({ length }, () => {
    const point = (next() / 2 ** 32) * sum;
    return Math.max(
      0,
      cumulative.findIndex((edge) => edge > point),
    );
  });
}

export function whole(file: ServedFile, request: string): Exchange {
  return { request, status: 200, file, first: 0, octets: file.octets };
}

export const WRK_DEFAULTS = {
  client: "wrk",
  listener: "http",
  connections: 64,
  pipelined: 1,
  closes: false,
  countBy: "responses",
  validate: null,
  sequence: null,
} as const satisfies Partial<LoadWorkload>;

export const LOAD_WORKLOADS: readonly LoadWorkload[] = [
  {
    ...WRK_DEFAULTS,
    name: "hot",
    title: "1 KiB, hot",
    exchanges: (port) => [whole(FILES.hot, getRequest(port, FILES.hot.name))],
  },
  {
    ...WRK_DEFAULTS,
    name: "browser",
    title: "1 KiB, hot, browser-like head (14 fields, 700 octets)",
    exchanges: (port) => [whole(FILES.hot, getRequest(port, FILES.hot.name, BROWSER_FIELD_LINES))],
  },
  {
    ...WRK_DEFAULTS,
    name: "zipf",
    title: "1 000 files of 0.25 to 16 KiB, Zipf",
    exchanges: (port) =>
      Array.from({ length: ZIPF_COUNT }, (_, index) => whole(zipfFile(index), getRequest(port, zipfFile(index).name))),
    sequence: zipfSequence(ZIPF_COUNT, 16_384),
  },
  {
    ...WRK_DEFAULTS,
    name: "pipelined",
    title: "1 KiB, hot, pipelined 16 deep",
    pipelined: 16,
    exchanges: (port) => [whole(FILES.hot, getRequest(port, FILES.hot.name))],
  },
  {
    ...WRK_DEFAULTS,
    name: "not-modified",
    title: "304 Not Modified",
    validate: FILES.unchanged,
    exchanges: (port, validators) => [
      {
        request: getRequest(port, FILES.unchanged.name, conditionLines(validators)),
        status: 304,
        file: FILES.unchanged,
        first: 0,
        octets: 0,
      },
    ],
  },
  {
    ...WRK_DEFAULTS,
    name: "64k",
    title: "64 KiB",
    exchanges: (port) => [whole(FILES.medium, getRequest(port, FILES.medium.name))],
  },
  {
    ...WRK_DEFAULTS,
    name: "1m",
    title: "1 MiB",
    connections: 16,
    countBy: "octets",
    exchanges: (port) => [whole(FILES.large, getRequest(port, FILES.large.name))],
  },
  {
    ...WRK_DEFAULTS,
    name: "100m",
    title: "100 MiB",
    connections: 4,
    countBy: "octets",
    exchanges: (port) => [whole(FILES.giant, getRequest(port, FILES.giant.name))],
  },
  {
    ...WRK_DEFAULTS,
    name: "close",
    title: "1 KiB, a connection per request",
    closes: true,
    exchanges: (port) => [whole(FILES.once, getRequest(port, FILES.once.name, ["Connection: close"]))],
  },
  {
    ...WRK_DEFAULTS,
    name: "range",
    title: "1 KiB range of a 100 MiB file",
    exchanges: (port) => [
      {
        request: getRequest(port, FILES.part.name, [`Range: bytes=${RANGE_FIRST}-${RANGE_FIRST + RANGE_OCTETS - 1}`]),
        status: 206,
        file: FILES.part,
        first: RANGE_FIRST,
        octets: RANGE_OCTETS,
      },
    ],
  },
  {
    ...WRK_DEFAULTS,
    name: "not-found",
    title: "404 Not Found",
    exchanges: (port) => [{ request: getRequest(port, ABSENT_NAME), status: 404, file: null, first: 0, octets: 0 }],
  },
];

/** What wrk sends the idle workload over: the hot one's requests. */
export const HOT_WORKLOAD: LoadWorkload = LOAD_WORKLOADS[0]!;

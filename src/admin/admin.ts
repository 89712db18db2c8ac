/**
 * The admin application: /health, /metrics and /stats, answered by any worker for all of them.
 *
 * In:    a request, the peer's address, the shared statistics. Out: a `Response`, complete in memory.
 * Keeps: never in the path of other requests; loaded at the first admin request (`endpoint.ts` decides which those are).
 *        Every response has `X-Priority: high`, `Cache-Control: no-store` and a Content-Length. /metrics and /stats do
 *        not exist for clients outside the allow-list: 404 whatever the method.
 */

import { type Context, Hono } from "hono";

import { type Statistics, readStatistics } from "../stats/reader.ts";
import { takeScrapeInterval } from "../stats/scrape.ts";
import type { Segment } from "../stats/segment.ts";
import { AddressList, LOCAL_RANGES } from "../address/address-list.ts";
import type { OrderList } from "./certificate-orders.ts";
import { endpointPaths, normalizePrefix } from "./endpoint.ts";
import { describeHealth, isHealthy } from "./health.ts";
import { formatMetrics } from "./metrics.ts";
import { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";
import type { CertificateList } from "./served-certificates.ts";
import { describeStatistics } from "./stats.ts";

export interface AdminOptions {
  readonly segment: Segment;
  /** `admin_prefix`; default "". */
  readonly prefix?: string;
  /** `admin_allow`; default loopback and private ranges. */
  readonly allow?: readonly string[];
  readonly version: string;
  /** Default "unknown". */
  readonly commit?: string;
  /** What is served by HTTPS; default none. */
  readonly certificates?: CertificateList;
  /** Those that saker gets by itself; default none. */
  readonly orders?: OrderList;
  /** Called with an exception, which the client sees as a bare 500. */
  readonly onError?: (error: Error) => void;
}

export interface Admin {
  /** Answers a request whose path matches. `peerAddress` is the text of the client's IP address, as the socket has it. */
  fetch(request: Request, peerAddress: string): Response | Promise<Response>;
  /** Whether a path (without query) is one of the endpoints. */
  matches(path: string): boolean;
}

interface Environment {
  Bindings: { readonly peerAddress: string };
}

const JSON_CONTENT_TYPE = "application/json";
const TEXT_CONTENT_TYPE = "text/plain; charset=utf-8";

/** Throws `AddressError` for a bad entry of `allow`. */
export function createAdmin(options: AdminOptions): Admin {
  const { segment, certificates = () => [], orders = () => null } = options;
  const build = { version: options.version, commit: options.commit ?? "unknown" };
  const allowed = new AddressList(options.allow ?? LOCAL_RANGES);
  const paths = endpointPaths(options.prefix ?? "");
  const restartsOf = (workerIndex: number): number => segment.restarts(workerIndex);
  const isAllowed = (context: Context<Environment>): boolean => allowed.includesText(context.env.peerAddress);

  const health = (context: Context<Environment>): Response => {
    const statistics = readStatistics(segment);
    const content = describeHealth(statistics, build.version, restartsOf, isAllowed(context), certificates(), orders());
    return answer(isHealthy(statistics) ? 200 : 503, JSON_CONTENT_TYPE, `${JSON.stringify(content)}\n`);
  };
  const metrics = (): Response => {
    const statistics: Statistics = readStatistics(segment);
    const averageSinceLastMs = takeScrapeInterval(segment, statistics.total);
    const text = formatMetrics(statistics, build, averageSinceLastMs, restartsOf, certificates(), orders());
    return answer(200, PROMETHEUS_CONTENT_TYPE, text);
  };
  const stats = (): Response => {
    const content = describeStatistics(segment, readStatistics(segment), build);
    return answer(200, JSON_CONTENT_TYPE, `${JSON.stringify(content)}\n`);
  };
  const hideFromStrangers = async (context: Context<Environment>, next: () => Promise<void>) => {
    if (!isAllowed(context)) return notFound();
    await next();
  };
  const refuseMethod = (): Response =>
    answer(405, TEXT_CONTENT_TYPE, "405 Method Not Allowed\n", { Allow: "GET, HEAD" });

  const app = new Hono<Environment>().basePath(normalizePrefix(options.prefix ?? "") || "/");
  app.get("/health", health).all(refuseMethod);
  app.use("/metrics", hideFromStrangers).get(metrics).all(refuseMethod);
  app.use("/stats", hideFromStrangers).get(stats).all(refuseMethod);
  app.notFound(notFound);
  app.onError((error) => {
    options.onError?.(error);
    return answer(500, TEXT_CONTENT_TYPE, "500 Internal Server Error\n");
  });
  return {
    fetch: (request, peerAddress) => app.fetch(request, { peerAddress }),
    matches: (path) => paths.has(path),
  };
}

function notFound(): Response {
  return answer(404, TEXT_CONTENT_TYPE, "404 Not Found\n");
}

function answer(status: number, contentType: string, text: string, more: Record<string, string> = {}): Response {
  const content = Buffer.from(text);
  return new Response(content, {
    status,
    headers: {
      "Content-Type": contentType,
      "Content-Length": String(content.byteLength),
      "Cache-Control": "no-store",
      "X-Priority": "high",
      ...more,
    },
  });
}

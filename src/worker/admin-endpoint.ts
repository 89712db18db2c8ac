/**
 * The way from a connection to the admin application and back: a request head becomes a `Request`, the `Response` a
 * reply. The application (Hono) is loaded by the first request for it, so that a worker starts without.
 *
 * Keeps: /health, /metrics and /stats are answered whatever the load; a failure of the application is a bare 500.
 */
import type { Admin } from "../admin/admin.ts";
import { endpointPaths } from "../admin/endpoint.ts";
import { Method, METHOD_NAME } from "../http/method.ts";
import { OctetsReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { buildResponseHead, type FieldLine } from "../http/response-head.ts";
import type { ErrorReplies } from "../site/error-replies.ts";
import type { Segment } from "../stats/segment.ts";
import type { Connection } from "./connection.ts";
import type { Exchange } from "./exchange.ts";

export interface AdminEndpointOptions {
  readonly prefix: string;
  readonly allow: readonly string[];
  /** Whether the endpoints are on the main listeners too, and not on `admin_listen` alone. */
  readonly isOnMain: boolean;
  readonly segment: Segment;
  readonly version: string;
  readonly commit: string;
  readonly serverField: string;
  readonly errors: ErrorReplies;
  readonly onError: (error: unknown) => void;
}

export class AdminEndpoint {
  readonly isOnMain: boolean;
  private readonly paths: ReadonlySet<string>;
  private application: Promise<Admin> | null = null;

  constructor(private readonly options: AdminEndpointOptions) {
    this.isOnMain = options.isOnMain;
    this.paths = new Set(endpointPaths(options.prefix).keys());
  }

  /** Whether a path is an endpoint's. Pass the canonical path: no other spelling may bypass the check. */
  handles(path: string): boolean {
    return this.paths.has(path);
  }

  /** Answers `exchange`, which asks for `path`, in its own time. */
  answer(exchange: Exchange, path: string): void {
    const owner = exchange.owner as Connection;
    this.fetch(exchange.head, path, owner.peerAddress)
      .catch((error: unknown): Reply => {
        this.options.onError(error);
        return this.options.errors.of(500, false, exchange.head);
      })
      .then((reply) => exchange.owner?.resume(exchange, reply))
      .catch(this.options.onError);
  }

  private async fetch(asked: RequestHead, path: string, peerAddress: string): Promise<Reply> {
    const application = await (this.application ??= this.loadApplication());
    const response = await application.fetch(requestOf(asked.method, path), peerAddress);
    // To clients outside `admin_allow` an endpoint looks like a path that doesn't exist.
    if (response.status === 404) return this.options.errors.of(404, asked.method === Method.Head, asked);
    const content = Buffer.from(await response.arrayBuffer());
    const fields: FieldLine[] = [];
    if (this.options.serverField !== "") fields.push(["Server", this.options.serverField]);
    fields.push(["Date", null]);
    response.headers.forEach((value, name) => fields.push([canonicalName(name), value]));
    const head = buildResponseHead(response.status, fields);
    return new OctetsReply(response.status, Buffer.concat([head.octets, content]), head.octets.length, head.dateOffset);
  }

  private async loadApplication(): Promise<Admin> {
    const { createAdmin } = await import("../admin/admin.ts");
    const { segment, prefix, allow, version, commit, onError } = this.options;
    return createAdmin({ segment, prefix, allow, version, commit, onError });
  }
}

function requestOf(method: Method, path: string): Request {
  return new Request(`http://localhost${path}`, { method: METHOD_NAME[method] });
}

/** `content-type` to `Content-Type`: the application gives names in lower case. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

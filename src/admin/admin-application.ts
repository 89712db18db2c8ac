/**
 * The admin endpoints as an application: a request head becomes a `Request`, the `Response` of Hono a reply. Hono is loaded by the
 * first request for an endpoint, so that a worker starts without.
 *
 * Keeps: /health, /metrics and /stats are answered whatever the load; a failure of the application is a bare 500. Nothing is
 *        known at once, and nothing is limited for those who may see the endpoints.
 */
import { Method, METHOD_NAME } from "../http/method.ts";
import { textOf } from "../http/octets.ts";
import { octetsReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import { type Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import type { Segment } from "../stats/segment.ts";
import type { Admin } from "./admin.ts";
import type { OrderList } from "./certificate-orders.ts";
import { endpointPaths } from "./endpoint.ts";
import type { CertificateList } from "./served-certificates.ts";

/** Who words the errors: the site's default host. */
export interface ErrorWords {
  of(status: number, headOnly: boolean, request: RequestHead): Reply;
}

export interface AdminApplicationOptions {
  readonly prefix: string;
  readonly allow: readonly string[];
  readonly segment: Segment;
  readonly version: string;
  readonly commit: string;
  readonly serverField: string;
  readonly errors: ErrorWords;
  readonly certificates?: CertificateList;
  readonly orders?: OrderList;
  readonly onError: (error: unknown) => void;
}

export class AdminApplication implements Application {
  private readonly paths: ReadonlySet<string>;
  private loading: Promise<Admin> | null = null;

  constructor(private readonly options: AdminApplicationOptions) {
    this.paths = new Set(endpointPaths(options.prefix).keys());
  }

  /** Whether a path is an endpoint's. Pass the canonical path: no other spelling may bypass the check. */
  handles(path: string): boolean {
    return this.paths.has(path);
  }

  respond(): Reply | null {
    return null;
  }

  contentWish({ method }: RequestHead): ContentWish {
    return method === Method.Get || method === Method.Head ? ContentWish.Discard : ContentWish.Decline;
  }

  exemptionOf(request: RequestHead): Exemption {
    return this.handles(pathOf(request)) ? Exemption.Admins : Exemption.Nobody;
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.options.errors.of(status, request.method === Method.Head, request);
  }

  answer(exchange: Exchange): void {
    const { request } = exchange;
    const path = pathOf(request);
    if (request.method === Method.Unknown) exchange.reply(this.refusal(501, request));
    else if (this.handles(path)) this.answerPath(exchange, path);
    else exchange.reply(this.refusal(404, request));
  }

  /** Answers an exchange that asks for the endpoint at `path`. */
  answerPath(exchange: Exchange, path: string): void {
    this.fetch(exchange.request, path, exchange.clientAddress)
      .catch((error: unknown): Reply => {
        this.options.onError(error);
        return this.options.errors.of(500, false, exchange.request);
      })
      .then((reply) => exchange.reply(reply))
      .catch(this.options.onError);
  }

  private async fetch(request: RequestHead, path: string, clientAddress: string): Promise<Reply> {
    const { errors, serverField } = this.options;
    const admin = await (this.loading ??= this.load());
    const asked = new Request(`http://localhost${path}`, { method: METHOD_NAME[request.method] });
    const response = await admin.fetch(asked, clientAddress);
    // To clients outside `admin_allow` an endpoint looks like a path that doesn't exist.
    if (response.status === 404) return errors.of(404, request.method === Method.Head, request);
    const content = Buffer.from(await response.arrayBuffer());
    const fields: FieldLine[] = serverField === "" ? [] : [["Server", serverField]];
    fields.push(["Date", null]);
    response.headers.forEach((value, name) => fields.push([canonicalName(name), value]));
    return octetsReply(response.status, fields, content);
  }

  private async load(): Promise<Admin> {
    const { createAdmin } = await import("./admin.ts");
    const { segment, prefix, allow, version, commit, certificates, orders, onError } = this.options;
    return createAdmin({ segment, prefix, allow, version, commit, certificates, orders, onError });
  }
}

function pathOf({ bytes, pathStart, pathEnd }: RequestHead): string {
  return textOf(bytes, pathStart, pathEnd);
}

/** `content-type` to `Content-Type`: the application gives names in lower case. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

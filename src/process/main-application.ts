/**
 * What answers on the main listeners: the admin endpoints where they are served there, and the site.
 *
 * Keeps: what the site's cache knows is answered without a look at the endpoints: their paths never get into it. An endpoint is
 *        compared with the canonical path, so no other spelling of it reaches the site or bypasses `admin_allow`.
 */
import type { AdminApplication } from "../admin/admin-application.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { type ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import type { Site } from "../site/site.ts";
import type { PlainApplication } from "./https-redirect.ts";

export class MainApplication implements PlainApplication {
  constructor(
    private readonly site: Site,
    /** Null where they are served elsewhere. */
    private readonly endpoints: Pick<AdminApplication, "handles" | "answerPath"> | null,
  ) {}

  respond(request: RequestHead, nowMs: number): Reply | null {
    return this.site.respond(request, nowMs);
  }

  contentWish(request: RequestHead): ContentWish {
    return this.site.contentWish(request);
  }

  exemptionOf(request: RequestHead, isUnknown: boolean): Exemption {
    if (isUnknown && this.endpointOf(request) !== null) return Exemption.Admins;
    return this.site.exemptionOf(request);
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.site.refusal(status, request);
  }

  answer(exchange: Exchange): void {
    const endpoint = this.endpointOf(exchange.request);
    if (endpoint === null) this.site.answer(exchange);
    else this.endpoints!.answerPath(exchange, endpoint);
  }

  isForEndpoint(request: RequestHead): boolean {
    return this.endpointOf(request) !== null;
  }

  /** The endpoint's path, if one is asked for. */
  private endpointOf(request: RequestHead): string | null {
    const { endpoints } = this;
    const path = endpoints === null ? null : this.site.canonicalPathOf(request);
    return path !== null && endpoints!.handles(path) ? path : null;
  }
}

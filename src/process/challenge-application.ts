/**
 * What answers an authority that looks for a proof by http-01 (RFC 8555 §8.3), in front of everything else: redirects, guards, virtual
 * hosts' rules, limits per client.
 *
 * Keeps: nothing below the path of challenges is ever a file of the site, so nothing of it gets into the cache either, however the path
 *        is spelled. A request that isn't for a challenge costs no more than a call.
 */
import type { FieldLine } from "../http/response-head.ts";
import { Method } from "../http/method.ts";
import { octetsReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { type Application, type ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { CHALLENGE_FOLDER, isToken } from "../tls/acme/proof.ts";

export interface ChallengeParts {
  /** What answers everything else. */
  readonly inner: Application;
  /** Knows the one spelling of a path. */
  readonly site: { canonicalPathOf(request: RequestHead): string | null };
  readonly proofs: { textFor(token: string): Promise<string | null> };
  /** Value of the Server field; empty = none. */
  readonly serverField: string;
}

export class ChallengeApplication implements Application {
  constructor(private readonly parts: ChallengeParts) {}

  respond(request: RequestHead, nowMs: number): Reply | null {
    return this.parts.inner.respond(request, nowMs);
  }

  answer(exchange: Exchange): void {
    const token = this.tokenOf(exchange.request);
    if (token === null) this.parts.inner.answer(exchange);
    else void this.prove(exchange, token);
  }

  contentWish(request: RequestHead): ContentWish {
    return this.parts.inner.contentWish(request);
  }

  exemptionOf(request: RequestHead, isUnknown: boolean): Exemption {
    if (isUnknown && this.tokenOf(request) !== null) return Exemption.Everybody;
    return this.parts.inner.exemptionOf(request, isUnknown);
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.parts.inner.refusal(status, request);
  }

  private async prove(exchange: Exchange, token: string): Promise<void> {
    const { request } = exchange;
    const text = isToken(token) ? await this.parts.proofs.textFor(token) : null;
    // Also if the client is gone: an abandoned stream counts until it has its reply.
    exchange.reply(text === null ? this.refusal(404, request) : this.replyWith(text, request));
  }

  /** What follows the path of challenges; null where something else is asked for. */
  private tokenOf(request: RequestHead): string | null {
    if (request.method !== Method.Get && request.method !== Method.Head) return null;
    const path = this.parts.site.canonicalPathOf(request);
    return path?.startsWith(CHALLENGE_FOLDER) === true ? path.slice(CHALLENGE_FOLDER.length) : null;
  }

  private replyWith(text: string, request: RequestHead): Reply {
    const { serverField } = this.parts;
    const content = Buffer.from(text, "latin1");
    const fields: FieldLine[] = [
      ["Date", null],
      ["Content-Type", "application/octet-stream"],
      ["X-Content-Type-Options", "nosniff"],
      ["Cache-Control", "no-store"],
      ["Content-Length", String(content.length)],
    ];
    if (serverField !== "") fields.unshift(["Server", serverField]);
    const reply = octetsReply(200, fields, content);
    return request.method === Method.Head ? reply.withoutContent() : reply;
  }
}

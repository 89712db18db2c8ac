/**
 * What answers requests in plain text on a port of HTTPS: 400, and where to go instead.
 *
 * Keeps: it isn't a redirect, since what the client has sent was sent in the open to a port where nothing should be: whoever wrote its
 *        URL should be told. The connection ends with the answer.
 */
import { octetsReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import { Method } from "../http/method.ts";
import { type Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { httpsUrlOf, type OwnPorts } from "./https-url.ts";

export class PlainTextRefusal implements Application {
  /** `serverField`: value of the Server field; empty = none. */
  constructor(
    private readonly serverField: string,
    private readonly ports: OwnPorts,
  ) {}

  respond(request: RequestHead): Reply {
    return this.reply(400, request, httpsUrlOf(request, this.ports, "https"));
  }

  answer(exchange: Exchange): void {
    exchange.reply(this.respond(exchange.request));
  }

  contentWish(): ContentWish {
    return ContentWish.Decline;
  }

  exemptionOf(): Exemption {
    return Exemption.Nobody;
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.reply(status, request, null);
  }

  private reply(status: number, request: RequestHead, url: string | null): Reply {
    const text = `This port speaks HTTPS, and the request came in plain text.${url === null ? "" : ` Try ${url}`}\n`;
    const content = Buffer.from(text, "latin1");
    const fields: FieldLine[] = [
      ["Date", null],
      ["Content-Type", "text/plain; charset=utf-8"],
      ["X-Content-Type-Options", "nosniff"],
      ["Content-Length", String(content.length)],
    ];
    if (this.serverField !== "") fields.unshift(["Server", this.serverField]);
    const reply = octetsReply(status, fields, content);
    return request.method === Method.Head ? reply.withoutContent() : reply;
  }
}

/**
 * What answers clients of a port of HTTPS that get nothing there, whatever they ask for: 400, and a line that says why.
 *
 *   requests in plain text   and where to go instead. It isn't a redirect, since what the client has sent was sent in the open to a
 *                            port where nothing should be: whoever wrote its URL should be told
 *   a bad certificate        from a client that needs none: whoever chose it sees more than a connection that ends
 */
import { octetsReply, type Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import { Method } from "../http/method.ts";
import { type Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { httpsUrlOf, type OwnPorts } from "./https-url.ts";

class TextRefusal implements Application {
  /**
   * @param serverField value of the Server field; empty = none
   * @param textFor a line about a request; null stands for one that can't be read
   */
  constructor(
    private readonly serverField: string,
    private readonly textFor: (request: RequestHead | null) => string,
  ) {}

  respond(request: RequestHead): Reply {
    return this.reply(400, request, this.textFor(request));
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
    return this.reply(status, request, this.textFor(null));
  }

  private reply(status: number, request: RequestHead, text: string): Reply {
    const content = Buffer.from(`${text}\n`, "latin1");
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

export function plainTextRefusal(serverField: string, ports: OwnPorts): TextRefusal {
  return new TextRefusal(serverField, (request) => {
    const url = request === null ? null : httpsUrlOf(request, ports, "https");
    return `This port speaks HTTPS, and the request came in plain text.${url === null ? "" : ` Try ${url}`}`;
  });
}

const BAD_CERTIFICATE =
  "The certificate that your browser or program has shown isn't accepted here: it may have expired or been revoked, or its issuer isn't trusted. Choose another one, or none.";

export function badCertificateRefusal(serverField: string): TextRefusal {
  return new TextRefusal(serverField, () => BAD_CERTIFICATE);
}

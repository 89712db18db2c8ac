/**
 * What answers on plain HTTP where everything is served by HTTPS: 308, and the same URL by HTTPS (RFC 9110 §15.4.9).
 *
 *   admin endpoints         are answered here, for monitors that know no certificates
 *   ACME challenges         too (RFC 8555 §8.3): who asks for them has no certificate to trust yet
 *   what has no authority   can't be redirected: 400
 *
 * Keeps: whatever the path is; what is wrong with it is for the answer by HTTPS to say.
 */
import { Method } from "../http/method.ts";
import { Reply } from "../http/reply.ts";
import { type RequestHead, TargetForm } from "../http/request-head.ts";
import { buildResponseHead, type FieldLine } from "../http/response-head.ts";
import type { Application, ContentWish, Exemption } from "../serving/application.ts";
import type { Exchange } from "../serving/exchange.ts";
import { httpsUrlOf, type OwnPorts } from "./https-url.ts";

const CHALLENGES = Buffer.from("/.well-known/acme-challenge/", "latin1");

/** What answers by plain HTTP otherwise. */
export interface PlainApplication extends Application {
  /** Whether an admin endpoint is asked for. */
  isForEndpoint(request: RequestHead): boolean;
}

export class HttpsRedirect implements Application {
  /** `serverField`: value of the Server field; empty = none. */
  constructor(
    private readonly plain: PlainApplication,
    private readonly serverField: string,
    private readonly ports: OwnPorts,
  ) {}

  respond(request: RequestHead, nowMs: number): Reply | null {
    if (this.staysHere(request)) return this.plain.respond(request, nowMs);
    const url = httpsUrlOf(request, this.ports, "http");
    return url === null ? this.plain.refusal(400, request) : this.redirectTo(url);
  }

  answer(exchange: Exchange): void {
    this.plain.answer(exchange);
  }

  contentWish(request: RequestHead): ContentWish {
    return this.plain.contentWish(request);
  }

  exemptionOf(request: RequestHead, isUnknown: boolean): Exemption {
    return this.plain.exemptionOf(request, isUnknown);
  }

  refusal(status: number, request: RequestHead): Reply {
    return this.plain.refusal(status, request);
  }

  private staysHere(request: RequestHead): boolean {
    const { bytes, method, pathEnd, pathStart, targetForm } = request;
    if (targetForm !== TargetForm.Origin && targetForm !== TargetForm.Absolute) return true;
    if (method !== Method.Get && method !== Method.Head) return false;
    return isBelow(CHALLENGES, bytes, pathStart, pathEnd) || this.plain.isForEndpoint(request);
  }

  private redirectTo(url: string): Reply {
    const fields: FieldLine[] = [
      ["Date", null],
      ["Location", url],
      ["Content-Length", "0"],
    ];
    if (this.serverField !== "") fields.unshift(["Server", this.serverField]);
    return new Reply(buildResponseHead(308, fields));
  }
}

function isBelow(folder: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= folder.length) return false;
  return folder.every((octet, index) => bytes[start + index] === octet);
}

/**
 * What answers on plain HTTP where everything is served by HTTPS: 308, and the same URL by HTTPS (RFC 9110 §15.4.9).
 *
 *   admin endpoints         are answered here, for monitors that know no certificates
 *   ACME challenges         too (RFC 8555 §8.3): who asks for them has no certificate to trust yet
 *   what a proxy forwards   too, if the client speaks HTTPS with it: it would be sent in circles
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
import { isForwardedHttps } from "../site/request-text.ts";
import { CHALLENGE_FOLDER } from "../tls/acme/proof.ts";
import { httpsUrlOf, type OwnPorts } from "./https-url.ts";

const CHALLENGES = Buffer.from(CHALLENGE_FOLDER, "latin1");

/** Octets of base64url (RFC 4648 §5). */
const TOKEN = Uint8Array.from({ length: 256 }, (_, octet) => Number(/[A-Za-z0-9_-]/.test(String.fromCharCode(octet))));

/** What answers by plain HTTP otherwise. */
export interface PlainApplication extends Application {
  /** Whether an admin endpoint is asked for. */
  isForEndpoint(request: RequestHead): boolean;
}

export interface RedirectOptions {
  /** Value of the Server field; empty = none. */
  readonly serverField: string;
  readonly ports: OwnPorts;
  /** Whether some proxy is trusted, and so what it says of the client's scheme. */
  readonly isBehindProxy: boolean;
}

export class HttpsRedirect implements Application {
  constructor(
    private readonly plain: PlainApplication,
    private readonly options: RedirectOptions,
  ) {}

  respond(request: RequestHead, nowMs: number): Reply | null {
    const { options, plain } = this;
    const isForEndpoint = (asked: RequestHead): boolean => plain.isForEndpoint(asked);
    if (staysHere(request, options, isForEndpoint)) return plain.respond(request, nowMs);
    return redirectionTo(request, options) ?? plain.refusal(400, request);
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
}

/** The 308 for a request that came by plain HTTP; null where plain HTTP has an answer of its own. */
export function redirectionToHttps(
  request: RequestHead,
  options: RedirectOptions,
  isForEndpoint: (request: RequestHead) => boolean,
): Reply | null {
  return staysHere(request, options, isForEndpoint) ? null : redirectionTo(request, options);
}

function staysHere(
  request: RequestHead,
  { isBehindProxy }: RedirectOptions,
  isForEndpoint: (request: RequestHead) => boolean,
): boolean {
  const { bytes, method, pathEnd, pathStart, targetForm } = request;
  if (isBehindProxy && isForwardedHttps(request)) return true;
  if (targetForm !== TargetForm.Origin && targetForm !== TargetForm.Absolute) return true;
  if (method !== Method.Get && method !== Method.Head) return false;
  return isChallenge(bytes, pathStart, pathEnd) || isForEndpoint(request);
}

function redirectionTo(request: RequestHead, { ports, serverField }: RedirectOptions): Reply | null {
  const url = httpsUrlOf(request, ports, "http");
  if (url === null) return null;
  const fields: FieldLine[] = [
    ["Date", null],
    ["Location", url],
    ["Content-Length", "0"],
  ];
  if (serverField !== "") fields.unshift(["Server", serverField]);
  return new Reply(buildResponseHead(308, fields));
}

/** The folder and a token, which no dot, slash or percent sign belongs to (RFC 8555 §8.1): nothing else is reached by it. */
function isChallenge(bytes: Uint8Array, start: number, end: number): boolean {
  const tokenStart = start + CHALLENGES.length;
  if (end <= tokenStart || !CHALLENGES.every((octet, index) => bytes[start + index] === octet)) return false;
  return bytes.subarray(tokenStart, end).every((octet) => TOKEN[octet] === 1);
}

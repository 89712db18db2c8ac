/**
 * Identifiers of requests (`request_id`): the one that a trusted proxy sends as X-Request-Id, or a new one.
 *
 * In:    a request's head; whether its peer is a trusted proxy (`trusted_proxies`).
 * Out:   the identifier, as part of what is logged of the request.
 * Keeps: what is taken has at most REQUEST_ID_OCTETS_MAX octets, letters, digits and a few marks that mean nothing to a log, a
 *        shell or a page; anything else, and what stands there twice, is replaced. A new one is 128 random bits, in hexadecimal:
 *        it tells nothing about the server and needs nothing shared between workers. Without the setting there is no object
 *        of this class, and requests cost nothing.
 */
import { Field } from "../http/field.ts";
import { ALPHA, DIGIT } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { REQUEST_ID_OCTETS_MAX } from "../log/line-limits.ts";
import type { LoggedRequest } from "../log/logged-request.ts";

/** Random octets drawn at once: those of 256 identifiers. */
const POOL_OCTETS = 4096;
const ID_RANDOM_OCTETS = 16;

const HEX_DIGITS = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const MARKS = new Set(Array.from("-._~+/=:@", (mark) => mark.charCodeAt(0)));
const ID_OCTET = Uint8Array.from({ length: 256 }, (_, octet) => (isIdOctet(octet) ? 1 : 0));

function isIdOctet(octet: number): boolean {
  return ALPHA[octet] === 1 || DIGIT[octet] === 1 || MARKS.has(octet);
}

export type RequestIdUse = "off" | "log" | "send";

export class RequestIds {
  private readonly pool = new Uint8Array(POOL_OCTETS);
  private used = POOL_OCTETS;

  /** Null where nobody would see them. `isLogged`: there is a log that shows them. */
  static from(use: RequestIdUse, isLogged: boolean): RequestIds | null {
    return use === "send" || (use === "log" && isLogged) ? new RequestIds(use === "send") : null;
  }

  /** `isSent`: responses carry them. */
  private constructor(readonly isSent: boolean) {}

  assign(request: LoggedRequest, head: RequestHead, isTrusted: boolean): void {
    if (request.id.length === 0) request.id = new Uint8Array(REQUEST_ID_OCTETS_MAX);
    if (!isTrusted || !take(request, head)) this.make(request);
  }

  private make(request: LoggedRequest): void {
    if (this.used === POOL_OCTETS) {
      crypto.getRandomValues(this.pool);
      this.used = 0;
    }
    for (let index = 0; index < ID_RANDOM_OCTETS; index++) {
      const octet = this.pool[this.used++]!;
      request.id[2 * index] = HEX_DIGITS[octet >> 4]!;
      request.id[2 * index + 1] = HEX_DIGITS[octet & 15]!;
    }
    request.idOctets = 2 * ID_RANDOM_OCTETS;
  }
}

/** Whether the head holds an identifier that will do; it is then the request's. */
function take(request: LoggedRequest, head: RequestHead): boolean {
  if (!head.has(Field.XRequestId) || head.isRepeated(Field.XRequestId)) return false;
  const start = head.valueStart(Field.XRequestId);
  const octets = head.valueEnd(Field.XRequestId) - start;
  if (octets === 0 || octets > REQUEST_ID_OCTETS_MAX) return false;
  for (let index = 0; index < octets; index++) {
    const octet = head.bytes[start + index]!;
    if (ID_OCTET[octet] === 0) return false;
    request.id[index] = octet;
  }
  request.idOctets = octets;
  return true;
}

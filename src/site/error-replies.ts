/**
 * Ready responses for everything that isn't a file: error pages, redirects, the answer to OPTIONS.
 *
 * In:    a status; the fields a status requires (RFC 9110 §15: Allow with 405, Content-Range with 416).
 * Out:   replies with a small HTML page (error-page.ts), built once per status and kept.
 * Keeps: a page tells what the client did or may do, never a path, an exception or anything of ours.
 */
import { OctetsReply } from "../http/reply.ts";
import { buildResponseHead, type FieldLine } from "../http/response-head.ts";
import { reasonPhrase } from "../http/status.ts";
import { renderErrorPage } from "./error-page.ts";

/** What a file server lets be done with a resource (RFC 9110 §10.2.1). */
export const ALLOWED_METHODS = "GET, HEAD, OPTIONS";

/** Seconds after which a request that found the server full may come again (RFC 9110 §10.2.3). */
const RETRY_AFTER_SECONDS = "1";

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: "The server could not make sense of the request.",
  403: "You may not see this page.",
  404: "There is nothing at this address. It may have moved, or the link may be wrong.",
  405: "This address can only be read.",
  408: "The request took too long to arrive.",
  412: "The page is not in the state that the request asks for.",
  413: "The request brings more content than the server takes.",
  414: "The address is longer than the server takes.",
  416: "The page has no such part.",
  417: "The server cannot do what the request expects.",
  421: "This server does not answer for that address.",
  431: "The head of the request is larger than the server takes.",
  500: "Something went wrong here. It is not your fault.",
  501: "The server does not know how to do this.",
  503: "The server is busy. Please try again in a moment.",
  505: "The server speaks HTTP/1.1 only.",
};

export class ErrorReplies {
  private readonly pages = new Map<number, OctetsReply>();
  private readonly heads = new Map<number, OctetsReply>();
  private readonly serverField: string;

  /** `serverField`: value of the Server field; empty = none. */
  constructor(serverField: string) {
    this.serverField = serverField;
  }

  /** The reply for a status, without content for HEAD (RFC 9110 §9.3.2). */
  of(status: number, headOnly = false): OctetsReply {
    const kept = headOnly ? this.heads : this.pages;
    let reply = kept.get(status);
    if (reply === undefined) kept.set(status, (reply = this.build(status, fieldsOf(status), headOnly)));
    return reply;
  }

  /** 416 with the length that ranges must stay below (RFC 9110 §15.5.17). */
  rangeNotSatisfiable(representationOctets: number): OctetsReply {
    return this.build(416, [["Content-Range", `bytes */${representationOctets}`]], false);
  }

  /** 301 to `location`, an absolute path with its query. */
  movedPermanently(location: string, headOnly: boolean): OctetsReply {
    return this.build(301, [["Location", location]], headOnly);
  }

  /** 204 to OPTIONS (RFC 9110 §9.3.7). */
  options(): OctetsReply {
    let reply = this.heads.get(204);
    if (reply === undefined) {
      const head = buildResponseHead(204, [...this.commonFields(), ["Allow", ALLOWED_METHODS]]);
      reply = new OctetsReply(204, head.octets, head.octets.length, head.dateOffset);
      this.heads.set(204, reply);
    }
    return reply;
  }

  private build(status: number, fields: FieldLine[], headOnly: boolean): OctetsReply {
    const page = Buffer.from(renderErrorPage(status, reasonPhrase(status), EXPLANATIONS[status] ?? ""), "utf8");
    const head = buildResponseHead(status, [
      ...this.commonFields(),
      ["Content-Type", "text/html; charset=utf-8"],
      ["Content-Length", String(page.length)],
      ...fields,
    ]);
    const octets = headOnly ? head.octets : Buffer.concat([head.octets, page]);
    return new OctetsReply(status, octets, head.octets.length, head.dateOffset);
  }

  private commonFields(): FieldLine[] {
    const server: FieldLine[] = this.serverField === "" ? [] : [["Server", this.serverField]];
    return [...server, ["Date", null]];
  }
}

function fieldsOf(status: number): FieldLine[] {
  if (status === 405) return [["Allow", ALLOWED_METHODS]];
  if (status === 503) return [["Retry-After", RETRY_AFTER_SECONDS]];
  return [];
}

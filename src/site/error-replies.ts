/**
 * Ready responses for everything that isn't a file: error pages, redirects, the answer to OPTIONS.
 *
 * In:    a status; the fields a status requires (RFC 9110 §15: Allow with 405, Content-Range with 416); what rules set.
 * Out:   replies with a small HTML page (error-page.ts, or the site's own: error-pages.ts), built once per status and kept;
 *        one of the site's own, which may be large, also in the content coding that a client prefers, once that has been made.
 * Keeps: a page says what the client did or may do; it never shows a path, an exception or anything internal.
 */
import { Coding, CODING_NAME } from "../http/content-coding.ts";
import { OctetsReply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { buildResponseHead, type FieldLine } from "../http/response-head.ts";
import { reasonPhrase } from "../http/status.ts";
import type { CodedPage } from "./coding/coded-page.ts";
import type { Coder } from "./coding/coder.ts";
import { renderErrorPage } from "./error-page.ts";
import type { ErrorPage, ErrorPages } from "./error-pages.ts";
import { NOSNIFF } from "./file-replies.ts";
import { applyEdits, editsForOthers, type FieldEdits, NO_EDITS } from "./rules/field-edit.ts";

/** The methods that a file server allows (RFC 9110 §10.2.1). */
const ALLOWED_METHODS = "GET, HEAD, OPTIONS";

/** Seconds after which a request that found the server full may come again (RFC 9110 §10.2.3). */
const RETRY_AFTER_SECONDS = "1";

const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: "The server could not make sense of the request.",
  401: "This page asks for a name and a password.",
  403: "You may not see this page.",
  404: "There is nothing at this address. It may have moved, or the link may be wrong.",
  405: "This address can only be read.",
  408: "The request took too long to arrive.",
  410: "What was at this address is gone, and will not come back.",
  412: "The page is not in the state that the request asks for.",
  413: "The request brings more content than the server takes.",
  414: "The address is longer than the server takes.",
  416: "The page has no such part.",
  417: "The server cannot do what the request expects.",
  421: "This server does not answer for that address.",
  429: "You have asked more often than the server lets you. Please wait a moment.",
  431: "The head of the request is larger than the server takes.",
  500: "Something went wrong here. It is not your fault.",
  501: "The server does not know how to do this.",
  503: "The server is busy. Please try again in a moment.",
  505: "The server speaks HTTP/1.1 only.",
};

/** Sets of rule-made fields for which replies are kept. */
const FIELD_SETS_MAX = 256;

/** A client may ask for as many fields as a head holds; an answer that repeats them all is not kept. */
const PREFLIGHT_KEY_LENGTH_MAX = 1024;

/** Pages by status, realm and path that replies are kept for. */
const KEPT_PAGES_MAX = 256;

/** Redirections that browsers follow on their own: the page is for those that don't. */
const MOVED = "The page is at another address.";

const NO_PAGE: ErrorPage = { content: Buffer.alloc(0), contentType: "text/plain" };

interface KeptPage {
  readonly page: ErrorPage;
  readonly coded: CodedPage | null;
  /** By coding: with content, and without. */
  readonly full: (OctetsReply | undefined)[];
  readonly headOnly: (OctetsReply | undefined)[];
}

export class ErrorReplies {
  private readonly pages = new Map<number, OctetsReply>();
  private readonly heads = new Map<number, OctetsReply>();
  private readonly keptPages = new Map<string, KeptPage>();
  private readonly byFields = new Map<string, ErrorReplies>();
  private readonly preflights = new Map<string, OctetsReply>();

  /** `serverField`: value of the Server field; empty = none. `own`: the site's pages; null = it has none. */
  constructor(
    private readonly serverField: string,
    private readonly edits: FieldEdits = NO_EDITS,
    private readonly own: ErrorPages | null = null,
    private readonly coder: Coder | null = null,
  ) {}

  /** The reply for a status, without content for HEAD (RFC 9110 §9.3.2). `head`: of the request, where it is whole. */
  of(status: number, headOnly = false, head: RequestHead | null = null): OctetsReply {
    if (this.own !== null) {
      const page = this.own.pageFor(status);
      if (page !== null) return this.keep(status, String(status), page, fieldsOf(status), headOnly, head);
    }
    const kept = headOnly ? this.heads : this.pages;
    let reply = kept.get(status);
    if (reply === undefined) kept.set(status, (reply = this.build(status, fieldsOf(status), headOnly)));
    return reply;
  }

  /** The reply for a status with the page at a path below the root, if there is one. */
  withPage(status: number, path: string, headOnly: boolean, head: RequestHead): OctetsReply {
    const page = this.own?.pageAt(path) ?? null;
    if (page === null) return this.of(status, headOnly, head);
    return this.keep(status, status + path, page, fieldsOf(status), headOnly, head);
  }

  /** The same replies with the fields that rules set for a path. */
  with(edits: FieldEdits): ErrorReplies {
    const own = editsForOthers(edits);
    if (own.length === 0 && this.edits.length === 0) return this;
    const key = keyOf(own);
    let replies = this.byFields.get(key);
    if (replies === undefined) {
      if (this.byFields.size === FIELD_SETS_MAX) this.byFields.clear();
      this.byFields.set(key, (replies = new ErrorReplies(this.serverField, own, this.own, this.coder)));
    }
    return replies;
  }

  /** 416 with the length that ranges must stay below (RFC 9110 §15.5.17). */
  rangeNotSatisfiable(representationOctets: number): OctetsReply {
    return this.build(416, [["Content-Range", `bytes */${representationOctets}`]], false);
  }

  /** To `location`, a URI reference. */
  redirect(status: number, location: string, headOnly: boolean): OctetsReply {
    return this.build(status, [["Location", location]], headOnly);
  }

  /** 401 with its challenge (RFC 9110 §11.6.1, RFC 7617 §2). */
  unauthorized(realm: string, headOnly: boolean): OctetsReply {
    const challenge: FieldLine = ["WWW-Authenticate", `Basic realm="${realm}", charset="UTF-8"`];
    return this.keep(401, `401 ${realm}`, this.pageOf(401), [challenge], headOnly, null);
  }

  /** 429 until `seconds` have passed (RFC 6585 §4); `isBrief`: without a page. */
  tooManyRequests(seconds: number, headOnly: boolean, isBrief: boolean): OctetsReply {
    const fields: FieldLine[] = [["Retry-After", String(seconds)]];
    if (isBrief) return this.keep(429, `429 ${seconds} brief`, NO_PAGE, fields, headOnly, null);
    return this.keep(429, `429 ${seconds}`, this.pageOf(429), fields, headOnly, null);
  }

  /** The answer to a preflight, with the fields of CORS: any status that is ok will do (Fetch standard §4.8). */
  preflight(edits: FieldEdits): OctetsReply {
    const key = keyOf(edits);
    if (key.length > PREFLIGHT_KEY_LENGTH_MAX) return this.buildOptions(edits);
    let reply = this.preflights.get(key);
    if (reply === undefined) {
      if (this.preflights.size === FIELD_SETS_MAX) this.preflights.clear();
      this.preflights.set(key, (reply = this.buildOptions(edits)));
    }
    return reply;
  }

  /**
   * The answer to OPTIONS: 200 without content. RFC 9110 §9.3.7 asks for a Content-Length of 0 then; behind a 204, which has
   * none, some old clients wait for one.
   */
  options(): OctetsReply {
    let reply = this.heads.get(200);
    if (reply === undefined) this.heads.set(200, (reply = this.buildOptions(NO_EDITS)));
    return reply;
  }

  private buildOptions(edits: FieldEdits): OctetsReply {
    const lines: FieldLine[] = [...this.commonFields(), ["Content-Length", "0"], ["Allow", ALLOWED_METHODS]];
    const head = buildResponseHead(200, applyEdits(applyEdits(lines, this.edits), edits));
    return new OctetsReply(200, head.octets, head.octets.length, head.dateOffset);
  }

  private build(status: number, fields: FieldLine[], headOnly: boolean): OctetsReply {
    return this.buildWith(status, this.pageOf(status), fields, headOnly);
  }

  /** The page to show with a status now. */
  private pageOf(status: number): ErrorPage {
    return this.own?.pageFor(status) ?? defaultPageOf(status);
  }

  /** The replies with a page, kept under `key` until the page has changed. */
  private keep(
    status: number,
    key: string,
    page: ErrorPage,
    fields: FieldLine[],
    headOnly: boolean,
    head: RequestHead | null,
  ): OctetsReply {
    let kept = this.keptPages.get(key);
    if (kept?.page !== page) {
      const coded = this.coder?.codedPageOf(page.contentType, page.content) ?? null;
      kept = { page, coded, full: [], headOnly: [] };
      if (this.keptPages.size === KEPT_PAGES_MAX) this.keptPages.clear();
      this.keptPages.set(key, kept);
    }
    const { coded } = kept;
    const coding = coded === null || head === null ? Coding.Identity : this.coder!.selectPage(coded, head);
    const replies = headOnly ? kept.headOnly : kept.full;
    return (replies[coding] ??= this.buildWith(
      status,
      coded === null ? page : { content: coded.contentIn(coding), contentType: page.contentType },
      [...fields, ...codingFields(coded, coding)],
      headOnly,
    ));
  }

  private buildWith(status: number, page: ErrorPage, fields: FieldLine[], headOnly: boolean): OctetsReply {
    const lines: FieldLine[] = [
      ...this.commonFields(),
      ["Content-Type", page.contentType],
      NOSNIFF,
      ["Content-Length", String(page.content.length)],
      ...fields,
    ];
    const head = buildResponseHead(status, applyEdits(lines, this.edits));
    const octets = headOnly ? head.octets : Buffer.concat([head.octets, page.content]);
    return new OctetsReply(status, octets, head.octets.length, head.dateOffset);
  }

  private commonFields(): FieldLine[] {
    const server: FieldLine[] = this.serverField === "" ? [] : [["Server", this.serverField]];
    return [...server, ["Date", null]];
  }
}

function keyOf(edits: FieldEdits): string {
  return JSON.stringify(edits.map(({ name, value }) => [name, value]));
}

/** The fields of a page that has other codings (RFC 9110 §8.4, §12.5.5). */
function codingFields(coded: CodedPage | null, coding: Coding): FieldLine[] {
  if (coded === null) return [];
  const vary: FieldLine = ["Vary", "Accept-Encoding"];
  return coding === Coding.Identity ? [vary] : [["Content-Encoding", CODING_NAME[coding]!], vary];
}

const defaultPages = new Map<number, ErrorPage>();

function defaultPageOf(status: number): ErrorPage {
  let page = defaultPages.get(status);
  if (page === undefined) {
    const explanation = EXPLANATIONS[status] ?? (status < 400 ? MOVED : "");
    const content = Buffer.from(renderErrorPage(status, reasonPhrase(status), explanation), "utf8");
    defaultPages.set(status, (page = { content, contentType: "text/html; charset=utf-8" }));
  }
  return page;
}

function fieldsOf(status: number): FieldLine[] {
  if (status === 405) return [["Allow", ALLOWED_METHODS]];
  if (status === 503 || status === 429) return [["Retry-After", RETRY_AFTER_SECONDS]];
  return [];
}

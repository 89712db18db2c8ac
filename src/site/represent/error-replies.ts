/**
 * Ready responses for everything that isn't a file: errors, redirects, the answer to OPTIONS.
 *
 * In:    a status; the fields a status requires (RFC 9110 §15: Allow with 405, Content-Range with 416); what rules set; the
 *        request's head, as far as it could be read.
 * Out:   replies in the form that the client asks for (error-form.ts), built once and kept.
 * Keeps: a page of the site's own (error-pages.ts) stands for the built-in one. HTML is for whoever doesn't ask for something
 *        else: a program that prefers JSON or plain text gets that. A page of another type is for everyone. It may be large, so
 *        it is sent in the content coding that a client prefers, once that has been made.
 */
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { octetsReply, Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { buildResponseHead, type FieldLine } from "../../http/response-head.ts";
import { ALLOWED_METHODS } from "../answered-methods.ts";
import type { CodedPage } from "../coding/coded-page.ts";
import type { Coder } from "../coding/coder.ts";
import { errorContent, redirectContent } from "./error-content.ts";
import { ErrorForm, ErrorFormReader } from "./error-form.ts";
import type { ErrorPage, ErrorPages } from "./error-pages.ts";
import { NOSNIFF } from "./file-replies.ts";
import { applyEdits, editsForOthers, type FieldEdits, keyOfEdits, NO_EDITS } from "../rules/field-edit.ts";

/** Seconds after which a request that found the server full may come again (RFC 9110 §10.2.3). */
const RETRY_AFTER_SECONDS = "1";

/** Sets of rule-made fields for which replies are kept. */
const FIELD_SETS_MAX = 256;

/** A client may ask for as many fields as a head holds; an answer that repeats them all is not kept. */
const PREFLIGHT_KEY_LENGTH_MAX = 1024;

/** Status and realm, path or seconds that replies are kept for. */
const KEPT_MAX = 256;

const NOTHING: ErrorPage = { content: Buffer.alloc(0), contentType: "text/plain; charset=utf-8" };

const NO_FIELDS: readonly FieldLine[] = [];
const ALLOW: readonly FieldLine[] = [["Allow", ALLOWED_METHODS]];
const RETRY_AFTER: readonly FieldLine[] = [["Retry-After", RETRY_AFTER_SECONDS]];

/** The replies with one content. */
interface Kept {
  readonly coded: CodedPage | null;
  /** By coding: with content, and without. */
  readonly full: (Reply | undefined)[];
  readonly headOnly: (Reply | undefined)[];
}

/** One version of a page is one object: replies with former ones go with them. */
type KeptByContent = WeakMap<ErrorPage, Kept>;

export class ErrorReplies {
  private readonly kept = new Map<string, KeptByContent>();
  private readonly byFields = new Map<string, ErrorReplies>();
  private optionsReply: Reply | null = null;
  private readonly preflights = new Map<string, Reply>();

  /** `serverField`: value of the Server field; empty = none. `own`: the site's pages; null = it has none. */
  constructor(
    private readonly serverField: string,
    private readonly edits: FieldEdits = NO_EDITS,
    private readonly own: ErrorPages | null = null,
    private readonly coder: Coder | null = null,
    private readonly forms: ErrorFormReader = new ErrorFormReader(),
  ) {}

  /**
   * The reply for a status, without content for HEAD (RFC 9110 §9.3.2). `head`: of the request, as far as it could be read;
   * null where nothing of it could.
   */
  of(status: number, headOnly = false, head: RequestHead | null = null): Reply {
    return this.answer(status, String(status), this.ownPageFor(status), fieldsOf(status), headOnly, head);
  }

  /** The reply for a status with the page at a path below the root, if there is one. */
  withPage(status: number, path: string, headOnly: boolean, head: RequestHead): Reply {
    const page = this.own?.pageAt(path) ?? null;
    if (page === null) return this.of(status, headOnly, head);
    return this.answer(status, status + path, page, fieldsOf(status), headOnly, head);
  }

  /** The same replies with the fields that rules set for a path, as far as they are for errors. */
  with(edits: FieldEdits): ErrorReplies {
    return this.withAll(editsForOthers(edits));
  }

  /** The same with all of them: for redirects (`redirectEditsFor`). */
  withAll(own: FieldEdits): ErrorReplies {
    if (own.length === 0 && this.edits.length === 0) return this;
    const key = keyOfEdits(own);
    let replies = this.byFields.get(key);
    if (replies === undefined) {
      if (this.byFields.size === FIELD_SETS_MAX) this.byFields.clear();
      replies = new ErrorReplies(this.serverField, own, this.own, this.coder, this.forms);
      this.byFields.set(key, replies);
    }
    return replies;
  }

  /** 416 with the length that ranges must stay below (RFC 9110 §15.5.17). */
  rangeNotSatisfiable(representationOctets: number, head: RequestHead): Reply {
    const content = this.contentFor(416, this.ownPageFor(416), head);
    return this.build(416, content, [["Content-Range", `bytes */${representationOctets}`], VARY_ACCEPT]);
  }

  /** The form in which a client gets a redirect: for whoever keeps them. */
  formFor(head: RequestHead): ErrorForm {
    return this.forms.formFor(head, ErrorForm.Text);
  }

  /** To `location`, a URI reference. */
  redirect(status: number, location: string, headOnly: boolean, form: ErrorForm): Reply {
    const content = redirectContent(status, form, location);
    const reply = this.build(status, content, [["Location", location], VARY_ACCEPT]);
    return headOnly ? reply.withoutContent() : reply;
  }

  /** 401 with its challenge (RFC 9110 §11.6.1, RFC 7617 §2). */
  unauthorized(realm: string, headOnly: boolean, head: RequestHead): Reply {
    const challenge: FieldLine = ["WWW-Authenticate", `Basic realm="${realm}", charset="UTF-8"`];
    return this.answer(401, `401 ${realm}`, this.ownPageFor(401), [challenge], headOnly, head);
  }

  /** 429 until `seconds` have passed (RFC 6585 §4); `isBrief`: without content. */
  tooManyRequests(seconds: number, headOnly: boolean, isBrief: boolean, head: RequestHead): Reply {
    const fields: FieldLine[] = [["Retry-After", String(seconds)]];
    if (isBrief) return this.keep(429, `429 ${seconds}`, NOTHING, false, fields, headOnly, head);
    return this.answer(429, `429 ${seconds}`, this.ownPageFor(429), fields, headOnly, head);
  }

  /** The answer to a preflight, with the fields of CORS: any status that is ok will do (Fetch standard §4.8). */
  preflight(edits: FieldEdits): Reply {
    const key = keyOfEdits(edits);
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
  options(): Reply {
    return (this.optionsReply ??= this.buildOptions(NO_EDITS));
  }

  private buildOptions(edits: FieldEdits): Reply {
    const lines: FieldLine[] = [...this.commonFields(), ["Content-Length", "0"], ["Allow", ALLOWED_METHODS]];
    return new Reply(buildResponseHead(200, applyEdits(applyEdits(lines, this.edits), edits)));
  }

  /** The site's page for a status, as it is now. */
  private ownPageFor(status: number): ErrorPage | null {
    return this.own?.pageFor(status) ?? null;
  }

  /** What to say with a status to the client that sent `head`. `own`: the site's page for it. */
  private contentFor(status: number, own: ErrorPage | null, head: RequestHead | null): ErrorPage {
    if (own !== null && !isHtml(own)) return own;
    const form = this.forms.formFor(head, own === null ? ErrorForm.Text : ErrorForm.Html);
    return own !== null && form === ErrorForm.Html ? own : errorContent(status, form, isForStart(head));
  }

  private answer(
    status: number,
    key: string,
    own: ErrorPage | null,
    fields: readonly FieldLine[],
    headOnly: boolean,
    head: RequestHead | null,
  ): Reply {
    const content = this.contentFor(status, own, head);
    return this.keep(status, key, content, content === own, fields, headOnly, head);
  }

  /** The reply with a content, kept as long as the content. `isOwn`: it is a page of the site's. */
  private keep(
    status: number,
    key: string,
    content: ErrorPage,
    isOwn: boolean,
    fields: readonly FieldLine[],
    headOnly: boolean,
    head: RequestHead | null,
  ): Reply {
    const kept = this.keptFor(key, content, isOwn);
    const { coded } = kept;
    const coding = coded === null || head === null ? Coding.Identity : this.coder!.selectPage(coded, head);
    const full = (kept.full[coding] ??= this.build(
      status,
      coded === null ? content : { content: coded.contentIn(coding), contentType: content.contentType },
      [...fields, ...negotiationFields(content, isOwn, coded, coding)],
    ));
    return headOnly ? (kept.headOnly[coding] ??= full.withoutContent()) : full;
  }

  private keptFor(key: string, content: ErrorPage, isOwn: boolean): Kept {
    let byContent = this.kept.get(key);
    if (byContent === undefined) {
      if (this.kept.size === KEPT_MAX) this.kept.clear();
      this.kept.set(key, (byContent = new WeakMap()));
    }
    let kept = byContent.get(content);
    if (kept === undefined) {
      const coded = isOwn ? (this.coder?.codedPageOf(content.contentType, content.content) ?? null) : null;
      byContent.set(content, (kept = { coded, full: [], headOnly: [] }));
    }
    return kept;
  }

  private build(status: number, page: ErrorPage, fields: readonly FieldLine[]): Reply {
    const lines: FieldLine[] = [
      ...this.commonFields(),
      ["Content-Type", page.contentType],
      NOSNIFF,
      ["Content-Length", String(page.content.length)],
      ...fields,
    ];
    return octetsReply(status, applyEdits(lines, this.edits), page.content);
  }

  private commonFields(): FieldLine[] {
    const server: FieldLine[] = this.serverField === "" ? [] : [["Server", this.serverField]];
    return [...server, ["Date", null]];
  }
}

const VARY_ACCEPT: FieldLine = ["Vary", "Accept"];

/** What the content depends on (RFC 9110 §12.5.5), and its coding (§8.4). */
function negotiationFields(content: ErrorPage, isOwn: boolean, coded: CodedPage | null, coding: Coding): FieldLine[] {
  const hasForms = content !== NOTHING && (!isOwn || isHtml(content));
  const reasons = [...(hasForms ? ["Accept"] : []), ...(coded === null ? [] : ["Accept-Encoding"])];
  const vary: FieldLine[] = reasons.length === 0 ? [] : [["Vary", reasons.join(", ")]];
  return coding === Coding.Identity ? vary : [["Content-Encoding", CODING_NAME[coding]!], ...vary];
}

function isHtml({ contentType }: ErrorPage): boolean {
  return /^text\/html(?:;|$)/i.test(contentType);
}

/** Whether the start page was asked for: "/", or an absolute-form without a path (RFC 9112 §3.2.2). */
function isForStart(head: RequestHead | null): boolean {
  return head !== null && head.pathEnd - head.pathStart <= 1;
}

function fieldsOf(status: number): readonly FieldLine[] {
  if (status === 405) return ALLOW;
  return status === 503 || status === 429 ? RETRY_AFTER : NO_FIELDS;
}

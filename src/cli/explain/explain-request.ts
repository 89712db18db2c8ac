/**
 * Every decision about one request, in order, and the resulting response.
 *
 * In:    a configuration and the settings to serve with; a request.
 * Out:   an `Explanation`: plain data.
 * Keeps: the response is what the real site answers (ask-site.ts). The explanations beside it come from the same pure
 *        functions, asked with the same values: each says itself why its outcome is what it is, and here that is put in words.
 */
import type { Configuration } from "../../config/load-settings.ts";
import { ownFilesOf } from "../../config/own-files.ts";
import type { Settings } from "../../config/settings.ts";
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import type { Reply, SentField } from "../../http/reply.ts";
import { reasonPhrase } from "../../http/status.ts";
import type { BuiltSite, HostParts } from "../../site/build-site.ts";
import { EntryKind } from "../../site/entry/entry-kind.ts";
import type { FileEntry } from "../../site/entry/file-entry.ts";
import type { PlainEntry } from "../../site/entry/plain-entry.ts";
import type { ListingEntry } from "../../site/listing/listing-entry.ts";
import { decideOtherMethod } from "../../site/method-policy.ts";
import { editsFor, redirectEditsFor } from "../../site/path-edits.ts";
import type { RequestPath } from "../../site/request-path.ts";
import { queryOf, requestPathFor, sentPathOf } from "../../site/request-text.ts";
import type { Because } from "../../site/rules/because.ts";
import { keepAliveOf } from "../../process/keep-alive-of.ts";
import { rulesForHttps, strictTransportEdits } from "../../site/rules/strict-transport.ts";
import { acmeFiles } from "../../tls/acme/wanted-certificates.ts";
import { authorityFiles } from "../../tls/self-signed/authority.ts";
import { servesHttps } from "../../config/https.ts";
import { isAnswered } from "../../site/answered-methods.ts";
import { AskableSite, type SiteAnswer } from "./ask-site.ts";
import { explainCoding } from "./explain-coding.ts";
import { explainPreconditions, explainRange } from "./explain-conditions.ts";
import { explainForm } from "./explain-form.ts";
import { explainHost } from "./explain-host.ts";
import { explainMethod } from "./explain-method.ts";
import { decisionOf, explainPath, type PathExplanation } from "./explain-path.ts";
import { explainTarget } from "./explain-target.ts";
import { CHALLENGE_FOLDER } from "../../tls/acme/proof.ts";
import { explainTls } from "./explain-tls.ts";
import type { Decision, ExplainedField, Explanation } from "./explanation.ts";
import { type Making, reasonOf, removals } from "./field-reasons.ts";
import { Places } from "./places.ts";
import { selectedFrom } from "./selected-representation.ts";
import type { SyntheticRequest } from "./synthetic-request.ts";

export async function explainRequest(
  settings: Settings,
  originOf: Configuration["originOf"],
  request: SyntheticRequest,
  configFiles: readonly string[] = [],
): Promise<Explanation> {
  const { env } = process;
  const secrets = [...authorityFiles(settings, env), ...acmeFiles(settings, env)];
  const ownFiles = [...ownFilesOf(settings, configFiles), ...secrets];
  const site = new AskableSite(settings, { ownFiles });
  // Where everything is served by HTTPS, a path alone is asked for by HTTPS.
  const isSecure = servesHttps(settings) && request.scheme !== "http";
  const answer = await site.ask(request.octets, isSecure);
  return new Explainer(settings, site.built, new Places(originOf), request, answer, isSecure).explain();
}

class Explainer {
  private readonly decisions: Decision[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly site: BuiltSite,
    private readonly places: Places,
    private readonly request: SyntheticRequest,
    private readonly answer: SiteAnswer,
    private readonly isSecure: boolean,
  ) {}

  explain(): Explanation {
    const { reply } = this.answer;
    const fields = reply?.fieldsAt(Date.now()) ?? [];
    const { method, target, fields: asked } = this.request;
    const request = { method, target, fields: asked.map(withoutSecret) };
    if (this.isSecure) this.decisions.push(...explainTls(this.settings, this.request.host, this.places));
    if (this.answer.failure !== null) {
      const { reason, section, status } = this.answer.failure;
      this.note("request", reason, `${status} (${section})`);
      this.explainForm(status, fields, null);
      return { request, decisions: this.decisions, response: this.response(reply!, fields, null, null, null) };
    }
    if (this.answer.isForHttps) {
      this.decide("https", "plain HTTP", "308: the same by HTTPS", "tls.redirect", this.places.at("tls", "redirect"));
      return { request, decisions: this.decisions, response: this.response(reply!, fields, null, null, null) };
    }
    if (this.isForAuthority()) return { request, decisions: this.decisions, response: null };
    const parts = this.explainHost();
    const path = parts === null ? null : this.explainTarget(parts);
    const entry = this.answer.found;
    const found = parts === null || path === null ? null : this.explainWay(parts, path, entry);
    if (reply === null) return { request, decisions: this.decisions, response: null };
    this.explainForm(reply.status, fields, parts);
    if (isRepresentation(entry)) this.explainSelection(entry, reply.status);
    return { request, decisions: this.decisions, response: this.response(reply, fields, parts, path, found) };
  }

  /** Whether it asks for a proof of control, which comes before the site; then what becomes of it is said. */
  private isForAuthority(): boolean {
    const { head } = this.answer;
    if (this.settings.tls.acme?.challenge !== "http-01") return false;
    if (this.site.site.canonicalPathOf(head)?.startsWith(CHALLENGE_FOLDER) !== true) return false;
    const place = this.places.at("tls", "acme", "challenge");
    const outcome = "a running server answers: what the certificate authority looks for, or 404; never a file";
    this.decide("challenge", CHALLENGE_FOLDER, outcome, "tls.acme.challenge", place);
    return true;
  }

  /** The host's parts; null where the request is refused whatever its path. */
  private explainHost(): HostParts | null {
    const { endpoint, head } = this.answer;
    const { unknown_host } = this.settings;
    const { parts, decision } = explainHost(this.site, unknown_host, head, endpoint !== "", this.places);
    this.decisions.push(decision);
    return parts;
  }

  /** The canonical path; null where the request is answered without one. */
  private explainTarget(parts: HostParts): RequestPath | null {
    const { head } = this.answer;
    if (head.method !== Method.Get && head.method !== Method.Head) {
      const decision = decideOtherMethod(parts.options, head);
      this.decisions.push(explainMethod(this.request.method, decision, parts, this.places));
      return null;
    }
    const raw = sentPathOf(head);
    this.decisions.push(...explainTarget(raw, parts, this.places));
    const path = requestPathFor(parts.options, raw, head);
    return typeof path === "number" ? null : path;
  }

  private explainWay(parts: HostParts, path: RequestPath, entry: PlainEntry | null): PathExplanation | null {
    const { endpoint, head } = this.answer;
    if (endpoint !== "") {
      const place = this.places.at("admin_prefix");
      this.decide("endpoint", endpoint, "the running server answers", "admin_prefix", place);
      if (endpoint.endsWith("/health")) return null;
      this.decide(
        "endpoint",
        "who may see it",
        this.settings.admin_allow.join(", "),
        "admin_allow",
        this.places.at("admin_allow"),
      );
      return null;
    }
    const found = explainPath(parts, path, queryOf(head), entry, this.answer.refusedBy, this.places);
    this.decisions.push(...found.decisions);
    return found;
  }

  private explainForm(status: number, fields: readonly SentField[], parts: HostParts | null): void {
    if (status < 300 || status === 304) return;
    const isOwnPage = this.errorPageOf(status, fields, parts) !== null;
    const decision = explainForm(this.answer.head, contentTypeOf(fields), isOwnPage);
    if (decision !== null) this.decisions.push(decision);
  }

  /** Why the site's own page is shown; null where another form is preferred, or there is none. */
  private errorPageOf(status: number, fields: readonly SentField[], parts: HostParts | null): Because | null {
    const { pages, rules } = parts ?? this.site.hosts[0]!;
    const page = pages.pageFor(status);
    if (page === null || page.contentType !== contentTypeOf(fields)) return null;
    return rules.errorPages.get(status)?.because ?? rules.notFoundPage.because;
  }

  /** Which representation, and how much of it. */
  private explainSelection(entry: FileEntry | ListingEntry, status: number): void {
    const { head } = this.answer;
    const selected = selectedFrom(entry, head, this.site.coder);
    const { replies } = selected;
    this.decisions.push(...explainCoding(head, entry, selected, this.site.coder, this.places));
    if (entry.kind === EntryKind.File && replies.lastModified.length === 0) {
      this.note("precondition", "no Last-Modified", "a time that packers write: conditions go by the tag");
    }
    this.decisions.push(...explainPreconditions(head, replies));
    if (selected.isKnownOtherwise) {
      const subject = `If-None-Match: ${head.value(Field.IfNoneMatch)}`;
      this.note("precondition", subject, "another coding of the same file: 304");
    }
    if (status !== 304 && status !== 412) this.decisions.push(...explainRange(head, replies));
  }

  private response(
    reply: Reply,
    fields: readonly SentField[],
    parts: HostParts | null,
    path: RequestPath | null,
    found: PathExplanation | null,
  ): Explanation["response"] {
    const sent: SentField[] = this.isLast() ? [...fields, ["Connection", "close"]] : [...fields];
    const making = this.makingOf(reply, sent, parts, path, found);
    const explained = sent.map((field): ExplainedField => {
      const { reason, because } = reasonOf(field, making);
      const [setting, place] = because === null ? ["", ""] : [because.setting, this.places.of(because)];
      return { name: field[0], value: field[1], reason, setting, place };
    });
    const removed = removals(sent, making.edits).map(({ name, because }): ExplainedField => {
      return {
        name,
        value: "",
        reason: "removed by a rule",
        setting: because.setting,
        place: this.places.of(because),
      };
    });
    const { status } = reply;
    const content_octets = reply.content.octetCount;
    return { status, reason: reasonPhrase(status), fields: explained, removed, content_octets };
  }

  private makingOf(
    { status }: Reply,
    fields: readonly SentField[],
    parts: HostParts | null,
    path: RequestPath | null,
    found: PathExplanation | null,
  ): Making {
    const { rules: plain } = parts ?? this.site.hosts[0]!;
    const rules = this.isSecure ? rulesForHttps(plain, strictTransportEdits(this.settings)) : plain;
    const entry = this.answer.found;
    const guards =
      found === null ? [] : [...found.plan.guards, ...(found.answering?.kind === "file" ? found.answering.guards : [])];
    const filePath = found?.answering?.kind === "file" ? found.answering.filePath : null;
    const isGuarded = guards.length > 0;
    const edits =
      path === null || found === null
        ? rules.securityEdits
        : entry?.kind === EntryKind.Redirect
          ? redirectEditsFor(rules, path, isGuarded)
          : editsFor(rules, path, filePath, isGuarded);
    const errorPage = this.errorPageOf(status, fields, parts);
    const because = found?.outcome?.because ?? null;
    // The tag of a file that was read is a hash of its octets, and contains no dot (site/load/validators.ts).
    const isHashed = entry?.kind === EntryKind.File && !entry.replies.fields.entityTag.includes(".");
    return { status, entry, edits, because, guard: this.answer.refusedBy, cors: rules.cors, errorPage, isHashed };
  }

  /** Whether the first request of a connection would be its last. */
  private isLast(): boolean {
    const { failure, head } = this.answer;
    if (failure !== null || !head.persistent || keepAliveOf(this.settings).endsWith(1)) return true;
    // Content that isn't asked for: what the client sends next is unknown (RFC 9110 §10.1.1).
    return head.expectContinue && !isAnswered(head.method);
  }

  private note(step: Decision["step"], subject: string, outcome: string): void {
    this.decide(step, subject, outcome, "", "");
  }

  private decide(step: Decision["step"], subject: string, outcome: string, setting: string, place: string): void {
    this.decisions.push(decisionOf(step, subject, outcome, setting, place));
  }
}

/** Explanations get copied into tickets: the password must not be in them. */
function withoutSecret([name, value]: readonly [string, string]): readonly [string, string] {
  return /^(?:proxy-)?authorization$|^cookie$/i.test(name)
    ? [name, value.replace(/^(\w+ )?.*$/s, "$1…")]
    : [name, value];
}

function contentTypeOf(fields: readonly SentField[]): string | null {
  return fields.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? null;
}

function isRepresentation(entry: PlainEntry | null): entry is FileEntry | ListingEntry {
  return entry?.kind === EntryKind.File || entry?.kind === EntryKind.Listing;
}

/**
 * A request answered by the real site, in this process: no socket, no server.
 *
 * In:    settings; a request's octets, and the scheme of the URL that was asked about.
 * Out:   the parsed head, the reply as it would be sent, and the entry it was made from.
 * Keeps: the lookup is the one that serves (site/lookup.ts), with an exchange of its own. Of an error page it is what the server
 *        answers once it has been compressed.
 */
import { endpointPaths } from "../../admin/endpoint.ts";
import { httpsPortOf, servesHttps } from "../../config/https.ts";
import type { Settings } from "../../config/settings.ts";
import { type ParseCode, PARSE_FAILURE, type ParseFailure } from "../../http/parse-code.ts";
import { parseRequestHead } from "../../http/parse-request-head.ts";
import type { Reply } from "../../http/reply.ts";
import { RequestHead, Scheme } from "../../http/request-head.ts";
import { type BuiltSite, buildSite, cacheFor, type SiteSurroundings } from "../../site/build-site.ts";
import type { PlainEntry } from "../../site/entry/plain-entry.ts";
import { Lookup } from "../../site/lookup.ts";
import type { AuthRule } from "../../site/rules/guard.ts";
import { HttpsRedirect } from "../../process/https-redirect.ts";
import { limitsOf } from "../../process/limits-of.ts";
import { MainApplication } from "../../process/main-application.ts";
import { AskedExchange } from "./asked-exchange.ts";
import type { SyntheticRequest } from "./synthetic-request.ts";

export interface SiteAnswer {
  readonly head: RequestHead;
  /** What is wrong with the request's form; null when it is well-formed. */
  readonly failure: ParseFailure | null;
  /** The canonical path, if an admin endpoint answers there; "" otherwise. */
  readonly endpoint: string;
  /** Whether plain HTTP answers with nothing but the way to HTTPS. */
  readonly isRedirected: boolean;
  /** Null where an admin endpoint answers. */
  readonly reply: Reply | null;
  /** What the path was found to mean; null where the answer needed no look at the file system, or the client may not know. */
  readonly found: PlainEntry | null;
  /** The guard that refused the client; null when there is none, or all admitted it. */
  readonly refusedBy: AuthRule | null;
}

export class AskableSite {
  /** As it answers requests by the scheme. */
  readonly built: BuiltSite;
  private readonly endpoints: ReadonlyMap<string, unknown>;
  private readonly isSecure: boolean;
  /** What answers by plain HTTP, where all is served by HTTPS; null otherwise. */
  private readonly redirect: HttpsRedirect | null;

  /** `scheme`: null for whichever the site is served by. */
  constructor(
    private readonly settings: Settings,
    scheme: SyntheticRequest["scheme"],
    surroundings: SiteSurroundings = {},
  ) {
    const built = buildSite(settings, cacheFor(settings), surroundings);
    const { secureHosts: hosts, secureSite: site } = built;
    const redirects = servesHttps(settings) && settings.tls.redirect;
    this.isSecure = servesHttps(settings) && (scheme === "https" || (scheme === null && redirects));
    this.built = this.isSecure ? { ...built, hosts, site } : built;
    this.endpoints = settings.admin_listen === null ? endpointPaths(settings.admin_prefix) : new Map();
    const ports = { http: settings.port, https: httpsPortOf(settings) };
    const plain = new MainApplication(built.site, { handles: (path) => this.endpoints.has(path), answerPath() {} });
    this.redirect = redirects && !this.isSecure ? new HttpsRedirect(plain, settings.server_header, ports) : null;
  }

  async ask(octets: Buffer): Promise<SiteAnswer> {
    const answer = await this.askOnce(octets);
    let { reply } = answer;
    // An error page doesn't wait for its coding, which the next client gets; one that gains nothing gives way to another.
    for (let making = this.built.coder.whenIdle(); making !== null; making = this.built.coder.whenIdle()) {
      await making;
      ({ reply } = await this.askOnce(octets));
    }
    return { ...answer, reply };
  }

  private async askOnce(octets: Buffer): Promise<SiteAnswer> {
    const limits = limitsOf(this.settings);
    const head = new RequestHead(limits.fieldCountMax, this.isSecure ? Scheme.Https : Scheme.Http);
    const end = parseRequestHead(octets, octets.length, head, limits);
    if (end >= 0) return this.answer(head);
    const failure = PARSE_FAILURE[-end as ParseCode];
    const reply = this.built.site.refusal(failure.status, head);
    return { ...NOTHING, head, failure, reply };
  }

  private async answer(head: RequestHead): Promise<SiteAnswer> {
    const { redirect } = this;
    const { site } = this.built;
    const nowMs = performance.now();
    if (redirect?.answersHere(head) === false) {
      return { ...NOTHING, head, isRedirected: true, reply: redirect.respond(head, nowMs) };
    }
    const known = site.respond(head, nowMs);
    if (known !== null) return { ...NOTHING, head, reply: known };
    const path = site.canonicalPathOf(head);
    if (path !== null && this.endpoints.has(path)) return { ...NOTHING, head, endpoint: path };
    return new Promise((resolve) => {
      const exchange = new AskedExchange(head, (reply) => {
        const { found, refusedBy } = lookup;
        found?.retain(); // to be explained
        resolve({ ...NOTHING, head, reply, found, refusedBy });
      });
      const lookup = new Lookup(site, exchange);
      lookup.start();
    });
  }
}

const NOTHING = { failure: null, endpoint: "", isRedirected: false, reply: null, found: null, refusedBy: null };

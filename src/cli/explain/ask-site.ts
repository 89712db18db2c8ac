/**
 * A request answered by the real site, in this process: no socket, no server.
 *
 * In:    settings; a request's octets.
 * Out:   the parsed head, the reply as it would be sent, and the entry it was made from.
 * Keeps: the lookup is the one that serves (site/lookup.ts), with an exchange of its own. Of an error page it is what the server
 *        answers once it has been compressed.
 */
import { endpointPaths } from "../../admin/endpoint.ts";
import type { Settings } from "../../config/settings.ts";
import { type ParseCode, PARSE_FAILURE, type ParseFailure } from "../../http/parse-code.ts";
import { parseRequestHead } from "../../http/parse-request-head.ts";
import type { Reply } from "../../http/reply.ts";
import { RequestHead, Scheme } from "../../http/request-head.ts";
import { httpsPortOf, servesHttps } from "../../config/https.ts";
import { redirectionToHttps } from "../../process/https-redirect.ts";
import type { Site } from "../../site/site.ts";
import { type BuiltSite, buildSite, cacheFor, type SiteSurroundings } from "../../site/build-site.ts";
import type { PlainEntry } from "../../site/entry/plain-entry.ts";
import { Lookup } from "../../site/lookup.ts";
import type { AuthRule } from "../../site/rules/guard.ts";
import { limitsOf } from "../../process/limits-of.ts";
import { AskedExchange } from "./asked-exchange.ts";

export interface SiteAnswer {
  readonly head: RequestHead;
  /** What is wrong with the request's form; null when it is well-formed. */
  readonly failure: ParseFailure | null;
  /** The canonical path, if an admin endpoint answers there; "" otherwise. */
  readonly endpoint: string;
  /** Null where an admin endpoint answers. */
  readonly reply: Reply | null;
  /** What the path was found to mean; null where the answer needed no look at the file system, or the client may not know. */
  readonly found: PlainEntry | null;
  /** It came by plain HTTP, where everything is served by HTTPS. */
  readonly isForHttps: boolean;
  /** The guard that refused the client; null when there is none, or all admitted it. */
  readonly refusedBy: AuthRule | null;
}

export class AskableSite {
  readonly built: BuiltSite;
  private readonly endpoints: ReadonlyMap<string, unknown>;

  constructor(
    private readonly settings: Settings,
    surroundings: SiteSurroundings = {},
  ) {
    this.built = buildSite(settings, cacheFor(settings), surroundings);
    this.endpoints = settings.admin_listen === null ? endpointPaths(settings.admin_prefix) : new Map();
  }

  /** `isSecure`: by HTTPS. */
  async ask(octets: Buffer, isSecure: boolean): Promise<SiteAnswer> {
    const answer = await this.askOnce(octets, isSecure);
    let { reply } = answer;
    // An error page doesn't wait for its coding, which the next client gets; one that gains nothing gives way to another.
    for (let making = this.built.coder.whenIdle(); making !== null; making = this.built.coder.whenIdle()) {
      await making;
      ({ reply } = await this.askOnce(octets, isSecure));
    }
    return { ...answer, reply };
  }

  private async askOnce(octets: Buffer, isSecure: boolean): Promise<SiteAnswer> {
    const limits = limitsOf(this.settings);
    const head = new RequestHead(limits.fieldCountMax, isSecure ? Scheme.Https : Scheme.Http);
    const end = parseRequestHead(octets, octets.length, head, limits);
    const redirection = end < 0 || isSecure ? null : this.redirectionOf(head);
    if (redirection !== null) return { ...NOTHING, head, reply: redirection, isForHttps: true };
    if (end >= 0) return this.answer(head, isSecure ? this.built.secureSite : this.built.site);
    const failure = PARSE_FAILURE[-end as ParseCode];
    const reply = this.built.site.refusal(failure.status, head);
    return { ...NOTHING, head, failure, reply };
  }

  /** Null where plain HTTP has an answer of its own. */
  private redirectionOf(head: RequestHead): Reply | null {
    const { built, settings } = this;
    if (!servesHttps(settings) || !settings.tls.redirect) return null;
    const ports = { http: settings.port, https: httpsPortOf(settings) };
    const isBehindProxy = settings.trusted_proxies.length > 0;
    const options = { serverField: settings.server_header, ports, isBehindProxy };
    return redirectionToHttps(head, options, (request) => {
      const path = built.site.canonicalPathOf(request);
      return path !== null && this.endpoints.has(path);
    });
  }

  private async answer(head: RequestHead, site: Site): Promise<SiteAnswer> {
    const known = site.respond(head, performance.now());
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

const NOTHING = { failure: null, endpoint: "", reply: null, found: null, refusedBy: null, isForHttps: false };

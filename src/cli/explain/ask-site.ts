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
import { RequestHead } from "../../http/request-head.ts";
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
    const head = new RequestHead(limits.fieldCountMax);
    const end = parseRequestHead(octets, octets.length, head, limits);
    if (end >= 0) return this.answer(head);
    const failure = PARSE_FAILURE[-end as ParseCode];
    const reply = this.built.site.refusal(failure.status, head);
    return { ...NOTHING, head, failure, reply };
  }

  private async answer(head: RequestHead): Promise<SiteAnswer> {
    const { site } = this.built;
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

const NOTHING = { failure: null, endpoint: "", reply: null, found: null, refusedBy: null };

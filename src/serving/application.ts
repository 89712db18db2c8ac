/**
 * What answers requests: the site, the admin endpoints; later back ends and handlers. It knows neither connections nor versions
 * of HTTP.
 *
 *   respond   at once, from what is known; leaves nothing behind
 *   answer    in its own time, where `respond` knew nothing
 */
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { Exchange } from "./exchange.ts";

/** What becomes of a request's content. */
export enum ContentWish {
  /** It is read and dropped, and the answer comes after it: a malformed chunk gets its 400. */
  Discard,
  /** The same; but where the client waits to be asked for it (Expect, RFC 9110 §10.1.1), it isn't, and gets its answer. */
  Decline,
  /** `answer` is called before the content has come, and takes it (exchange.ts). */
  Stream,
}

export enum Exemption {
  Nobody,
  /** Those who may see the admin endpoints. */
  Admins,
  Everybody,
}

export interface Application {
  /** The reply to a whole request, where it is known; null: ask for an `answer`. `nowMs`: the monotonic clock. */
  respond(request: RequestHead, nowMs: number): Reply | null;
  contentWish(request: RequestHead): ContentWish;
  /** Replies to the exchange, exactly once and not before it returns unless at once, or aborts it. */
  answer(exchange: Exchange): void;
  /** Whom the limits for clients don't concern with this request. `isUnknown`: `respond` knew no reply. */
  exemptionOf(request: RequestHead, isUnknown: boolean): Exemption;
  /** The reply to a request that isn't handed over: malformed, too late, one too many. */
  refusal(status: number, request: RequestHead): Reply;
}

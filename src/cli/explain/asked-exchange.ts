/**
 * An exchange without a client: a request that is asked about, and whoever wants to know its reply.
 *
 * Keeps: no content comes with the request, and nobody goes away before the reply.
 */
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { ContentSink, Exchange, RequestContent } from "../../serving/exchange.ts";

const NO_CONTENT: RequestContent = {
  octetCount: 0,
  pipe: (sink: ContentSink) => sink.end([]),
  collect: (_octetsMax, done) => done(Buffer.alloc(0)),
  resume() {},
};

export class AskedExchange implements Exchange {
  readonly content = NO_CONTENT;
  readonly clientAddress = "";
  readonly isAbandoned = false;
  onAbandoned: (() => void) | null = null;

  constructor(
    readonly request: RequestHead,
    readonly reply: (reply: Reply) => void,
  ) {}

  interim(): void {}

  abort(): void {
    throw new Error("the site replies to every request");
  }

  upgrade(): boolean {
    return false;
  }
}

/** An exchange that a test gives to an application, without a connection. */
import type { Reply } from "../../../src/http/reply.ts";
import type { RequestHead } from "../../../src/http/request-head.ts";
import type { Exchange, RequestContent } from "../../../src/serving/exchange.ts";
import { headOf } from "../../http/support/head-result.ts";

const NO_CONTENT: RequestContent = {
  octetCount: 0,
  pipe: (sink) => sink.end([]),
  collect: (_max, done) => done(Buffer.alloc(0)),
  resume() {},
};

export class FakeExchange implements Exchange {
  readonly content = NO_CONTENT;
  readonly request: RequestHead;
  readonly replies: Reply[] = [];
  readonly replied: Promise<Reply>;
  isAbandoned = false;
  onAbandoned: (() => void) | null = null;
  private tell!: (reply: Reply) => void;

  constructor(
    requestLine: string,
    readonly clientAddress = "127.0.0.1",
  ) {
    this.request = headOf(`${requestLine} HTTP/1.1\r\nHost: a\r\n\r\n`);
    this.replied = new Promise((resolve) => (this.tell = resolve));
  }

  reply(reply: Reply): void {
    this.replies.push(reply);
    this.tell(reply);
  }

  interim(): void {}

  abort(): void {
    throw new Error("nobody gives up");
  }

  upgrade(): boolean {
    return false;
  }
}

/**
 * What a connection with TLS has agreed on, as far as its requests are concerned.
 */
import type { RequestHead } from "../http/request-head.ts";
import type { LoggedTls } from "../log/logged-request.ts";

export interface Security {
  /** What the access log says of it; null where it says nothing. */
  readonly logged: LoggedTls | null;
  /**
   * Whether a request may come on this connection: whoever asked for one host, and was perhaps asked for a certificate by it, doesn't get
   * to another that wouldn't have let it in.
   */
  admits(head: RequestHead): boolean;
}

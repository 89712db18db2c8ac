/**
 * One request and its response, of any version of HTTP, as an application sees it.
 *
 * An application gives exactly one reply, or aborts. Until then the client may go away: then `isAbandoned`, and what is
 * still given is dropped. It is given, or aborted, all the same: until then the work that is done for it counts as the client's.
 * Both directions have back-pressure: content that isn't taken stays with the client, and a source is read as fast as the client
 * takes it.
 */
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { Link, SocketOwner } from "../socket/link.ts";

/** Takes a request's content as it comes. */
export interface ContentSink {
  /**
   * Takes `octets[start, end)`, which are lent for the time of the call. False: no more for now, until `content.resume()`.
   */
  take(octets: Buffer, start: number, end: number): boolean;
  /** The content is whole. `trailers`: the fields that followed it (RFC 9110 §6.5). */
  end(trailers: readonly FieldLine[]): void;
  /** The content will never be whole: the client is gone, or what it sent is malformed. */
  aborted(): void;
}

export interface RequestContent {
  /** How much is announced; 0: there is none; -1: its end shows in its framing. */
  readonly octetCount: number;
  /** Gives the content to `sink`, as fast as it takes it. A client that waits to be asked for it is asked now. */
  pipe(sink: ContentSink): void;
  /** The sink takes more. */
  resume(): void;
  /** Gives the content in one piece, or null: it has more than `octetsMax` octets, or will never be whole. In place of `pipe`. */
  collect(octetsMax: number, done: (content: Buffer | null) => void): void;
}

export interface Exchange {
  /** Its octets stay until the reply has been given. */
  readonly request: RequestHead;
  readonly content: RequestContent;
  /** The client's address as text; behind trusted proxies, the one they name. */
  readonly clientAddress: string;
  /** The client is gone; a reply would go nowhere. */
  readonly isAbandoned: boolean;
  /** Called once if the client goes before the reply has been given. */
  onAbandoned: (() => void) | null;
  reply(reply: Reply): void;
  /** An interim response (RFC 9110 §15.2), before the reply; never sent to HTTP/1.0 clients. */
  interim(status: number, fields: readonly FieldLine[]): void;
  /** There will be no reply, or not the rest of it: the client sees the connection or stream end. */
  abort(): void;
  /**
   * Switches protocols (RFC 9110 §7.8) in place of a reply: sends 101 with `fields`, Upgrade among them, and gives the link to the owner that `owner` makes.
   * It `received` what the client has sent after its request. False where this version, or this moment, doesn't allow it.
   */
  upgrade(fields: readonly FieldLine[], owner: (link: Link) => SocketOwner): boolean;
}

/**
 * A plain client of HTTP/1.1, over TLS if asked to: writes octets, awaits a number of responses, says what came.
 *
 * In:    port on 127.0.0.1, the octets of the request(s), how many responses they must give.
 * Out:   the parsed responses, and whether the server had closed the connection by then.
 * Units: milliseconds, octets.
 * Keeps: one connection per call; always ended and always bounded in time.
 * Fails: rejects with one sentence: refused, closed early, timed out, malformed.
 */
import { expectedEnd, parseResponse, type ParsedResponse } from "./response-octets.ts";

export interface Answer {
  responses: ParsedResponse[];
  /** The server ended the connection within `closeWaitMs` after the last response. */
  closed: boolean;
}

export interface ClientOptions {
  timeoutMs?: number;
  /** After the last response wait this long for the server to close; 0: don't. */
  closeWaitMs?: number;
  /** Over TLS; the certificate isn't verified. */
  isSecure?: boolean;
}

/** Received octets in one growing buffer. */
class Inbox {
  octets = new Uint8Array(65_536);
  length = 0;

  append(piece: Uint8Array): void {
    const needed = this.length + piece.length;
    if (needed > this.octets.length) {
      const larger = new Uint8Array(Math.max(needed, this.octets.length * 2));
      larger.set(this.octets.subarray(0, this.length));
      this.octets = larger;
    }
    this.octets.set(piece, this.length);
    this.length = needed;
  }

  all(): Uint8Array {
    return this.octets.subarray(0, this.length);
  }
}

export async function exchange(
  port: number,
  request: string,
  count: number,
  { timeoutMs = 20_000, closeWaitMs = 0, isSecure = false }: ClientOptions = {},
): Promise<Answer> {
  const inbox = new Inbox();
  const responses: ParsedResponse[] = [];
  let parsed = 0;
  let awaited = 0;
  const complete = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<boolean>();

  const takeResponses = (): void => {
    while (responses.length < count && inbox.length >= awaited) {
      const response = parseResponse(inbox.all(), parsed);
      if (!response) {
        // A large response is looked at again only when as much has come as its head promised.
        awaited = Math.max(inbox.length + 1, expectedEnd(inbox.all(), parsed));
        return;
      }
      responses.push(response);
      parsed = response.end;
      awaited = parsed + 1;
    }
    if (responses.length === count) complete.resolve();
  };

  const octets = Buffer.from(request, "latin1");
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    tls: isSecure ? { rejectUnauthorized: false } : false,
    socket: {
      open(self) {
        self.write(octets);
      },
      data(_self, piece) {
        inbox.append(piece);
        try {
          takeResponses();
        } catch (error) {
          complete.reject(error);
        }
      },
      close() {
        ended.resolve(true);
        complete.reject(new Error(`connection closed after ${responses.length} of ${count} responses`));
      },
      error(_self, error) {
        complete.reject(error);
      },
    },
  });
  const timer = setTimeout(() => complete.reject(new Error(`no response within ${timeoutMs} ms`)), timeoutMs);
  try {
    await complete.promise;
    const closed = closeWaitMs > 0 && (await Promise.race([ended.promise, Bun.sleep(closeWaitMs).then(() => false)]));
    if (inbox.length > parsed) throw new Error(`${inbox.length - parsed} octets after the last response`);
    return { responses, closed };
  } finally {
    clearTimeout(timer);
    socket.end();
  }
}

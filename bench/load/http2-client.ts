/**
 * A client of HTTP/2 for what is checked and not timed: one connection, whole responses.
 *
 * In:    port on 127.0.0.1, over TLS by ALPN or without it by prior knowledge.
 * Out:   status and content of each response.
 * Units: milliseconds.
 * Fails: rejects with one sentence: refused, not HTTP/2, reset, timed out.
 */
import { once } from "node:events";
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import type { Listener } from "./contender.ts";

export interface Http2Response {
  status: number;
  content: Uint8Array;
}

const TIMEOUT_MS = 20_000;

export class Http2Client implements AsyncDisposable {
  private constructor(private readonly session: ClientHttp2Session) {}

  static async connect(port: number, listener: Exclude<Listener, "http">): Promise<Http2Client> {
    const scheme = listener === "https" ? "https" : "http";
    const session = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
    await once(session, "connect", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    session.on("error", () => {}); // Its streams tell.
    return new Http2Client(session);
  }

  /** GET of a file of the document root, with these field lines besides. */
  async get(name: string, fieldLines: readonly string[] = []): Promise<Http2Response> {
    const fields = Object.fromEntries(fieldLines.map((line) => splitFieldLine(line)));
    const stream = this.session.request({ ":path": `/${name}`, ...fields });
    stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new Error(`/${name}: no response within ${TIMEOUT_MS} ms`)));
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => void pieces.push(piece));
    let status = 0;
    stream.on("response", (head: IncomingHttpHeaders) => void (status = Number(head[":status"])));
    stream.end();
    await once(stream, "end");
    return { status, content: Buffer.concat(pieces) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
  }
}

/** "Name: value" as HTTP/2 has it: names in lower case (RFC 9113 §8.2.1). */
export function splitFieldLine(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/**
 * What a response says about its connection and its message framing (RFC 9112 §6.1, §9.3, §9.6), and about its request, in place of
 * the empty line of a head that many responses share.
 */
import { textOf } from "../http/octets.ts";
import type { LoggedRequest } from "../log/logged-request.ts";

export enum FramingLine {
  /** HTTP/1.1 stays open by default, and Content-Length is among the head's fields. */
  None,
  Close,
  /** HTTP/1.0 stays open only if the response says so. */
  KeepAlive,
  Chunked,
  ChunkedClose,
}

const CLOSE = "Connection: close\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const LINES: readonly string[] = ["", CLOSE, "Connection: keep-alive\r\n", CHUNKED, CHUNKED + CLOSE];

/** By FramingLine: the lines, and the empty line behind them; null where the head's own empty line will do. */
export const ENDINGS: readonly (Buffer | null)[] = LINES.map((lines) =>
  lines === "" ? null : Buffer.from(`${lines}\r\n`, "latin1"),
);

/** The same, before it the field of the request's identifier (`request_id`). */
export function endingWithId(line: FramingLine, { id, idOctets }: LoggedRequest): Buffer {
  return Buffer.from(`X-Request-Id: ${textOf(id, 0, idOctets)}\r\n${LINES[line]!}\r\n`, "latin1");
}

export function isChunked(line: FramingLine): boolean {
  return line === FramingLine.Chunked || line === FramingLine.ChunkedClose;
}

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

/** What stands in place of a head's empty line. */
export class Ending {
  constructor(
    /** The lines, and the empty line behind them. */
    readonly octets: Buffer,
    readonly isChunked: boolean,
  ) {}
}

/** By FramingLine; the first is for none: the head's own empty line will do. */
const ENDINGS: readonly Ending[] = LINES.map((lines) => endingOf(lines));

/** Null where the head's own empty line will do. */
export function endingFor(line: FramingLine): Ending | null {
  return line === FramingLine.None ? null : ENDINGS[line]!;
}

/** The same, before it the field of the request's identifier (`request_id`). */
export function endingWithId(line: FramingLine, { id, idOctets }: LoggedRequest): Ending {
  return endingOf(`X-Request-Id: ${textOf(id, 0, idOctets)}\r\n${LINES[line]!}`);
}

function endingOf(lines: string): Ending {
  return new Ending(Buffer.from(`${lines}\r\n`, "latin1"), lines.includes(CHUNKED));
}

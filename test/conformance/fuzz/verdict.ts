/**
 * What a server makes of some octets: every response it gives until it closes.
 *
 * In:    pieces, sent one after the other; then the client shuts down its sending side.
 * Out:   `Verdict`: the responses as text that two plays can be compared by, and what is wrong with them in any case.
 * Units: milliseconds.
 * Keeps: interim responses are left out, since a server may omit 100 when the content is there already
 *        (RFC 9110 §10.1.1); field values are left out, since Date and the like may differ; content is not.
 */
import { type Address, Wire } from "../exchange.ts";
import { type Parsed, parseResponses, type Received } from "../response-parser.ts";

export interface Verdict {
  /** Such as `200:26:5d41402a 400:1158:…`. */
  readonly text: string;
  /** A breach of the framing, a hang, an impossible status; or null. */
  readonly fault: string | null;
  /** The server ended the connection with a reset. */
  readonly wasReset: boolean;
}

/** A server has this long after the client's last octet to answer and to close. */
export const HANG_MS = 8_000;

export async function playPieces(address: Address, pieces: readonly Uint8Array[]): Promise<Verdict> {
  const wire = await Wire.connect(address);
  try {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await pause(index);
      wire.send(piece);
    }
    wire.halfClose();
    await wire.until(() => false, HANG_MS);
    const mentionsHead = pieces.length > 0 && Buffer.concat(pieces).includes("HEAD");
    const parsed = parseWithGuess(wire.received, mentionsHead);
    return {
      text: parsed.responses.map(toText).join(" "),
      fault: findFault(parsed, wire.ending),
      wasReset: wire.ending === "reset",
    };
  } finally {
    wire.close();
  }
}

/** Now and then long enough for the server to have read what was sent so far; mostly just a turn of the loop. */
function pause(index: number): Promise<unknown> {
  return index % 3 === 0 ? Bun.sleep(1) : new Promise((resolve) => setImmediate(resolve));
}

/**
 * Which response answers HEAD is known only to the server, once an input is mutated: a response has no body if
 * the next one, or the end, comes where its body would begin. No fixture file begins like a status-line.
 */
function parseWithGuess(octets: Uint8Array, mentionsHead: boolean): Parsed {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  return parseResponses(octets, true, (_, bodyStart) => {
    if (!mentionsHead) return false;
    return bodyStart === octets.length || buffer.toString("latin1", bodyStart, bodyStart + 7) === "HTTP/1.";
  });
}

function toText(response: Received): string {
  const body = withoutBoundary(response);
  return `${response.status}:${body.length}:${Bun.hash.crc32(body).toString(16)}`;
}

/** The boundary of a multipart body may be another one each time (RFC 9110 §14.6). */
function withoutBoundary({ body, fieldLines }: Received): Uint8Array {
  const type = fieldLines.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const boundary = /^multipart\/byteranges.*boundary="?([^"\s]+)/i.exec(type)?.[1];
  return boundary ? Buffer.from(Buffer.from(body).toString("latin1").replaceAll(boundary, ""), "latin1") : body;
}

function findFault(parsed: Parsed, ending: string): string | null {
  if (ending === "open") return `did not close within ${HANG_MS} ms; ${parsed.responses.length} responses so far`;
  if (parsed.breach !== null && ending !== "reset") return parsed.breach;
  if (parsed.pendingInterim.includes(101)) return "switched protocols";
  const failed = parsed.responses.find((response) => response.status === 500);
  return failed ? "answered 500" : null;
}

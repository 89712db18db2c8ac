/**
 * Just enough of a response parser to check what a server sends before it is timed (RFC 9112 §4, §5, §6.3, §7.1).
 *
 * In:    octets received so far, and where a response begins in them.
 * Out:   `ParsedResponse`, or null while it isn't complete; `expectedEnd` when the head tells how long it will be.
 * Units: octets.
 * Keeps: pure; independent of src/http, so that a mistake there can't hide itself here.
 */

export interface ParsedResponse {
  status: number;
  /** By lower-case field name; several lines of one name are joined with ", ". */
  fields: Map<string, string>;
  content: Uint8Array;
  /** Offset after the last octet of this response. */
  end: number;
}

interface ResponseHead {
  status: number;
  fields: Map<string, string>;
  contentStart: number;
}

const latin1 = new TextDecoder("latin1");

function parseHead(octets: Uint8Array, start: number): ResponseHead | null {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const end = view.indexOf("\r\n\r\n", start, "latin1");
  if (end < 0) return null;
  const [statusLine, ...lines] = latin1.decode(octets.subarray(start, end)).split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine!);
  if (!match) throw new Error(`not a status line: ${statusLine!.slice(0, 60)}`);
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`not a field line: ${line.slice(0, 60)}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(match[1]), fields, contentStart: end + 4 };
}

function hasNoContent(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** Octets from `start` to the end of the response, once its head is there and has a Content-Length; else 0. */
export function expectedEnd(octets: Uint8Array, start: number): number {
  const head = parseHead(octets, start);
  if (!head) return 0;
  if (hasNoContent(head.status)) return head.contentStart;
  return head.contentStart + Number(head.fields.get("content-length") ?? 0);
}

/** The response at `start`, or null if more octets are needed. */
export function parseResponse(octets: Uint8Array, start: number): ParsedResponse | null {
  const head = parseHead(octets, start);
  if (!head) return null;
  const { status, fields, contentStart } = head;
  const empty = new Uint8Array(0);
  if (hasNoContent(status)) return { status, fields, content: empty, end: contentStart };
  if (fields.get("transfer-encoding")?.toLowerCase() === "chunked") return parseChunked(octets, head);
  const length = fields.get("content-length");
  if (length === undefined || !/^\d+$/.test(length)) throw new Error(`response without a length (status ${status})`);
  const end = contentStart + Number(length);
  return end > octets.length ? null : { status, fields, content: octets.subarray(contentStart, end), end };
}

function parseChunked(octets: Uint8Array, { status, fields, contentStart }: ResponseHead): ParsedResponse | null {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const pieces: Uint8Array[] = [];
  let at = contentStart;
  for (;;) {
    const lineEnd = view.indexOf("\r\n", at, "latin1");
    if (lineEnd < 0) return null;
    const size = parseInt(view.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("not a chunk size");
    at = lineEnd + 2;
    if (at + size + 2 > octets.length) return null;
    pieces.push(octets.subarray(at, at + size));
    at += size + 2;
    if (size === 0) return { status, fields, content: Buffer.concat(pieces), end: at };
  }
}

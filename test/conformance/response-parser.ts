/**
 * Responses out of the octets a server sent (RFC 9112 §4 to §7), strictly.
 *
 * Written independently of src/http on purpose: a mistake there must not hide itself here.
 * In:    all octets received so far, whether the server has closed, and which final responses answer HEAD.
 * Out:   the complete responses in order, the octets left over, and the first breach of the grammar if any.
 * Keeps: never throws; what follows a breach is not looked at.
 */

export type Framing = "none" | "length" | "chunked" | "close";

export interface Received {
  readonly version: string;
  readonly status: number;
  /** The status-line as received, without CRLF. */
  readonly statusLine: string;
  readonly fieldLines: readonly (readonly [name: string, value: string])[];
  readonly framing: Framing;
  readonly body: Uint8Array;
  /** Statuses of the interim responses that came before it. */
  readonly interim: readonly number[];
}

export interface Parsed {
  readonly responses: readonly Received[];
  /** Interim responses that no final one follows yet. */
  readonly pendingInterim: readonly number[];
  /** Octets after the last complete response. */
  readonly rest: Uint8Array;
  /** What is wrong with the octets, or null. */
  readonly breach: string | null;
}

/** The combined value (RFC 9110 §5.2) of a field, or null when absent. */
export function fieldValue(response: Received, name: string): string | null {
  const values = fieldLinesOf(response, name);
  return values.length === 0 ? null : values.join(", ");
}

export function fieldLinesOf(response: Received, name: string): string[] {
  const wanted = name.toLowerCase();
  return response.fieldLines.filter(([n]) => n.toLowerCase() === wanted).map(([, value]) => value);
}

class Breach extends Error {}

/** Thrown when more octets are needed. */
const INCOMPLETE = Symbol("incomplete");

/** Whether the final response of this index (from 0) answers HEAD; `bodyStart` is where a body would begin. */
export type AnswersHead = (index: number, bodyStart: number) => boolean;

export function parseResponses(octets: Uint8Array, closed: boolean, answersHead: AnswersHead): Parsed {
  const responses: Received[] = [];
  let interim: number[] = [];
  let offset = 0;
  let breach: string | null = null;
  try {
    while (offset < octets.length) {
      const parsed = parseOne(octets, offset, closed, (bodyStart) => answersHead(responses.length, bodyStart));
      offset = parsed.end;
      if (parsed.status < 200) {
        interim.push(parsed.status);
        if (parsed.status === 101) break;
        continue;
      }
      responses.push({ ...parsed, interim });
      interim = [];
    }
  } catch (problem) {
    if (problem instanceof Breach) breach = problem.message;
    else if (problem !== INCOMPLETE) throw problem;
    else if (closed && offset < octets.length) breach = "the connection ended within a response";
  }
  return { responses, pendingInterim: interim, rest: octets.subarray(offset), breach };
}

const STATUS_LINE = /^(HTTP\/\d\.\d) ([1-5]\d\d) ([\t \x21-\x7e\x80-\xff]*)$/;
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[ \t\x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;

function parseOne(octets: Uint8Array, start: number, closed: boolean, answersHead: (bodyStart: number) => boolean) {
  const headEnd = Buffer.from(octets.buffer, octets.byteOffset, octets.length).indexOf("\r\n\r\n", start, "latin1");
  if (headEnd < 0) {
    checkStartsLikeStatusLine(octets, start);
    throw INCOMPLETE;
  }
  const lines = Buffer.from(octets.subarray(start, headEnd)).toString("latin1").split("\r\n");
  const statusLine = lines.shift()!;
  const match = STATUS_LINE.exec(statusLine);
  if (!match) throw new Breach(`malformed status-line ${JSON.stringify(statusLine.slice(0, 80))}`);
  const fieldLines = lines.map((line) => {
    const field = FIELD_LINE.exec(line);
    if (!field) throw new Breach(`malformed field line ${JSON.stringify(line.slice(0, 80))}`);
    return [field[1]!, field[2]!] as const;
  });
  const status = Number(match[2]);
  const message = { version: match[1]!, status, statusLine, fieldLines };
  const bodyStart = headEnd + 4;
  const framing = framingOf(status, fieldLines, answersHead(bodyStart));
  switch (framing.kind) {
    case "none":
      return { ...message, framing: framing.kind, body: octets.subarray(bodyStart, bodyStart), end: bodyStart };
    case "length": {
      const end = bodyStart + framing.octets;
      if (end > octets.length) throw INCOMPLETE;
      return { ...message, framing: framing.kind, body: octets.subarray(bodyStart, end), end };
    }
    case "chunked": {
      const chunked = decodeChunked(octets, bodyStart);
      return { ...message, framing: framing.kind, body: chunked.body, end: chunked.end };
    }
    case "close":
      if (!closed) throw INCOMPLETE;
      return { ...message, framing: framing.kind, body: octets.subarray(bodyStart), end: octets.length };
  }
}

function checkStartsLikeStatusLine(octets: Uint8Array, start: number): void {
  const begin = Buffer.from(octets.subarray(start, start + 9)).toString("latin1");
  if (!/^(H|HT|HTT|HTTP|HTTP\/|HTTP\/1|HTTP\/1\.|HTTP\/1\.[01]|HTTP\/1\.[01] )$/.test(begin)) {
    throw new Breach(`octets that are no response: ${JSON.stringify(begin)}`);
  }
}

type FieldLines = readonly (readonly [string, string])[];
type BodyFraming = { kind: "none" | "chunked" | "close" } | { kind: "length"; octets: number };

/** RFC 9112 §6.3, for the recipient of a response. */
function framingOf(status: number, fieldLines: FieldLines, isHead: boolean): BodyFraming {
  const values = (name: string) => fieldLines.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  const lengths = values("content-length");
  const codings = values("transfer-encoding");
  if (lengths.length > 0 && codings.length > 0) throw new Breach("both Content-Length and Transfer-Encoding");
  if (lengths.length > 1) throw new Breach("more than one Content-Length");
  if (lengths.length === 1 && !/^\d{1,15}$/.test(lengths[0]!)) throw new Breach(`Content-Length ${lengths[0]}`);
  if ((status < 200 || status === 204) && lengths.length + codings.length > 0) {
    throw new Breach(`Content-Length or Transfer-Encoding in a ${status} response`);
  }
  if (isHead || status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (codings.length > 0) {
    if (codings.join(", ").toLowerCase() !== "chunked") throw new Breach(`Transfer-Encoding ${codings.join(", ")}`);
    return { kind: "chunked" };
  }
  if (lengths.length === 1) return { kind: "length", octets: Number(lengths[0]) };
  return { kind: "close" };
}

function decodeChunked(octets: Uint8Array, start: number): { body: Uint8Array; end: number } {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const chunks: Uint8Array[] = [];
  let offset = start;
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", offset, "latin1");
    if (lineEnd < 0) throw INCOMPLETE;
    const size = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;.*)?$/.exec(buffer.toString("latin1", offset, lineEnd));
    if (!size) throw new Breach("malformed chunk-size");
    const chunkOctets = parseInt(size[1]!, 16);
    offset = lineEnd + 2;
    if (chunkOctets === 0) break;
    if (offset + chunkOctets + 2 > octets.length) throw INCOMPLETE;
    chunks.push(octets.subarray(offset, offset + chunkOctets));
    offset += chunkOctets;
    if (buffer.toString("latin1", offset, offset + 2) !== "\r\n") throw new Breach("chunk-data without CRLF");
    offset += 2;
  }
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", offset, "latin1");
    if (lineEnd < 0) throw INCOMPLETE;
    const line = buffer.toString("latin1", offset, lineEnd);
    offset = lineEnd + 2;
    if (line === "") return { body: Buffer.concat(chunks), end: offset };
    if (!FIELD_LINE.test(line)) throw new Breach("malformed trailer field line");
  }
}

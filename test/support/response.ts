/**
 * A strict reader of HTTP/1.1 responses (RFC 9112 §4 to §7), so that tests notice what a lenient client forgives.
 *
 * In:    octets as they came, the method that was asked with, and whether the peer has closed.
 * Out:   `ClientResponse`, or null while octets are missing; throws `ResponseError` on anything the grammar forbids.
 * Units: octets.
 * Keeps: never reads past the response it was asked for, so pipelined answers come out one by one.
 */

export class ResponseError extends Error {
  override name = "ResponseError";
}

export interface ResponseHead {
  readonly minorVersion: number;
  readonly status: number;
  readonly reason: string;
  /** Field lines in the order they came, names as they were spelt. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Octets of status line and field section, with the empty line. */
  readonly octets: number;
}

/** How the end of the message body is found (RFC 9112 §6.3). */
export type BodyFraming =
  { kind: "none" } | { kind: "length"; octets: number } | { kind: "chunked" } | { kind: "until-close" };

export class ClientResponse {
  constructor(
    readonly head: ResponseHead,
    readonly body: Uint8Array,
    /** Interim (1xx) responses that came before this one. */
    readonly interim: readonly ResponseHead[],
  ) {}

  get status(): number {
    return this.head.status;
  }

  get reason(): string {
    return this.head.reason;
  }

  get text(): string {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.body);
  }

  /** The value of the only line with that name, null without one; several lines are an error in every test we have. */
  field(name: string): string | null {
    return fieldOf(this.head, name);
  }

  has(name: string): boolean {
    return this.field(name) !== null;
  }
}

export function fieldOf(head: ResponseHead, name: string): string | null {
  const wanted = name.toLowerCase();
  const lines = head.fields.filter(([name]) => name.toLowerCase() === wanted);
  if (lines.length > 1) throw new ResponseError(`field ${name} came ${lines.length} times`);
  return lines[0]?.[1] ?? null;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9]) ([\t \x21-\x7e\x80-\xff]*)$/;
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/;

/** Reads the head that begins at `start`; null while its empty line has not come. */
export function parseResponseHead(bytes: Buffer, start: number): ResponseHead | null {
  const at = bytes.indexOf(HEAD_END, start);
  if (at < 0) return null;
  const [statusLine, ...fieldLines] = bytes.toString("latin1", start, at).split("\r\n");
  const status = STATUS_LINE.exec(statusLine!);
  if (!status) throw new ResponseError(`bad status line ${JSON.stringify(statusLine)}`);
  const fields = fieldLines.map((line) => {
    const match = FIELD_LINE.exec(line);
    if (!match) throw new ResponseError(`bad field line ${JSON.stringify(line)}`);
    return [match[1]!, match[2]!] as const;
  });
  return {
    minorVersion: Number(status[1]),
    status: Number(status[2]),
    reason: status[3]!,
    fields,
    octets: at + HEAD_END.length - start,
  };
}

/** Message body length of a response (RFC 9112 §6.3), refusing what a sender must not send (RFC 9112 §6.1, §6.2). */
export function bodyFraming(head: ResponseHead, method: string): BodyFraming {
  const length = fieldOf(head, "Content-Length");
  const coding = fieldOf(head, "Transfer-Encoding");
  if (length !== null && !/^[0-9]+$/.test(length)) throw new ResponseError(`bad Content-Length ${length}`);
  if (length !== null && coding !== null) throw new ResponseError("Content-Length beside Transfer-Encoding");
  const interim = head.status < 200;
  if ((interim || head.status === 204) && (length !== null || coding !== null)) {
    throw new ResponseError(`message framing fields in a ${head.status}`);
  }
  if (interim || head.status === 204 || head.status === 304 || method === "HEAD") return { kind: "none" };
  if (coding !== null) {
    if (coding.toLowerCase() !== "chunked") throw new ResponseError(`unknown transfer coding ${coding}`);
    return { kind: "chunked" };
  }
  return length === null ? { kind: "until-close" } : { kind: "length", octets: Number(length) };
}

/**
 * Decodes a chunked body that begins at `start`; null while it is not whole.
 * Returns the content and the offset after the last octet of the body.
 */
export function parseChunkedBody(bytes: Buffer, start: number): { body: Uint8Array; end: number } | null {
  const pieces: Uint8Array[] = [];
  let at = start;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const line = bytes.toString("latin1", at, lineEnd);
    if (!/^[0-9A-Fa-f]+$/.test(line)) throw new ResponseError(`bad chunk size ${JSON.stringify(line)}`);
    const octets = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (bytes.length < at + octets + 2) return null;
    if (bytes.toString("latin1", at + octets, at + octets + 2) !== "\r\n")
      throw new ResponseError("chunk without CRLF");
    pieces.push(bytes.subarray(at, at + octets));
    at += octets + 2;
    if (octets === 0) return { body: Buffer.concat(pieces), end: at };
  }
}

/**
 * A strict reader of multipart/byteranges (RFC 9110 §14.6, RFC 2046 §5.1.1).
 *
 * In:    a 206 response with such a body. Out: its parts, in order.
 * Keeps: throws on anything that a simple-minded client would stumble over: octets outside the parts, a part whose length
 *        isn't the one that its Content-Range says, a part without Content-Type, a missing close-delimiter.
 */
import type { ClientResponse } from "./response.ts";

export interface BodyPart {
  readonly first: number;
  readonly last: number;
  readonly size: number;
  readonly contentType: string;
  readonly content: Buffer;
}

const PART_HEAD = /^Content-Type: ([^\r\n]+)\r\nContent-Range: bytes (\d+)-(\d+)\/(\d+)\r\n\r\n/;

export function partsOf(response: ClientResponse): BodyPart[] {
  const boundary = /^multipart\/byteranges; boundary=([0-9A-Za-z]{1,70})$/.exec(response.field("Content-Type") ?? "");
  if (boundary === null) throw new Error(`no multipart/byteranges: ${response.field("Content-Type")}`);
  const delimiter = `--${boundary[1]}`;
  const body = Buffer.from(response.body);
  const parts: BodyPart[] = [];
  // An empty line comes before the first boundary: some clients expect it.
  if (body.toString("latin1", 0, 2) !== "\r\n") throw new Error("no empty line before the first part");
  let at = 2;
  for (;;) {
    if (body.toString("latin1", at, at + delimiter.length) !== delimiter) throw new Error(`no delimiter at ${at}`);
    at += delimiter.length;
    if (body.toString("latin1", at) === "--\r\n") return parts;
    if (body.toString("latin1", at, at + 2) !== "\r\n") throw new Error(`no line end at ${at}`);
    at += 2;
    const head = PART_HEAD.exec(body.toString("latin1", at, at + 1024));
    if (head === null) throw new Error(`no part head at ${at}`);
    at += head[0].length;
    const [first, last, size] = head.slice(2).map(Number) as [number, number, number];
    const content = body.subarray(at, at + last - first + 1);
    parts.push({ first, last, size, contentType: head[1]!, content });
    at += content.length;
    if (body.toString("latin1", at, at + 2) !== "\r\n") throw new Error(`no line end behind the part at ${at}`);
    at += 2;
  }
}

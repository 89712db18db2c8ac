/** What lines of all formats have in common. */
import { putOctets } from "./escape.ts";

const encoder = new TextEncoder();
export const octetsOfText = (text: string): Uint8Array => encoder.encode(text);

const PROTOCOL = octetsOfText("HTTP/");
const ZERO = 0x30;
const DOT = 0x2e;

/** `HTTP/1.1` of 11. Returns the offset after it. */
export function putVersion(version: number, out: Uint8Array, start: number): number {
  const at = putOctets(PROTOCOL, PROTOCOL.length, out, start);
  const major = (version / 10) | 0;
  out[at] = ZERO + major;
  out[at + 1] = DOT;
  out[at + 2] = ZERO + (version - major * 10);
  return at + 3;
}

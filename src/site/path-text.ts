/**
 * The path of a request as a string, made only when it differs from that of the previous request.
 *
 * Why:   requests for one path come in rows: pipelined, or from many clients of a page that is in demand. Comparing
 *        octets costs a third of making a string and hashing it (bench/micro/cached-request.bench.ts: 16 pipelined
 *        requests 2.9 to 2.5 us).
 * Keeps: allocates nothing but the string.
 */
import { textOf } from "../http/octets.ts";

/** Longer paths are not remembered. */
const REMEMBERED_OCTETS_MAX = 64;

export class PathText {
  private readonly octets = new Uint8Array(REMEMBERED_OCTETS_MAX);
  private count = 0;
  private text = "";

  /** The text of `bytes[start, end)`. */
  of(bytes: Uint8Array, start: number, end: number): string {
    return this.isSame(bytes, start, end - start) ? this.text : this.make(bytes, start, end);
  }

  private isSame(bytes: Uint8Array, start: number, count: number): boolean {
    const { octets } = this;
    if (count !== this.count) return false;
    for (let index = 0; index < count; index++) {
      if (bytes[start + index] !== octets[index]) return false;
    }
    return true;
  }

  private make(bytes: Uint8Array, start: number, end: number): string {
    const count = end - start;
    const text = textOf(bytes, start, end);
    if (count > REMEMBERED_OCTETS_MAX) return text;
    for (let index = 0; index < count; index++) this.octets[index] = bytes[start + index]!;
    this.count = count;
    return (this.text = text);
  }
}

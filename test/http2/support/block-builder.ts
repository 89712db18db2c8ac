/** Blocks put together by hand, as any encoder could (RFC 7541 §6): every form, and every way of writing a string. */
import { octetsOf } from "../../../src/http/octets.ts";
import { encodeHuffman } from "./coded-text.ts";
import { integerRest } from "./decoding.ts";

export enum Literal {
  WithIndexing,
  WithoutIndexing,
  NeverIndexed,
}

const FIRST_OCTET = [0x40, 0x00, 0x10];
const PREFIX = [0x3f, 0x0f, 0x0f];

export class BlockBuilder {
  private readonly octets: number[] = [];

  get block(): Buffer {
    return Buffer.from(this.octets);
  }

  raw(...octets: number[]): this {
    this.octets.push(...octets);
    return this;
  }

  indexed(index: number): this {
    return this.integer(index, 0x7f, 0x80);
  }

  sizeUpdate(octets: number): this {
    return this.integer(octets, 0x1f, 0x20);
  }

  /** `name`: a text, or an index. */
  literal(form: Literal, name: string | number, value: string, isHuffman = true): this {
    this.integer(typeof name === "number" ? name : 0, PREFIX[form]!, FIRST_OCTET[form]!);
    if (typeof name === "string") this.string(name, isHuffman);
    return this.string(value, isHuffman);
  }

  string(text: string, isHuffman: boolean): this {
    const octets = isHuffman ? encodeHuffman(text) : octetsOf(text);
    return this.integer(octets.length, 0x7f, isHuffman ? 0x80 : 0).raw(...octets);
  }

  integer(value: number, prefix: number, flags: number): this {
    return value < prefix ? this.raw(flags | value) : this.raw(flags | prefix, ...integerRest(value - prefix));
  }
}

/** Huffman-coded text, in octets of its own. */
import { textOf } from "../../../src/http/octets.ts";
import { codedOctets, putHuffman } from "../../../src/http2/huffman-code.ts";

export function encodeHuffman(text: string | Uint8Array): Uint8Array {
  const latin1 = typeof text === "string" ? text : textOf(text, 0, text.length);
  const coded = new Uint8Array(codedOctets(latin1));
  if (putHuffman(latin1, coded, 0) !== coded.length) throw new Error(`${latin1} takes another number of octets`);
  return coded;
}

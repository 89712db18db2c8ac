/** RFC 7541 §5, §6: integers, strings, representations, and blocks that can't be decoded. */
import { continuation, frame, headers, octets } from "../frames.ts";
import { huffmanOctets, indexed, integer, literal, stringLiteral } from "../hpack/encoder.ts";
import { bitsToOctets, CODES, encodeHuffman, EOS } from "../hpack/huffman.ts";
import { staticIndex } from "../hpack/static-table.ts";
import { Flag, FrameType } from "../protocol.ts";
import {
  connectionError,
  type H2Row,
  type H2SectionGroup,
  isConnectionError,
  type Opening,
  type PayloadPart,
  serves,
} from "../row.ts";
import { BLOCK, BUT_PATH, FILE, GET, nameOf, NEWEST, PATH } from "./hpack-requests.ts";

const decodes = (name: string, section: string, ...send: H2Row["send"]): H2Row => ({
  name: `decodes ${name}`,
  section,
  level: "must",
  send,
  expect: serves(FILE),
});

/** A request of those parts beside the pseudo-header fields. */
const decodesBlock = (name: string, section: string, ...parts: PayloadPart[]): H2Row =>
  decodes(name, section, headers(1, parts));

const wrong = (
  what: string,
  section: string,
  parts: readonly PayloadPart[],
  before: H2Row["send"] = [],
  opening?: Opening,
): H2Row[] =>
  isConnectionError(
    {
      what,
      section,
      send: [...before, headers(before.length > 0 ? 3 : 1, [...BLOCK, ...parts])],
      ...(opening ? { opening } : {}),
    },
    "COMPRESSION_ERROR",
  );

/** A literal whose integer or string is cut short by the end of the block. */
const truncated = (what: string, part: Uint8Array): H2Row[] =>
  wrong(`a field block that ends within ${what}`, "RFC 7541 §5", [part]);

export const REPRESENTATION_ROWS: H2SectionGroup = {
  title: "RFC 7541 §5, §6 HPACK representations",
  rows: [
    decodesBlock(
      "indexed field lines of the static table",
      "RFC 7541 §6.1",
      GET,
      [":scheme", "{scheme}"],
      [":authority", "{host}"],
      literal(PATH, FILE),
    ),
    decodesBlock(
      "a literal with incremental indexing",
      "RFC 7541 §6.2.1",
      ...BUT_PATH,
      literal(PATH, FILE, "indexing"),
    ),
    decodesBlock("a literal without indexing", "RFC 7541 §6.2.2", ...BUT_PATH, literal(PATH, FILE, "plain")),
    decodesBlock("a literal never indexed", "RFC 7541 §6.2.3", ...BUT_PATH, literal(PATH, FILE, "never")),
    decodesBlock(
      "a literal with incremental indexing and a new name",
      "RFC 7541 §6.2.1",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "indexing"),
    ),
    decodesBlock(
      "a literal without indexing and with a new name",
      "RFC 7541 §6.2.2",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "plain"),
    ),
    decodesBlock(
      "a literal never indexed with a new name",
      "RFC 7541 §6.2.3",
      ...BUT_PATH,
      literal(nameOf(":path"), FILE, "never"),
    ),
    decodesBlock("a Huffman-coded value", "RFC 7541 §5.2", ...BUT_PATH, literal(PATH, FILE, "plain", true)),
    decodesBlock(
      "a Huffman-coded name and value",
      "RFC 7541 §5.2",
      ...BUT_PATH,
      literal(stringLiteral(":path", true), FILE, "indexing", true),
    ),
    decodesBlock(
      "a Huffman-coded empty value",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(nameOf("x-test"), huffmanOctets(new Uint8Array(0))),
    ),
    decodesBlock(
      "every printable character in Huffman code",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(
        nameOf("x-test"),
        Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join(""),
        "plain",
        true,
      ),
    ),
    decodesBlock(
      "obs-text in Huffman code",
      "RFC 7541 §5.2",
      ...BLOCK,
      literal(
        nameOf("x-test"),
        Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index)).join(""),
        "indexing",
        true,
      ),
    ),
    decodesBlock(
      "a value longer than seven bits can say",
      "RFC 7541 §5.1",
      ...BLOCK,
      literal(nameOf("x-test"), "x".repeat(1_000)),
    ),
    decodesBlock(
      "a name of the static table whose index needs a second octet",
      "RFC 7541 §5.1",
      ...BLOCK,
      literal(staticIndex("user-agent"), "test", "plain"),
    ),
    decodesBlock(
      "every field of the static table that may be in a request",
      "RFC 7541 §A",
      ...BLOCK,
      ...[
        "accept-charset",
        "accept-language",
        "accept",
        "authorization",
        "cookie",
        "from",
        "max-forwards",
        "referer",
        "user-agent",
        "via",
      ].map((name) => literal(staticIndex(name), "1")),
    ),
    decodesBlock(
      "a name of one table and a value in Huffman code, never indexed",
      "RFC 7541 §6.2.3",
      ...BUT_PATH,
      literal(PATH, FILE, "never", true),
    ),
    ...wrong("index 0", "RFC 7541 §6.1", [indexed(0)]),
    ...wrong("an index beyond the static table while the dynamic one is empty", "RFC 7541 §2.3.3", [indexed(NEWEST)]),
    ...wrong("an index beyond both tables", "RFC 7541 §2.3.3", [
      literal(nameOf("x-test"), "1", "indexing"),
      indexed(NEWEST + 1),
    ]),
    ...wrong("an index of five octets beyond both tables", "RFC 7541 §2.3.3", [indexed(0x0fff_ffff)]),
    ...wrong("a name beyond both tables", "RFC 7541 §2.3.3", [literal(70, "1")]),
    ...wrong("a name to be indexed beyond both tables", "RFC 7541 §2.3.3", [literal(70, "1", "indexing")]),
    ...wrong("an integer beyond any table", "RFC 7541 §5.1", [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
    ]),
    ...wrong("an integer of 2³² and some", "RFC 7541 §5.1", [Uint8Array.of(0xff, 0x83, 0xff, 0xff, 0xff, 0x1f)]),
    ...wrong("an integer without end", "RFC 7541 §5.1", [new Uint8Array(200).fill(0xff)]),
    ...wrong("a string length of 2³²", "RFC 7541 §5.2", [Uint8Array.of(0x00, 0x7f, 0x81, 0xff, 0xff, 0xff, 0x0f)]),
    {
      name: "decodes an integer of more octets than it needs, or treats it as a decoding error",
      section: "RFC 7541 §5.1",
      level: "must",
      send: [headers(1, [...BLOCK, integer(staticIndex("user-agent"), 4, 0x00, 3), stringLiteral("test")])],
      expect: [serves(FILE), connectionError("COMPRESSION_ERROR")],
    },
    ...truncated("an index", Uint8Array.of(0xff)),
    ...truncated("an integer", Uint8Array.of(0xff, 0x80)),
    ...truncated("a literal's name index", Uint8Array.of(0x0f)),
    ...truncated("a name's length", Uint8Array.of(0x00)),
    ...truncated("a name", Uint8Array.of(0x00, 0x05, 0x78, 0x2d)),
    ...truncated("a value's length", Uint8Array.of(0x00, 0x01, 0x78)),
    ...truncated("a value", Uint8Array.of(0x00, 0x01, 0x78, 0x04, 0x31)),
    ...truncated("a Huffman-coded value", Uint8Array.of(0x00, 0x01, 0x78, 0x84, 0xff)),
    ...truncated("a table size update", Uint8Array.of(0x3f)),
    ...wrong("Huffman padding of more than seven bits", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(Buffer.concat([encodeHuffman("test"), Uint8Array.of(0xff)]))),
    ]),
    ...wrong("Huffman padding of eight bits and nothing else", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(Uint8Array.of(0xff))),
    ]),
    ...wrong("Huffman padding of zeros", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}000`))),
    ]),
    ...wrong("Huffman padding that isn't all ones", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}110`))),
    ]),
    ...wrong("EOS in a Huffman-coded value", "RFC 7541 §5.2", [
      literal(nameOf("x-test"), huffmanOctets(bitsToOctets(`${CODES.get(EOS)!}11`))),
    ]),
    ...wrong("EOS within a Huffman-coded value", "RFC 7541 §5.2", [
      literal(
        nameOf("x-test"),
        huffmanOctets(bitsToOctets(padded(`${CODES.get(0x61)!}${CODES.get(EOS)!}${CODES.get(0x61)!}`))),
      ),
    ]),
    ...wrong("Huffman padding of zeros in a name", "RFC 7541 §5.2", [
      literal(huffmanOctets(bitsToOctets(`${CODES.get(0x61)!}000`)), "1", "indexing"),
    ]),
    ...isConnectionError(
      {
        what: "a decoding error in trailers",
        section: "RFC 9113 §4.3",
        send: [headers(1, BLOCK, { end: false }), headers(1, [indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "a decoding error in CONTINUATION",
        section: "RFC 9113 §4.3",
        send: [headers(1, BLOCK, { endHeaders: false }), continuation(1, [indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "a decoding error in a request that is malformed, too",
        section: "RFC 9113 §4.3",
        send: [headers(1, [["X-Upper", "1"], ...BLOCK, indexed(0)])],
      },
      "COMPRESSION_ERROR",
    ),
    ...isConnectionError(
      {
        what: "octets that are no field block",
        section: "RFC 9113 §4.3",
        send: [
          frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, 1, octets("GET / HTTP/1.1\r\nhost: a\r\n\r\n")),
        ],
      },
      "COMPRESSION_ERROR",
    ),
  ],
};

function padded(bits: string): string {
  return bits + "1".repeat((8 - (bits.length % 8)) % 8);
}
